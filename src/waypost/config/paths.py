"""The paths of the files in the data folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waypost.config.settings import Settings, SettingsError
from waypost.storage.opening import holds_keys
from waypost.storage.secrets import SecretBox

DATABASE_NAME = "waypost.db"


def database_path(settings: Settings) -> Path:
    """The path of the database file."""
    return Path(settings.store.data) / DATABASE_NAME


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


@contextmanager
def temporary_folder(prefix: str, remedy: str) -> Iterator[Path]:
    """A folder that is gone at the end.

    Args:
        remedy: what else than another temporary folder helps, as a sentence.

    Raises:
        SettingsError: none can be made, as on a read-only system.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix=prefix)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"no temporary folder can be made: {reason}. Let TMPDIR name one that can be written{remedy}"
        ) from None
    with folder as path:
        yield Path(path)
