"""How a route's rate is kept exactly by any number of nodes: time in slices, and what may start in each.

A slice is a twentieth of a second. A second, wherever it begins, touches 21 of them at most, so what may
start in any 21 slices in a row is at most the rate of a second: a twenty-first of it is what that costs.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

SLICES = 20
"""The slices of a second."""
WINDOW = SLICES + 1
"""How many slices a second touches at most."""
AHEAD = 3
"""How many slices beyond the present one are granted in advance."""
# What was not used of so many slices before is made up for: of more, all would start at once. Of a slow route
# it is as many as have one start, so that a message of its own does not wait for a slice that may have one.
_MADE_UP = 2


class Grant(NamedTuple):
    """What a node may start in a slice.

    Attributes:
        run: the run of the node.
        number: how many requests; negative for what it gives back.
    """

    slice: int
    run: int
    number: int


def slice_of(seconds: float) -> int:
    """The slice of a moment."""
    return int(seconds * SLICES)


def quota(slice_: int, rate: int) -> int:
    """How many requests start in a slice while work waits, at a rate in a second; of any 21 slices in a row
    it comes to the rate."""
    return (slice_ + 1) * rate // WINDOW - slice_ * rate // WINDOW


def grant(granted: Iterable[Grant], requested: int, rate: int, run: int, present: int) -> list[Grant]:
    """What a node gets in the present slice and the next ones.

    What is granted ahead is shared with the other nodes that use the route; what is left of the present
    slice is for whoever wants it.

    Args:
        granted: what was granted before, from 22 slices before the present one.
        requested: how many requests.
        rate: requests in a second.
        present: the slice of now.
    """
    number: dict[int, int] = {}
    runs = {run}
    for one in granted:
        number[one.slice] = number.get(one.slice, 0) + one.number
        if one.slice > present - WINDOW:
            runs.add(one.run)
    rank = sorted(runs).index(run)
    made_up = max(_MADE_UP, -(-WINDOW // rate))
    made: list[Grant] = []
    for slice_ in range(present, present + AHEAD + 1):
        before = range(slice_ - made_up, slice_)
        short = max(0, sum(quota(each, rate) - number.get(each, 0) for each in before))
        most = quota(slice_, rate) + short
        if slice_ > present and len(runs) > 1:
            turn = (slice_ + slice_ // WINDOW + rank) % len(runs)
            most = most // len(runs) + (turn < most % len(runs))
        most = min(most, quota(slice_, rate) + short - number.get(slice_, 0), _left(number, slice_, rate))
        if (got := min(requested, most)) > 0:
            requested -= got
            number[slice_] = number.get(slice_, 0) + got
            made.append(Grant(slice_, run, got))
    return made


def _left(number: Mapping[int, int], slice_: int, rate: int) -> int:
    """How many more may start in a slice, so that no second has more than the rate."""
    first = slice_ - WINDOW + 1
    window = sum(number.get(each, 0) for each in range(first, first + WINDOW))
    fullest = window
    for start in range(first + 1, slice_ + 1):
        window += number.get(start + WINDOW - 1, 0) - number.get(start - 1, 0)
        fullest = max(fullest, window)
    return rate - fullest


class SliceTokens:
    """What a node may start in the present slice and the next ones, of what it was granted."""

    def __init__(self) -> None:
        self._left: dict[int, int] = {}
        self._unused: list[tuple[int, int]] = []

    def add(self, grants: Iterable[Grant]) -> None:
        """Takes what was granted."""
        for one in grants:
            self._left[one.slice] = self._left.get(one.slice, 0) + one.number

    def pass_to(self, present: int) -> None:
        """Gives back what is left of slices before the present one."""
        for slice_ in [each for each in self._left if each < present]:
            if left := self._left.pop(slice_):
                self._unused.append((slice_, left))

    def take(self, present: int) -> bool:
        """Uses one of the present slice, if there is one."""
        left = self._left.get(present, 0)
        if left:
            self._left[present] = left - 1
        return left > 0

    def left(self, present: int) -> int:
        """How many may start in the present slice."""
        return self._left.get(present, 0)

    def missing(self, present: int, waiting: int) -> int:
        """How many of those that wait have no slice yet."""
        return max(0, waiting - sum(left for slice_, left in self._left.items() if slice_ >= present))

    def unused(self, run: int, present: int) -> list[Grant]:
        """What is given back, of the seconds that it still matters to."""
        returned = [Grant(slice_, run, -left) for slice_, left in self._unused if slice_ > present - WINDOW]
        self._unused.clear()
        return returned
