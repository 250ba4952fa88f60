"""The access keys, prepared for checking signatures, in memory."""

from waypost.api.authentication import SigningKey
from waypost.api.caller import Caller
from waypost.model.directory import Directory
from waypost.storage.secrets import SecretBox


class LiveKeyRing:
    """Prepares each key at its first call; a changed configuration starts it afresh.

    Args:
        box: opens the secrets.
    """

    def __init__(self, box: SecretBox) -> None:
        self._box = box
        self._directory = Directory()
        self._prepared: dict[str, SigningKey] = {}

    def replace(self, directory: Directory) -> None:
        """Takes a new snapshot of the configuration."""
        self._directory = directory
        self._prepared = {}

    def find(self, access_key_id: str) -> SigningKey | None:
        """The key with that id, whether enabled or not.

        Raises:
            SecretsError: its secret was encrypted with another key file.
        """
        prepared = self._prepared.get(access_key_id)
        if prepared is not None:
            return prepared
        key = self._directory.keys.get(access_key_id)
        if key is None:
            return None
        prepared = SigningKey.prepare(
            access_key_id,
            self._box.open(key.secret, access_key_id),
            key.enabled,
            Caller(key.account_id, key.user_id),
        )
        self._prepared[access_key_id] = prepared
        return prepared
