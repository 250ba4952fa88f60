"""Watches of the machine: its clock, and the room on the disk of the data folder."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import structlog

from waypost.clock import REAL_TIME, RealTime
from waypost.server.health import Reason

log = structlog.get_logger()

_INTERVAL_S = 1.0
_MIB = 1024 * 1024


class MachineWatch:
    """Looks at the machine once a second.

    Args:
        data: the data folder.
        min_free: the room that its disk should have, in MiB; 0 for any.
        real_time: the time that is compared with the wall clock.
    """

    def __init__(self, data: Path, min_free: int, real_time: RealTime = REAL_TIME) -> None:
        self._data = data
        self._min_free = min_free
        self._real_time = real_time
        self._free = -1
        self._is_low = False

    async def run(self) -> None:
        """Looks, until it is cancelled."""
        while True:
            self.observe_clock()
            # Off the event loop: the disk may hang.
            self.note_room(await asyncio.to_thread(self._free_room))
            await asyncio.sleep(_INTERVAL_S)

    def observe_clock(self) -> None:
        """Compares the clocks, and logs a step."""
        step = self._real_time.observe()
        if step is not None:
            log.warning("clock.stepped", seconds=round(step, 3), off=round(self._real_time.behind_s, 3))

    def note_room(self, free: int) -> None:
        """Takes the room on the disk, in MiB, and logs when it becomes too little."""
        self._free = free
        was_low, self._is_low = self._is_low, 0 <= free < self._min_free
        if self._is_low and not was_low:
            log.error("disk.low", free=free, min_free=self._min_free)

    def not_ready(self) -> Iterator[Reason]:
        """Why nothing should be accepted."""
        if self._is_low:
            yield Reason("disk_low", {"free_mib": self._free, "min_free_mib": self._min_free})

    def degraded(self) -> Iterator[Reason]:
        """What else is wrong."""
        if self._real_time.is_off:
            yield Reason("clock_step", {"wall_clock_ahead_seconds": round(self._real_time.behind_s, 1)})

    def _free_room(self) -> int:
        try:
            found = os.statvfs(self._data)
        except OSError:
            return -1
        return found.f_bavail * found.f_frsize // _MIB
