"""Looks up the access keys of the configuration and of sessions, prepared to check signatures."""

from waypost.api.authentication import prepare_key
from waypost.api.caller import Caller
from waypost.api.errors.catalogue import ApiError
from waypost.api.security_token import decrypt_token
from waypost.api.signatures.checks import TEMPORARY, SigningKey
from waypost.model import codes
from waypost.model.access.principals import AccessKey
from waypost.model.configuration import Configuration
from waypost.model.entries import entry_key, kind_of
from waypost.model.entry_changes import ConfigurationUpdate
from waypost.storage.secrets import SecretBox

# Tokens in the cache; one that was evicted costs some microseconds at its next call.
_CACHED_TOKENS = 4096
_KEY = kind_of(AccessKey)


class LiveKeyRing:
    """Finds access keys; prepares each at its first use, and again after it was changed.

    Args:
        secret_box: decrypts the secrets and the tokens of sessions.
    """

    def __init__(self, secret_box: SecretBox) -> None:
        self._secret_box = secret_box
        self._configuration = Configuration()
        self._lasting_keys: dict[str, SigningKey] = {}
        self._temporary_keys: dict[str, SigningKey] = {}
        self._generation = secret_box.generation

    def apply(self, configuration: Configuration, update: ConfigurationUpdate) -> None:
        """Replaces the snapshot whose keys are found, and drops the prepared keys that were changed.

        Args:
            update: what made the snapshot of the one before.
        """
        self._configuration = configuration
        if update.whole:
            self._lasting_keys = {}
            return
        for kind, id_ in (*map(entry_key, update.changed), *update.removed):
            if kind == _KEY:
                self._lasting_keys.pop(id_, None)

    def find(self, access_key_id: str, security_token: str = "") -> SigningKey | None:
        """The key with that id, enabled or not, expired or not; None if there is none.

        Raises:
            ApiError: the token of a temporary key is missing, malformed, or belongs to another key.
            SecretsError: the secret was encrypted with another key file.
        """
        if security_token or access_key_id.startswith(TEMPORARY):
            return self._temporary_key(access_key_id, security_token)
        prepared = self._lasting_keys.get(access_key_id)
        if prepared is not None:
            return prepared
        key = self._configuration.keys.get(access_key_id)
        if key is None:
            return None
        prepared = prepare_key(
            access_key_id,
            self._secret_box.decrypt(key.secret, access_key_id),
            key.enabled,
            Caller(key.account_id, key.user_id),
            ends_at=None if key.ends_at is None else key.ends_at // 1000,
        )
        self._lasting_keys[access_key_id] = prepared
        return prepared

    def _temporary_key(self, access_key_id: str, security_token: str) -> SigningKey:
        if not security_token:
            raise ApiError(codes.MISSING_SECURITY_TOKEN, f"AccessKeyId {access_key_id} is a temporary one.")
        if self._generation != self._secret_box.generation:
            self._generation = self._secret_box.generation
            self._temporary_keys = {}
        key = self._temporary_keys.get(security_token)
        if key is None:
            key = decrypt_token(self._secret_box, security_token)
            if len(self._temporary_keys) >= _CACHED_TOKENS:
                del self._temporary_keys[next(iter(self._temporary_keys))]
            self._temporary_keys[security_token] = key
        if key.access_key_id != access_key_id:
            raise ApiError(
                codes.INVALID_SECURITY_TOKEN_MISMATCH_WITH_ACCESS_KEY,
                f"It was not issued with the AccessKeyId {access_key_id}.",
            )
        return key
