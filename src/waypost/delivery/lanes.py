"""Which lanes of a stage may be claimed from now, and how many rows of each: in turns, within the widths.

Those of dispatch, which have classes, are in `waypost.delivery.dispatch_lanes`.

What is kept in memory only says where to look: the store decides what is claimed.
"""

import heapq
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter

from waypost.storage.records import Work

lane_of = attrgetter("lane")

Width = tuple[str, int]
"""What is bounded, such as a route or an account, and how many rows of it may be under way."""

NOW, NEVER = -1, 1 << 63
"""Before and after any time at which a lane may have a row that is due."""


class Lanes:
    """The lanes of one stage.

    Args:
        widths: returns what bounds a lane.
    """

    def __init__(self, widths: Callable[[str], Sequence[Width]]) -> None:
        self._widths_of = widths
        self._widths: dict[str, Sequence[Width]] = {}
        self._ready: dict[str, None] = {}
        # The earliest time at which a lane may have a row that is due, by a number below any time for those
        # that are ready or wait for a place.
        self._due: dict[str, int] = {}
        self._later: list[tuple[int, str]] = []
        self._paused: dict[str, int] = {}
        # Lanes that wait for a place, by what is full.
        self._parked: dict[str, deque[str]] = {}
        self._under_way: Counter[str] = Counter()
        self._being_claimed: dict[str, bool] = {}
        self._woken: Callable[[], None] = lambda: None

    def when_woken(self, listener: Callable[[], None]) -> None:
        """Calls `listener` when there may be more to claim, or earlier, than before."""
        self._woken = listener

    def note(self, lane: str, due: int) -> None:
        """Notes that a lane has a row that may be claimed from `due`, milliseconds UTC."""
        if lane in self._being_claimed:
            self._being_claimed[lane] = True
        if self._due.get(lane, NEVER) > due:
            self._due[lane] = due
            heapq.heappush(self._later, (due, lane))
            self._woken()

    def pause(self, lane: str, until: int) -> None:
        """Lets a lane rest until a time, milliseconds UTC."""
        self._paused[lane] = until
        if lane in self._ready:
            del self._ready[lane], self._due[lane]
            self._pass_on(lane)
        self.note(lane, until)

    def take(self, limit: int, now: int) -> dict[str, int]:
        """Chooses up to `limit` rows to claim, as numbers by lane, and reserves their places."""
        self._wake(now)
        chosen: dict[str, int] = {}
        left = limit
        share = max(1, limit // max(1, len(self._ready)))
        while left > 0 and self._ready:
            for lane in list(self._ready):
                if left <= 0:
                    break
                del self._ready[lane]
                number = min(self._room(lane), share, left)
                if number <= 0:
                    continue
                left -= number
                chosen[lane] = number
                del self._due[lane]
                self._being_claimed[lane] = False
                for key, _ in self._widths_of_lane(lane):
                    self._under_way[key] += number
        return chosen

    def claimed(self, chosen: Mapping[str, int], works: Iterable[Work]) -> list[str]:
        """Frees the places that were not needed; returns the lanes that have no more rows that are due."""
        found = Counter(map(lane_of, works))
        exhausted = []
        for lane, number in chosen.items():
            noted = self._being_claimed.pop(lane)
            self._free(lane, number - found[lane])
            if found[lane] < number and not noted:
                exhausted.append(lane)
            else:
                self._make_ready(lane)
        return exhausted

    def release(self, lane: str, seqs: Collection[int]) -> None:
        """Frees the places of rows of a lane."""
        self._free(lane, len(seqs))

    def next_due(self) -> int | None:
        """When a lane may have a row that is due, if none has one now; milliseconds UTC."""
        while self._later and self._due.get(self._later[0][1]) != self._later[0][0]:
            heapq.heappop(self._later)
        return self._later[0][0] if self._later else None

    def forget_widths(self) -> None:
        """Asks for the widths anew, because they have changed; lanes that wait for a place look again."""
        self._widths.clear()
        for key, lanes in list(self._parked.items()):
            self._unpark(key, len(lanes))

    def _wake(self, now: int) -> None:
        while self._later and self._later[0][0] <= now:
            due, lane = heapq.heappop(self._later)
            if self._due.get(lane) != due:
                continue
            del self._due[lane]
            until = self._paused.pop(lane, 0)
            if until > now:
                self.pause(lane, until)
            elif lane not in self._being_claimed:
                self._make_ready(lane)

    def _make_ready(self, lane: str) -> None:
        self._ready[lane] = None
        self._due[lane] = NOW

    def _room(self, lane: str) -> int:
        """How many more rows of a lane may be under way; one without room waits for a place."""
        room = 1 << 30
        for key, width in self._widths_of_lane(lane):
            free = width - self._under_way[key]
            if free <= 0:
                self._parked.setdefault(key, deque()).append(lane)
                self._pass_on(lane)
                return 0
            room = min(room, free)
        return room

    def _free(self, freed: str, places: int) -> None:
        if not places:
            return
        for key, _ in self._widths_of_lane(freed):
            self._under_way[key] -= places
            self._unpark(key, places)

    def _pass_on(self, lane: str) -> None:
        """Lets others have the places that a lane does not take, for which it may have been woken."""
        for key, width in self._widths_of_lane(lane):
            if self._under_way[key] < width:
                self._unpark(key, 1)

    def _unpark(self, key: str, places: int) -> None:
        waiting = self._parked.get(key)
        if waiting is None:
            return
        for _ in range(min(places, len(waiting))):
            self._ready[waiting.popleft()] = None
        if not waiting:
            del self._parked[key]
        self._woken()

    def _widths_of_lane(self, lane: str) -> Sequence[Width]:
        widths = self._widths.get(lane)
        if widths is None:
            widths = self._widths[lane] = self._widths_of(lane)
        return widths
