"""Folders and files that only their owner can use: they hold people's numbers, contents and secrets."""

import os
import stat
from pathlib import Path

_FOLDER = 0o700
_FILE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private_folder(folder: Path) -> None:
    """Creates a folder for its owner alone, if there is none; warns about one that others can look into.

    It is not changed, since it may hold more than ours: what is written into it is private by itself.

    Raises:
        OSError: it cannot be created.
    """
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=_FOLDER, exist_ok=True)
    elif mode := _mode_for_others(folder):
        _warn(folder, mode, _FOLDER)


def make_private_files(*paths: Path) -> None:
    """Takes from others what they may do with those of the files that exist; warns if that cannot be done."""
    for path in paths:
        if mode := _mode_for_others(path):
            try:
                os.chmod(path, _FILE)
            except OSError:
                _warn(path, mode, _FILE)


def create_private_file(path: Path) -> None:
    """Creates an empty file for its owner alone, if there is none; what cannot be created is left to who
    opens it."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _FILE))
    except OSError:
        return


def prepare_database(path: Path) -> None:
    """Sees to it that a SQLite file and its companions, which get its mode, are their owner's alone."""
    create_private_file(path)
    make_private_files(*(path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")))


def _mode_for_others(path: Path) -> int:
    """The mode of what others may use; 0 for what they may not, or what is not there."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
    return mode if mode & _OTHERS else 0


def _warn(path: Path, mode: int, private: int) -> None:
    # Loaded for a line that is hardly ever written: all commands use files, and it brings Rich with it.
    import structlog

    log = structlog.get_logger()
    log.warning("files.not_private", path=str(path), mode=f"{mode:04o}", remedy=f"chmod {private:o}")
