"""The lanes that wait for one route, and how many rows of each may be claimed: transactions first, the
accounts of a class in turns, and no more than the route takes."""

from collections.abc import Collection, Iterable
from typing import Protocol

from waypost.model.message.lanes import PROMOTION, parse_dispatch_lane
from waypost.model.routes.classes import PromotionTurns, RouteBounds

# So many rows are looked at together for one to send as a probe.
_MOST_PASSED_OVER = 64


class Pace(Protocol):
    """The rate of a route."""

    def room(self, under_way: int, *, is_promotion: bool) -> int:
        """How many more messages of a class may be claimed, with so many claimed and not ended."""
        ...


class RouteControl(Protocol):
    """Whether a route may be used, and how fast."""

    @property
    def pace(self) -> Pace | None:
        """Its rate; None for none."""
        ...

    @property
    def is_free(self) -> bool:
        """Whether anything may be sent, not a probe alone."""
        ...

    def places(self) -> int:
        """How many more messages may be claimed, as far as the state of the route says."""
        ...

    def look(self, now: int) -> None:
        """Begins a probe if one is due."""
        ...

    def wake_at(self) -> int | None:
        """When a probe is due, milliseconds UTC; None if other things decide."""
        ...

    def start_probe(self) -> None:
        """Notes that messages are claimed for a probe."""
        ...

    def drop_probe(self) -> bool:
        """Notes that none of them is under way any more; whether none of them was sent."""
        ...


class _Lane:
    __slots__ = ("is_promotion", "places")

    def __init__(self, name: str) -> None:
        self.is_promotion = parse_dispatch_lane(name).message_class == PROMOTION
        self.places = 0


class _Lanes(dict[str, _Lane]):
    """The lanes by name; one that is not known yet is added."""

    def __missing__(self, name: str) -> _Lane:
        one = self[name] = _Lane(name)
        return one


