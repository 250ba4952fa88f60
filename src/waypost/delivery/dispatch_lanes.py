"""Which lanes of the dispatch stage may be claimed from now: routes beside one another, transactions before
promotions, and the accounts of a class in turns.

A lane is a route, an account and a class, so a row's turn is the turn of its lane: nothing is ranked among
the rows that wait. What is kept in memory only says where to look: the store decides what is claimed.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import zip_longest
from typing import Protocol

from waypost.delivery.lanes import NEVER, NOW, lane_of
from waypost.delivery.route_lanes import RouteControl, RouteLanes
from waypost.model.message.lanes import PROMOTION, parse_dispatch_lane
from waypost.model.routes.classes import RouteBounds
from waypost.storage.records import Work

# No row has this number.
_NO_ROW = (0,)


class Controls(Protocol):
    """The controls of the routes."""

    def of(self, route: str) -> RouteControl:
        """The control of a route."""
        ...


def in_turns(works: Sequence[Work]) -> list[Work]:
    """Rows of one claim in the order in which they start: transactions first, and lanes in turns, each in its
    own order."""
    if len(set(map(lane_of, works))) <= 1:
        return list(works)
    by_lane: dict[str, list[Work]] = {}
    for work in works:
        by_lane.setdefault(work.lane, []).append(work)
    classes: dict[bool, list[list[Work]]] = {False: [], True: []}
    for lane, rows in by_lane.items():
        classes[parse_dispatch_lane(lane).message_class == PROMOTION].append(rows)
    return [
        work
        for lanes in classes.values()
        for turn in zip_longest(*lanes)
        for work in turn
        if work is not None
    ]


class _ByLane(dict[str, RouteLanes]):
    """The routes by lane; that of a lane which is not known yet is found.

    Args:
        find: finds it.
    """

    def __init__(self, find: Callable[[str], RouteLanes]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, lane: str) -> RouteLanes:
        route = self[lane] = self._find(lane)
        return route


class DispatchLanes:
    """The lanes of the dispatch stage.

    Args:
        bounds: returns how many requests of a route may be under way.
        controls: says of each route whether it may be used now.
    """

    def __init__(self, bounds: Callable[[str], RouteBounds], controls: Controls) -> None:
        self._bounds = bounds
        self._controls = controls
        self._routes: dict[str, RouteLanes] = {}
        self._route_of = _ByLane(self._find)
        # The earliest time at which a lane may have a row that is due, by a number below any time for those
        # that wait for their route.
        self._due: dict[str, int] = {}
        self._later: list[tuple[int, str]] = []
        self._being_claimed: dict[str, bool] = {}
        # In turns, too: which route is looked at first.
        self._turn: dict[str, None] = {}
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

    def reserve(self, lane: str, now: int) -> bool:
        """Reserves a place for a row that is written with its claim; False if there is none, or if a row that
        is due would be overtaken."""
        self._wake(now)
        return self._route_of[lane].reserve(lane)

    def give_up(self, lane: str) -> None:
        """Frees the place that was reserved for a row which is not written."""
        self.release(lane, _NO_ROW)

    def take(self, limit: int, now: int) -> dict[str, int]:
        """Chooses up to `limit` rows to claim, as numbers by lane, and reserves their places."""
        self._wake(now)
        chosen: dict[str, int] = {}
        turn = [name for name in self._turn if self._routes[name].look(now)]
        left = limit
        while left > 0 and turn:
            share = max(1, left // len(turn))
            for name in list(turn):
                of_route = self._routes[name].choose(min(share, left))
                number = sum(of_route.values())
                for lane, places in of_route.items():
                    chosen[lane] = chosen.get(lane, 0) + places
                left -= number
                if number < share:
                    turn.remove(name)
                if not left:
                    break
            for name in turn:
                # Whoever may have more is looked at last the next time.
                self._turn[name] = self._turn.pop(name)
        for lane in chosen:
            self._being_claimed[lane] = False
        return chosen

    def claimed(self, chosen: Mapping[str, int], works: Sequence[Work]) -> list[str]:
        """Frees the places that were not needed; returns the lanes that have no more rows that are due."""
        found = Counter(map(lane_of, works))
        exhausted = []
        for lane, number in chosen.items():
            noted = self._being_claimed.pop(lane)
            route = self._route_of[lane]
            if route.has_probe:
                route.note_claim(work.seq for work in works if work.lane == lane)
            if found[lane] < number:
                route.free(lane, number - found[lane])
                if not noted:
                    exhausted.append(lane)
                    self._end_wait(lane)
            route.end_claim()
        return exhausted

    def release(self, lane: str, seqs: Collection[int]) -> None:
        """Frees the places of rows of a lane."""
        route = self._route_of[lane]
        route.free(lane, len(seqs), seqs)
        if route.is_waiting:
            self._woken()

    def next_due(self) -> int | None:
        """When a lane may have a row that is due, or a route that rows wait for may be probed; milliseconds
        UTC."""
        while self._later and self._due.get(self._later[0][1]) != self._later[0][0]:
            heapq.heappop(self._later)
        dues = [due for name in self._turn if (due := self._routes[name].wake_at()) is not None]
        if self._later:
            dues.append(self._later[0][0])
        return min(dues, default=None)

    def forget_bounds(self) -> None:
        """Asks for the bounds anew, because they have changed."""
        for name, route in self._routes.items():
            route.bound(self._bounds(name), self._controls.of(name))
        self._woken()

    def wake(self) -> None:
        """Looks again, because a route may be used more than before."""
        self._woken()

    def in_flight(self, route: str) -> int:
        """How many places of a route are taken."""
        lanes = self._routes.get(route)
        return lanes.under_way if lanes is not None else 0

    def _wake(self, now: int) -> None:
        while self._later and self._later[0][0] <= now:
            due, lane = heapq.heappop(self._later)
            if self._due.get(lane) == due:
                self._due[lane] = NOW
                route = self._route_of[lane]
                route.add(lane)
                self._turn.setdefault(route.name)

    def _end_wait(self, lane: str) -> None:
        self._due.pop(lane, None)
        route = self._route_of[lane]
        route.discard(lane)
        if not route.is_waiting:
            self._turn.pop(route.name, None)

    def _find(self, lane: str) -> RouteLanes:
        name = parse_dispatch_lane(lane).route
        route = self._routes.get(name)
        if route is None:
            route = self._routes[name] = RouteLanes(name, self._bounds(name), self._controls.of(name))
        return route
