"""The paths of the files in the data folder."""

from pathlib import Path

from waypost.config.settings import Settings
from waypost.storage.opening import holds_keys
from waypost.storage.secrets import SecretBox


def database_path(settings: Settings) -> Path:
    """The path of the database file."""
    return Path(settings.store.data) / "waypost.db"


def secret_key_path(settings: Settings) -> Path:
    """The path of the key file for encrypting secrets: `[store] key_file`, or in the data folder."""
    key_file = settings.store.key_file
    return Path(key_file) if key_file else Path(settings.store.data) / "secret.key"


def open_secret_box(settings: Settings) -> SecretBox:
    """The encryption of the secrets in the database.

    Raises:
        SecretsError: the key file cannot be used, or is missing while the database has keys.
    """
    return SecretBox.from_file(secret_key_path(settings), create=not holds_keys(database_path(settings)))
