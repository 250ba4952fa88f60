"""Locks on open files, which end with the process that holds them, however it ends."""

import errno
import os
import sys
import time

try:
    import fcntl
except ImportError:
    _HAS_FCNTL = False
else:
    _HAS_FCNTL = True

# Windows locks bytes, and keeps others from reading them: one that no file has.
_LOCKED_BYTE = 1 << 30
_LOOK_INTERVAL_S = 0.05


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Locks a file; False if another holds a lock that excludes this one.

    Args:
        shared: whether others may have a shared lock meanwhile; elsewhere than on POSIX none may.

    Raises:
        OSError: the system has no such locks.
    """
    if _HAS_FCNTL:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    raise OSError(errno.ENOTSUP, "this system has no locks on files")


def lock(descriptor: int) -> None:
    """Locks a file, and waits until no other process has it locked.

    Raises:
        OSError: the system has no such locks.
    """
    if _HAS_FCNTL:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    while not try_lock(descriptor):
        time.sleep(_LOOK_INTERVAL_S)
