"""The folder of a sandbox that keeps nothing, and what killed ones have left there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waypost.config.paths import temporary_folder
from waypost.storage.data_lock import LOCK_FILE, DataFolderLockedError, hold_data_folder

_PREFIX = "waypost-sandbox-"


@contextmanager
def sandbox_folder() -> Iterator[Path]:
    """A data folder that is gone at the end. One whose process was killed is removed by the next one.

    Raises:
        SettingsError: none can be made, as on a read-only system.
    """
    with temporary_folder(_PREFIX, ", or choose a folder with --data") as folder:
        for other in folder.parent.glob(f"{_PREFIX}*"):
            if other != folder:
                _remove_if_abandoned(other)
        yield folder


def _remove_if_abandoned(folder: Path) -> None:
    try:
        if folder.is_symlink() or not (folder / LOCK_FILE).exists():
            return
        with hold_data_folder(folder):
            shutil.rmtree(folder, ignore_errors=True)
    except (OSError, DataFolderLockedError):
        # Another one's, or one that goes at this moment.
        return
