"""The folder of all that a sandbox keeps no longer than it runs, and what killed ones have left there."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waypost.config.paths import temporary_folder
from waypost.storage.data_lock import LOCK_FILE, DataFolderLockedError, hold_data_folder

_PREFIX = "waypost-sandbox-"


@contextmanager
def sandbox_folder() -> Iterator[Path]:
    """A folder that is gone at the end. One whose process was killed is removed by the next one.

    Raises:
        SettingsError: none can be made, as on a read-only system.
    """
    _remove_abandoned()
    with temporary_folder(_PREFIX, "") as folder, hold_data_folder(folder):
        yield folder


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if folder.is_symlink() or not (folder / LOCK_FILE).exists():
                continue
            with hold_data_folder(folder):
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, DataFolderLockedError):
            # Another one's, or one that goes at this moment.
            continue