class RouteLanes:
    """The lanes of one route.

    Attributes:
        name: the route.
        under_way: how many places are taken.
        is_waiting: whether a lane may have rows that are due.
    """

    def __init__(self, name: str, bounds: RouteBounds, control: RouteControl) -> None:
        self.name = name
        self.under_way = 0
        self.is_waiting = False
        self._turns = PromotionTurns(bounds.promotion_share)
        self._lanes = _Lanes()
        # The lanes that may have rows that are due, by class and in the order of their turns.
        self._ready: tuple[dict[str, _Lane], dict[str, _Lane]] = {}, {}
        self._promotions = 0
        # The rows that are claimed for a probe; None if there is no probe.
        self._probe: set[int] | None = None
        self._probe_size = 1
        self.bound(bounds, control)

    def bound(self, bounds: RouteBounds, control: RouteControl) -> None:
        """Takes over bounds."""
        self._control = control
        self._turns.share = bounds.promotion_share
        self._width = bounds.width
        self._most_of_account, self._most_promotions = bounds.account, bounds.promotions

    def add(self, lane: str) -> None:
        """Notes that a lane may have rows that are due; its turn is the last."""
        one = self._lanes[lane]
        self._ready[one.is_promotion].setdefault(lane, one)
        self.is_waiting = True

    def discard(self, lane: str) -> None:
        """Notes that a lane has no more rows that are due."""
        one = self._lanes[lane]
        self._ready[one.is_promotion].pop(lane, None)
        self.is_waiting = any(self._ready)

    def look(self, now: int) -> bool:
        """Whether a row may be claimed now; begins a probe if one is due."""
        if not self._control.is_free:
            self._control.look(now)
        return self.under_way < self._width

    def wake_at(self) -> int | None:
        """When a probe is due, milliseconds UTC; None if other things decide."""
        return self._control.wake_at()

    def reserve(self, lane: str) -> bool:
        """Takes a place for a row that overtakes none: no transaction, and if it is a promotion nothing at
        all, waits for the route."""
        transactions, promotions = self._ready
        free = self._width - self.under_way
        if transactions or free <= 0 or not self._control.is_free:
            return False
        one = self._lanes[lane]
        if self._room(one) <= 0:
            return False
        if promotions:
            # The last place is the next promotion's if it is its turn.
            if one.is_promotion or (free == 1 and self._turns.is_due):
                return False
            self._turns.note_transactions(1)
        self._occupy(one, 1)
        return True

    def choose(self, most: int) -> dict[str, int]:
        """Takes up to so many places; returns how many rows of each lane are to be claimed."""
        chosen: dict[str, int] = {}
        free = min(most, self._width - self.under_way, self._control.places())
        if free > 0 and not self._control.is_free:
            self._control.start_probe()
            self._probe = set()
            free = min(most, self._width - self.under_way, self._probe_size)
        while free > 0:
            lane = self._next()
            if lane is None:
                break
            one = self._lanes[lane]
            number = min(free, self._room(one)) if self._is_alone() else 1
            self._occupy(one, number)
            chosen[lane] = chosen.get(lane, 0) + number
            free -= number
        if not chosen:
            self.end_claim()
        return chosen

    def free(self, lane: str, places: int, seqs: Collection[int] = ()) -> None:
        """Frees places of a lane.

        Args:
            seqs: the rows that had the places.
        """
        one = self._lanes[lane]
        one.places -= places
        self.under_way -= places
        if one.is_promotion:
            self._promotions -= places
        if self._probe:
            self._free_probe(self._probe, seqs)

    def _free_probe(self, probe: set[int], seqs: Collection[int]) -> None:
        probe.difference_update(seqs)
        if not probe:
            self._probe = None
            # Messages that have ended meanwhile are passed over, in ever larger steps.
            was_unsent = self._control.drop_probe()
            self._probe_size = min(2 * self._probe_size, _MOST_PASSED_OVER) if was_unsent else 1

    @property
    def has_probe(self) -> bool:
        """Whether rows are claimed for a probe."""
        return self._probe is not None

    def note_claim(self, seqs: Iterable[int]) -> None:
        """Notes which rows were claimed for places that were chosen for a probe."""
        if self._probe is not None and not self._control.is_free:
            self._probe.update(seqs)

    def end_claim(self) -> None:
        """Notes that a claim for the places that were chosen has ended."""
        if self._probe is not None and not self._probe:
            self._probe = None
            self._control.drop_probe()

    def _is_alone(self) -> bool:
        return len(self._ready[0]) + len(self._ready[1]) == 1

    def _next(self) -> str | None:
        """The lane that the next place is for; its next turn is after all others of its class."""
        transactions, promotions = self._ready
        first, second = (promotions, transactions) if self._turns.is_due else (transactions, promotions)
        lane = self._first_with_room(first) or self._first_with_room(second)
        if lane is None:
            return None
        ready = self._ready[self._lanes[lane].is_promotion]
        ready[lane] = ready.pop(lane)
        if ready is promotions:
            self._turns.note_promotions(1)
        elif promotions:
            self._turns.note_transactions(1)
        return lane

    def _first_with_room(self, ready: dict[str, _Lane]) -> str | None:
        # Of a class at most one account is at its bound, so this ends at the second one.
        return next((lane for lane, one in ready.items() if self._room(one) > 0), None)

    def _room(self, one: _Lane) -> int:
        """How many more rows of a lane may be claimed, as far as its account, its class and the rate say."""
        room = self._most_of_account - one.places
        of_class = self.under_way - self._promotions
        if one.is_promotion:
            of_class = self._promotions
            room = min(room, self._most_promotions - of_class)
        if (pace := self._control.pace) is not None:
            room = min(room, pace.room(of_class, is_promotion=one.is_promotion))
        return room

    def _occupy(self, one: _Lane, places: int) -> None:
        one.places += places
        self.under_way += places
        if one.is_promotion:
            self._promotions += places
