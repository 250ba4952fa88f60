"""The paths of the files in the data folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waypost.config.settings import Settings, SettingsError

DATABASE_NAME = "waypost.db"


def database_path(settings: Settings) -> Path:
    """The path of the database file."""
    return Path(settings.store.data) / DATABASE_NAME


def secret_key_path(settings: Settings) -> Path:
    """The path of the key file for encrypting secrets: `[store] key_file`, or in the data folder."""
    key_file = settings.store.key_file
    return Path(key_file) if key_file else Path(settings.store.data) / "secret.key"


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
