"""Cancellations, and the legs that they end, set by set: no message is loaded for it.

A leg that is cancelled is written as failed, and its message gets a new version, so that no decision that was
made before is written any more. Its row of the dispatch stage stays until that is published: it is the work
that is left. A message with a leg that a provider has, or had, is marked instead: nothing more is sent of it.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.cancellation import CancelFilter, Cancellation
from waypost.storage.backlogs import Place
from waypost.storage.columns import CANCEL_FILTERS
from waypost.storage.records import Stage, Work

if TYPE_CHECKING:
    from waypost.storage.cancellation_statements import CancellationStatements

Rows = list[tuple[Any, ...]]


# How long it is kept what came of a cancellation, in milliseconds.
KEPT_MS = 90 * 86_400_000
_LAST = Place(2**63 - 1, 2**63 - 1)
# Ids have 18 digits.
_LOWEST_ID = 10**17
_NONE = "[]"


class WaitingLegs(NamedTuple):
    """Legs, of messages of one shard, that wait for their provider.

    Attributes:
        message_ids: a JSON array, as the database makes and reads it: at a million legs it matters that none
            of them becomes an object here.
        later: those of the messages of which another leg than leg 0 waits.
        size: how many legs they are.
    """

    shard: int
    message_ids: str
    later: str
    size: int


class WaitingChunk(NamedTuple):
    """What waits in a part of a lane.

    Attributes:
        until: the part's last place; None if it is the lane's last part.
    """

    legs: WaitingLegs
    until: Place | None


class StartedMessages(NamedTuple):
    """Messages of one shard that are followed, each of which may be named more than once.

    Attributes:
        message_ids: a JSON array.
        with_provider: how many of their legs a provider has, or may have.
    """

    shard: int
    message_ids: str
    with_provider: int


class StartedChunk(NamedTuple):
    """What is followed in a part of the lane of timers.

    Attributes:
        until: the part's last place; None if it is the lane's last part.
    """

    messages: list[StartedMessages]
    until: Place | None


class Cancellations:
    """Cancels within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: "CancellationStatements"
    ) -> None:
        self._run = run
        self._sql = statements

    def add(self, filters: CancelFilter, before: MessageId, who: str, now: int) -> int:
        """Records a cancellation, to be carried out; returns its id. Forgets old ones that are done."""
        self._run(self._sql.forget, {"until": now - KEPT_MS})
        id_ = _LOWEST_ID + secrets.randbelow(9 * _LOWEST_ID)
        values: dict[str, Any] = {"id": id_, **msgspec.structs.asdict(filters)}
        values |= {"before": before, "who": who, "at": now, "cancelled": 0, "with_provider": 0}
        values |= {"ended_at": None, "done_at": None}
        self._run(self._sql.insert, {f"new_{name}": value for name, value in values.items()})
        return id_

    def end_legs(self, cancellation_id: int, legs: WaitingLegs, now: int) -> int:
        """Ends legs, as far as no provider has one of them by now, and counts them; returns how many."""
        of_all = {"of_shard": legs.shard, "ids": legs.message_ids, "now": now}
        ended = self._run(self._sql.end_legs, of_all)[1]
        if legs.later != _NONE:
            of_later = of_all | {"ids": legs.later}
            self._run(self._sql.change_version, of_later)
            ended += self._run(self._sql.end_later_legs, of_later)[1]
        self._run(self._sql.count, {"of_id": cancellation_id, "more": ended})
        return ended

    def mark(self, messages: Sequence[StartedMessages]) -> None:
        """Marks messages as cancelled, so that nothing more is sent of them."""
        for group in messages:
            of_messages = {"of_shard": group.shard, "ids": group.message_ids}
            self._run(self._sql.mark, of_messages)
            self._run(self._sql.change_version, of_messages)

    def end(self, cancellation_id: int, with_provider: int, now: int) -> None:
        """Writes that every leg has ended, and how many are left because a provider has them."""
        self._run(self._sql.end, {"of_id": cancellation_id, "kept": with_provider, "now": now})

    def finish(self, cancellation_id: int, now: int) -> None:
        """Writes that all is done."""
        self._run(self._sql.finish, {"of_id": cancellation_id, "now": now})


