"""The encryption of secrets that the settings name."""

from waypost.config.paths import database_path, secret_key_path
from waypost.config.settings import Settings
from waypost.storage.opening import holds_keys
from waypost.storage.secrets import SecretBox


def open_secret_box(settings: Settings) -> SecretBox:
    """The encryption of the secrets in the database.

    Raises:
        SecretsError: the key file cannot be used, or is missing while the database has keys.
    """
    return SecretBox.from_file(secret_key_path(settings), create=not holds_keys(database_path(settings)))
