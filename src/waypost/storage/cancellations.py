"""Cancellations, and the legs that they end, set by set: no message is loaded for it.

A leg that is cancelled is written as failed, and its message gets a new version, so that no decision that was
made before is written any more. Its row of the dispatch stage stays until that is published: it is the work
that is left.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.cancellation import CancelFilter, Cancellation
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.storage.backlogs import Place
from waypost.storage.cancellation_schema import cancellation
from waypost.storage.records import Stage, Work
from waypost.storage.schema import journal, leg, message

P = sa.bindparam
Rows = list[tuple[Any, ...]]

# How long it is kept what came of a cancellation, in milliseconds.
KEPT_MS = 90 * 86_400_000
_LAST = Place(2**63 - 1, 2**63 - 1)
# Ids have 18 digits.
_LOWEST_ID = 10**17
_FILTERS = ("space_id", "task_id", "group_id", "template_code")
_COLUMNS = (
    cancellation.c.id,
    cancellation.c.account_id,
    *(cancellation.c[name] for name in _FILTERS),
    cancellation.c.before,
    cancellation.c.who,
    cancellation.c.at,
    cancellation.c.cancelled,
    cancellation.c.with_provider,
    cancellation.c.ended_at,
    cancellation.c.done_at,
)
_QUEUED = LegState.QUEUED.value
_WITH_PROVIDER = tuple(state.value for state in (LegState.SUBMITTING, LegState.IN_DOUBT, LegState.SENT))
_FACTS = SendFailure.CANCELLED.facts


class WaitingLegs(NamedTuple):
    """Legs with one number, of messages of one shard, that wait for their provider.

    Attributes:
        message_ids: a JSON array, as the database makes and reads it: at a million legs it matters that none
            of them becomes an object here.
        size: how many they are.
    """

    shard: int
    leg: int
    message_ids: str
    size: int


class WaitingChunk(NamedTuple):
    """What waits in a part of a lane.

    Attributes:
        until: the part's last place; None if it is the lane's last part.
    """

    legs: list[WaitingLegs]
    until: Place | None


class CancellationStatements:
    """The SQL statements of cancellations.

    Args:
        to_sql: compiles a statement for the dialect of the database.
    """

    def __init__(self, to_sql: Callable[[ClauseElement], str]) -> None:
        columns = cancellation.c
        self.insert = to_sql(
            sa.insert(cancellation).values({column.name: P(f"new_{column.name}") for column in columns})
        )
        self.find = to_sql(sa.select(*_COLUMNS).where(columns.id == P("of_id")))
        self.open = to_sql(
            sa.select(*_COLUMNS).where(columns.done_at.is_(None)).order_by(columns.at, columns.id)
        )
        self.count = to_sql(
            sa.update(cancellation)
            .where(columns.id == P("of_id"))
            .values(cancelled=columns.cancelled + P("more"))
        )
        self.end = to_sql(
            sa.update(cancellation)
            .where(columns.id == P("of_id"), columns.ended_at.is_(None))
            .values(ended_at=P("now"), with_provider=P("kept"))
        )
        self.finish = to_sql(sa.update(cancellation).where(columns.id == P("of_id")).values(done_at=P("now")))
        self.forget = to_sql(sa.delete(cancellation).where(columns.done_at <= P("until")))

        # Many at once, of one shard and with one number: so each row is found by the whole primary key.
        ids = sa.func.json_each(P("ids")).table_valued("value").alias("ids")
        of_messages = (leg.c.shard == P("of_shard"), leg.c.message_id.in_(sa.select(ids.c.value)))
        changed = {"version": leg.c.version + sa.literal_column("1")}
        self.end_legs = to_sql(
            sa.update(leg)
            .where(*of_messages, leg.c.leg == P("of_leg"), leg.c.state == _literal(_QUEUED))
            .values(
                state=_literal(LegState.FAILED.value),
                failure=_literal(SendFailure.CANCELLED.value),
                code=_literal(_FACTS.wire_code),
                text=_literal(_FACTS.customer_text),
                updated_at=P("now"),
                **changed,
            )
        )
        # The version of a message is that of its leg 0.
        self.change_version = to_sql(
            sa.update(leg).where(*of_messages, leg.c.leg == sa.literal_column("0")).values(changed)
        )
        self.last_place = to_sql(
            _in_lane(sa.select(journal.c.visible_at, journal.c.seq)).limit(1).offset(P("skipped"))
        )
        self._to_sql = to_sql
        self._compiled: dict[tuple[str, tuple[str, ...]], str] = {}

    def waiting(self, filters: Sequence[str]) -> str:
        """Selects legs of a lane that are not with a provider, behind a place of it and up to another."""
        return self._selected("waiting", filters)

    def with_provider(self, filters: Sequence[str]) -> str:
        """Counts legs that a provider has, by the timers behind a place."""
        return self._selected("with_provider", filters)

    def to_publish(self) -> str:
        """Selects the rows of cancelled legs of a lane, behind a place of it."""
        return self._selected("to_publish", ())

    def _selected(self, name: str, filters: Sequence[str]) -> str:
        key = (name, tuple(filters))
        if key not in self._compiled:
            self._compiled[key] = self._to_sql(_SELECTS[name](filters))
        return self._compiled[key]


def _literal(text: str) -> Any:
    return sa.literal_column("'" + text.replace("'", "''") + "'")


_LEG = sa.func.coalesce(
    sa.func.json_extract(journal.c.body, sa.literal_column("'$.leg'")), sa.literal_column("0")
)


_PLACE = sa.tuple_(journal.c.visible_at, journal.c.seq)


def _in_lane(select: Any) -> Any:
    """Narrows rows to those of a lane behind a place of it, in the order of claims."""
    return select.where(
        journal.c.stage == P("stage"),
        journal.c.lane == P("lane"),
        sa.tuple_(P("visible_at"), P("seq")) < _PLACE,
    ).order_by(journal.c.visible_at, journal.c.seq)


def _with_legs(*selected: Any) -> Any:
    """Selects rows, each with its leg."""
    of_row = (leg.c.shard == journal.c.shard, leg.c.message_id == journal.c.message_id, leg.c.leg == _LEG)
    return sa.select(*selected).select_from(journal).join(leg, sa.and_(*of_row))


def _matching(select: Any, conditions: Sequence[Any]) -> Any:
    """Narrows rows to those of the messages that a cancellation is about."""
    select = select.where(journal.c.message_id < P("before"))
    if not conditions:
        return select
    of_row = (message.c.shard == journal.c.shard, message.c.message_id == journal.c.message_id)
    return select.join(message, sa.and_(*of_row)).where(*conditions)


def _conditions(filters: Sequence[str]) -> list[Any]:
    return [message.c[name] == P(name) for name in filters]


def _select_waiting(filters: Sequence[str]) -> Any:
    ids = sa.func.json_group_array(journal.c.message_id)
    rows = _in_lane(_with_legs(journal.c.shard, leg.c.leg, ids, sa.func.count()))
    # A lane of the dispatch stage is of one account.
    rows = _matching(rows, _conditions(filters)).where(
        leg.c.state == _literal(_QUEUED), sa.tuple_(P("until_visible_at"), P("until_seq")) >= _PLACE
    )
    return rows.order_by(None).group_by(journal.c.shard, leg.c.leg)


def _select_with_provider(filters: Sequence[str]) -> Any:
    rows = _in_lane(_with_legs(journal.c.visible_at, journal.c.seq)).limit(P("limit"))
    kind = sa.func.json_extract(journal.c.body, sa.literal_column("'$.kind'"))
    of_account = message.c.account_id == P("account_id")
    return _matching(rows, [of_account, *_conditions(filters)]).where(
        leg.c.state.in_([_literal(state) for state in _WITH_PROVIDER]), kind == _literal("expiry")
    )


def _select_to_publish(_: Sequence[str]) -> Any:
    columns = journal.c
    rows = _with_legs(
        columns.seq, columns.message_id, columns.visible_at, columns.body, columns.tries, columns.fence
    )
    return (
        _in_lane(rows)
        .where(
            leg.c.state == _literal(LegState.FAILED.value),
            leg.c.failure == _literal(SendFailure.CANCELLED.value),
        )
        .limit(P("limit"))
    )


_SELECTS: dict[str, Callable[[Sequence[str]], Any]] = {
    "waiting": _select_waiting,
    "with_provider": _select_with_provider,
    "to_publish": _select_to_publish,
}


class Cancellations:
    """Cancels within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: CancellationStatements
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

    def end_legs(self, cancellation_id: int, legs: Sequence[WaitingLegs], now: int) -> int:
        """Ends legs, as far as no provider has one of them by now, and counts them; returns how many."""
        ended = 0
        for group in legs:
            of_messages = {"of_shard": group.shard, "ids": group.message_ids}
            if group.leg:
                self._run(self._sql.change_version, of_messages)
            ended += self._run(self._sql.end_legs, of_messages | {"of_leg": group.leg, "now": now})[1]
        self._run(self._sql.count, {"of_id": cancellation_id, "more": ended})
        return ended

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
        statements: CancellationStatements,
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
        self, filters: CancelFilter, before: MessageId, lane: str, after: Place, limit: int
    ) -> WaitingChunk:
        """Of the next rows of a lane behind a place, the legs that match and are with no provider;
        for a thread.

        Args:
            limit: how many rows are looked at.
        """
        of_lane = _of_lane(Stage.DISPATCH, lane, after)
        last = self._read_slowly(self._sql.last_place, of_lane | {"skipped": limit - 1})
        until = Place(*last[0]) if last else None
        names = _used(filters)
        parameters = of_lane | _of_filters(filters, before, names)
        parameters["until_visible_at"], parameters["until_seq"] = until or _LAST
        rows = self._read_slowly(self._sql.waiting(names), parameters)
        return WaitingChunk([WaitingLegs(*row) for row in rows], until)

    def with_provider(
        self, filters: CancelFilter, before: MessageId, lane: str, after: Place, limit: int
    ) -> list[Place]:
        """The places of timers, behind one, of legs that match and that a provider has; for a thread."""
        names = _used(filters)
        parameters = _of_lane(Stage.TIMER, lane, after) | _of_filters(filters, before, names)
        parameters |= {"account_id": filters.account_id, "limit": limit}
        return [Place(*row) for row in self._read_slowly(self._sql.with_provider(names), parameters)]

    def to_publish(self, lane: str, after: Place, limit: int) -> list[Work]:
        """The rows of a lane, behind a place of it, whose legs are cancelled; for a thread."""
        parameters = _of_lane(Stage.DISPATCH, lane, after) | {"limit": limit}
        rows = self._read_slowly(self._sql.to_publish(), parameters)
        return [
            Work(seq, Stage.DISPATCH, lane, message_id, visible_at, body, tries, fence)
            for seq, message_id, visible_at, body, tries, fence in rows
        ]


def _used(filters: CancelFilter) -> tuple[str, ...]:
    return tuple(name for name in _FILTERS if getattr(filters, name))


def _of_lane(stage: Stage, lane: str, after: Place) -> dict[str, Any]:
    return {"stage": stage.value, "lane": lane, "visible_at": after.visible_at, "seq": after.seq}


def _of_filters(filters: CancelFilter, before: MessageId, names: Sequence[str]) -> dict[str, Any]:
    return {"before": before} | {name: getattr(filters, name) for name in names}


def _to_cancellation(row: tuple[Any, ...]) -> Cancellation:
    filters = CancelFilter(account_id=AccountId(row[1]), **dict(zip(_FILTERS, row[2:6], strict=True)))
    names = ("before", "who", "at", "cancelled", "with_provider", "ended_at", "done_at")
    return Cancellation(id=row[0], filter=filters, **dict(zip(names, row[6:], strict=True)))
