"""A lock on the data folder: two processes on one folder would both send the same messages."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waypost.storage.file_locks import try_lock
from waypost.storage.private_files import make_private_folder


class DataFolderLockedError(Exception):
    """Another process holds the folder, or it cannot be used; the message names the remedy."""


LOCK_FILE = "waypost.lock"
"""The file in a data folder that its process holds a lock on."""


@contextmanager
def hold_data_folder(folder: Path) -> Iterator[Path]:
    """Locks a data folder, creating it if needed, until the block or the process ends, however it ends.

    Yields:
        The file that is locked.

    Raises:
        DataFolderLockedError: another process holds the lock, or the folder cannot be written.
    """
    try:
        make_private_folder(folder)
        lock_file = folder / LOCK_FILE
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(folder, error) from None
    try:
        _lock(descriptor, folder)
        yield lock_file
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        is_locked = try_lock(descriptor)
    except OSError as error:
        raise _unusable(folder, error) from None
    if not is_locked:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        raise DataFolderLockedError(
            f"{folder}: process {holder} holds this folder. Stop it, or choose another folder with --data or "
            "[store] data."
        )
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise _unusable(folder, error) from None


def _unusable(folder: Path, error: OSError) -> DataFolderLockedError:
    return DataFolderLockedError(
        f"{folder}: cannot be used: {error.strerror}. Choose a folder that can be written with --data or "
        "[store] data."
    )