class CancellationReader:
    """Reads outside a transaction.

    Args:
        read: executes a statement.
        read_slowly: executes a statement on a second connection, in a thread.
    """

    def __init__(
        self,
        read: Callable[[str, dict[str, Any]], Rows],
        read_slowly: Callable[[str, dict[str, Any]], Rows],
        statements: "CancellationStatements",
    ) -> None:
        self._read = read
        self._read_slowly = read_slowly
        self._sql = statements

    async def find(self, cancellation_id: int) -> Cancellation | None:
        """The cancellation with that id, or None."""
        rows = self._read(self._sql.find, {"of_id": cancellation_id})
        return _to_cancellation(rows[0]) if rows else None

    async def open(self) -> list[Cancellation]:
        """The cancellations that are not done, the earliest first."""
        return [_to_cancellation(row) for row in self._read(self._sql.open, {})]

    def waiting(
        self,
        filters: CancelFilter,
        before: MessageId,
        lane: str,
        after: Place,
        limit: int,
        *,
        shard: int = 0,
        queued: bool = True,
    ) -> WaitingChunk:
        """Of the next rows of a lane behind a place, the legs that match and are with no provider;
        for a thread.

        Args:
            limit: how many rows are looked at.
            queued: whether each leg is looked at. Else there are such that were just handed on or have ended,
                and it takes half the time.
        """
        of_chunk, until = self._chunk(Stage.DISPATCH, lane, after, limit)
        names = _used(filters)
        parameters = of_chunk | _of_filters(filters, before, names) | {"of_shard": shard}
        select = self._sql.selects[" ".join(("waiting" if queued else "in_line", *names))]
        [row] = self._read_slowly(select, parameters)
        return WaitingChunk(WaitingLegs(shard, *row), until)

    def started(
        self, filters: CancelFilter, before: MessageId, lane: str, after: Place, limit: int
    ) -> StartedChunk:
        """Of the next timers behind a place, the messages that match and of which a leg was started that is
        not cancelled; for a thread.

        Args:
            limit: how many timers are looked at.
        """
        of_chunk, until = self._chunk(Stage.TIMER, lane, after, limit)
        names = _used(filters)
        parameters = of_chunk | _of_filters(filters, before, names) | {"account_id": filters.account_id}
        rows = self._read_slowly(self._sql.selects[" ".join(("started", *names))], parameters)
        return StartedChunk([StartedMessages(*row) for row in rows], until)

    def _chunk(
        self, stage: Stage, lane: str, after: Place, limit: int
    ) -> tuple[dict[str, Any], Place | None]:
        """Where the next rows of a lane are, for a statement, and the last one's place."""
        of_lane = _of_lane(stage, lane, after)
        last = self._read_slowly(self._sql.last_place, of_lane | {"skipped": limit - 1})
        until = Place(*last[0]) if last else None
        of_lane["until_visible_at"], of_lane["until_seq"] = until or _LAST
        return of_lane, until

    def to_publish(self, lane: str, after: Place, limit: int) -> list[Work]:
        """The rows of a lane, behind a place of it, whose legs are cancelled; for a thread."""
        parameters = _of_lane(Stage.DISPATCH, lane, after) | {"limit": limit}
        rows = self._read_slowly(self._sql.selects["to_publish"], parameters)
        return [
            Work(seq, Stage.DISPATCH, lane, message_id, visible_at, body, tries, fence)
            for seq, message_id, visible_at, body, tries, fence in rows
        ]


def _used(filters: CancelFilter) -> tuple[str, ...]:
    return tuple(name for name in CANCEL_FILTERS if getattr(filters, name))


def _of_lane(stage: Stage, lane: str, after: Place) -> dict[str, Any]:
    return {"stage": stage.value, "lane": lane, "visible_at": after.visible_at, "seq": after.seq}


def _of_filters(filters: CancelFilter, before: MessageId, names: Sequence[str]) -> dict[str, Any]:
    return {"before": before} | {name: getattr(filters, name) for name in names}


def _to_cancellation(row: tuple[Any, ...]) -> Cancellation:
    filters = CancelFilter(account_id=AccountId(row[1]), **dict(zip(CANCEL_FILTERS, row[2:6], strict=True)))
    names = ("before", "who", "at", "cancelled", "with_provider", "ended_at", "done_at")
    return Cancellation(id=row[0], filter=filters, **dict(zip(names, row[6:], strict=True)))
