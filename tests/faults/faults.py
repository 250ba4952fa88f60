"""A disk and a wall clock with faults, for a process of the service: `faults.c`, compiled and preloaded."""

import enum
import mmap
import shutil
import struct
import subprocess
from pathlib import Path

import pytest


class Disk(enum.IntEnum):
    """What happens to writes and flushes of the database, as in `faults.c`."""

    SOUND = 0
    FLUSH_HANGS = 1
    FLUSH_FAILS = 2
    FULL = 3
    KILL_IN_CHECKPOINT = 4


class Faults:
    """The faults of processes that are started in `environment`.

    Args:
        folder: where the library and the shared file are made.
    """

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler: a failing disk and a stepped clock are not tested")
        library = folder / "faults.so"
        source = Path(__file__).with_name("faults.c")
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
        subprocess.run(command, check=True, timeout=60)
        shared = folder / "faults"
        shared.write_bytes(bytes(16))
        self._file = shared.open("r+b")
        self._shared = mmap.mmap(self._file.fileno(), 16)
        self.environment = {"LD_PRELOAD": str(library), "FAULTS": str(shared)}

    def set_disk(self, disk: Disk) -> None:
        """Changes what the disk does, at once, also to what hangs in it."""
        struct.pack_into("q", self._shared, 8, disk)

    def step_clock(self, seconds: int) -> None:
        """Sets the wall clock so far ahead of the real one."""
        struct.pack_into("q", self._shared, 0, seconds)

    def close(self) -> None:
        """Lets go of what hangs."""
        self.set_disk(Disk.SOUND)
        self._shared.close()
        self._file.close()
