"""The access keys, prepared for checking signatures, in memory."""

from waypost.api.authentication import prepare_key
from waypost.api.caller import Caller
from waypost.api.errors.catalogue import ApiError
from waypost.api.security_token import TEMPORARY, open_token
from waypost.api.signatures.checks import SigningKey
from waypost.model import codes
from waypost.model.configuration import Configuration
from waypost.storage.secrets import SecretBox

# Of sessions that call at the same time; one that falls out costs some microseconds at its next call.
_OPENED_TOKENS = 4096


class LiveKeyRing:
    """Prepares each key at its first call; a changed configuration starts it afresh.

    Args:
        box: opens the secrets.
    """

    def __init__(self, box: SecretBox) -> None:
        self._box = box
        self._configuration = Configuration()
        self._prepared: dict[str, SigningKey] = {}
        self._opened: dict[str, SigningKey] = {}

    def replace(self, configuration: Configuration) -> None:
        """Takes a new snapshot of the configuration."""
        self._configuration = configuration
        self._prepared = {}

    def find(self, access_key_id: str, security_token: str = "") -> SigningKey | None:
        """The key with that id, whether enabled or not, over or not; None if there is none.

        Raises:
            ApiError: the token of a temporary key is missing, is none, or is another key's.
            SecretsError: its secret was encrypted with another key file.
        """
        if security_token or access_key_id.startswith(TEMPORARY):
            return self._temporary(access_key_id, security_token)
        prepared = self._prepared.get(access_key_id)
        if prepared is not None:
            return prepared
        key = self._configuration.keys.get(access_key_id)
        if key is None:
            return None
        prepared = prepare_key(
            access_key_id,
            self._box.decrypt(key.secret, access_key_id),
            key.enabled,
            Caller(key.account_id, key.user_id),
        )
        self._prepared[access_key_id] = prepared
        return prepared

    def _temporary(self, access_key_id: str, security_token: str) -> SigningKey:
        if not security_token:
            raise ApiError(codes.MISSING_SECURITY_TOKEN, f"AccessKeyId {access_key_id} is a temporary one.")
        key = self._opened.get(security_token)
        if key is None:
            key = open_token(self._box, security_token)
            if len(self._opened) >= _OPENED_TOKENS:
                del self._opened[next(iter(self._opened))]
            self._opened[security_token] = key
        if key.access_key_id != access_key_id:
            raise ApiError(
                codes.INVALID_SECURITY_TOKEN_MISMATCH_WITH_ACCESS_KEY,
                f"It was not issued with the AccessKeyId {access_key_id}.",
            )
        return key
