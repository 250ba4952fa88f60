"""Where things lie in the data folder."""

from pathlib import Path

from waypost.config.settings import Settings
from waypost.storage.secrets import SecretBox


def database_path(settings: Settings) -> Path:
    """The database file."""
    return Path(settings.store.data) / "waypost.db"


def secret_key_path(settings: Settings) -> Path:
    """The file of the key that encrypts secrets."""
    own = settings.store.key_file
    return Path(own) if own else Path(settings.store.data) / "secret.key"


def open_secret_box(settings: Settings) -> SecretBox:
    """What opens the secrets in the database.

    Raises:
        SecretsError: the key file cannot be used.
    """
    return SecretBox.from_file(secret_key_path(settings))
