"""The SQL statements of cancellations, each about a set of rows."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ClauseElement

from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.storage.cancellation_schema import cancellation
from waypost.storage.columns import CANCEL_FILTERS
from waypost.storage.schema import journal, leg, message

P = sa.bindparam

_SETS_OF_FILTERS = [
    filters for count in range(len(CANCEL_FILTERS) + 1) for filters in combinations(CANCEL_FILTERS, count)
]
_COLUMNS = (
    cancellation.c.id,
    cancellation.c.account_id,
    *(cancellation.c[name] for name in CANCEL_FILTERS),
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

        # Many at once, of one shard: so each row is found by the primary key.
        ids = sa.func.json_each(P("ids")).table_valued("value").alias("ids")
        of_messages = (leg.c.shard == P("of_shard"), leg.c.message_id.in_(sa.select(ids.c.value)))
        changed = {"version": leg.c.version + sa.literal_column("1")}
        end = (
            sa.update(leg)
            .where(*of_messages, leg.c.state == _literal(_QUEUED))
            .values(
                state=_literal(LegState.FAILED.value),
                # Its code and text, which would split each page, are read from it.
                failure=_literal(SendFailure.CANCELLED.value),
                updated_at=P("now"),
                **changed,
            )
        )
        self.end_legs = to_sql(end.where(leg.c.leg == sa.literal_column("0")))
        self.end_later_legs = to_sql(end.where(leg.c.leg > sa.literal_column("0")))
        # The version of a message is that of its leg 0.
        self.change_version = to_sql(
            sa.update(leg).where(*of_messages, leg.c.leg == sa.literal_column("0")).values(changed)
        )
        unmarked = sa.func.json_extract(message.c.body, _MARK).is_(None)
        self.mark = to_sql(
            sa.update(message)
            .where(
                message.c.shard == P("of_shard"), message.c.message_id.in_(sa.select(ids.c.value)), unmarked
            )
            .values(body=sa.func.json_set(message.c.body, _MARK, sa.func.json(_literal("true"))))
        )
        self.last_place = to_sql(
            _in_lane(sa.select(journal.c.visible_at, journal.c.seq)).limit(1).offset(P("skipped"))
        )
        # A statement a set of filters, so that only what has some is joined; by name and filters.
        self.selects = {
            " ".join((name, *filters)): to_sql(select(filters))
            for name, select in _SELECTS.items()
            for filters in (_SETS_OF_FILTERS if name != "to_publish" else [()])
        }


def _literal(text: str) -> Any:
    return sa.literal_column("'" + text.replace("'", "''") + "'")


_MARK = _literal("$.cancelled")
_IS_CANCELLED = sa.and_(
    leg.c.state == _literal(LegState.FAILED.value), leg.c.failure == _literal(SendFailure.CANCELLED.value)
)
_LEG = sa.func.coalesce(
    sa.func.json_extract(journal.c.body, sa.literal_column("'$.leg'")), sa.literal_column("0")
)


# A lane of the dispatch stage is of one account. Nothing is grouped, for which the rows would be sorted.
_IN_LINE = (
    sa.func.json_group_array(journal.c.message_id),
    sa.func.json_group_array(journal.c.message_id).filter(
        sa.func.json_extract(journal.c.body, sa.literal_column("'$.leg'")) > sa.literal_column("0")
    ),
    sa.func.count(),
)
_OF_SHARD = journal.c.shard == P("of_shard")
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


def _up_to(rows: Any) -> Any:
    """Rows up to a place, of no order."""
    return rows.where(sa.tuple_(P("until_visible_at"), P("until_seq")) >= _PLACE).order_by(None)


def _select_waiting(filters: Sequence[str]) -> Any:
    rows = _with_legs(*_IN_LINE).where(leg.c.state == _literal(_QUEUED))
    return _matching(_up_to(_in_lane(rows)), [_OF_SHARD, *_conditions(filters)])


def _select_in_line(filters: Sequence[str]) -> Any:
    rows = sa.select(*_IN_LINE).select_from(journal)
    return _matching(_up_to(_in_lane(rows)), [_OF_SHARD, *_conditions(filters)])


def _select_started(filters: Sequence[str]) -> Any:
    ids = sa.func.json_group_array(journal.c.message_id)
    kind = sa.func.json_extract(journal.c.body, sa.literal_column("'$.kind'"))
    # Each leg has one timer of this kind.
    with_provider = sa.and_(
        kind == _literal("expiry"), leg.c.state.in_([_literal(state) for state in _WITH_PROVIDER])
    )
    rows = _up_to(_in_lane(_with_legs(journal.c.shard, ids, sa.func.sum(with_provider))))
    of_account = message.c.account_id == P("account_id")
    started = _matching(rows, [of_account, *_conditions(filters)]).where(sa.not_(_IS_CANCELLED))
    return started.group_by(journal.c.shard)


def _select_to_publish(_: Sequence[str]) -> Any:
    columns = journal.c
    rows = _with_legs(
        columns.seq, columns.message_id, columns.visible_at, columns.body, columns.tries, columns.fence
    )
    return _in_lane(rows).where(_IS_CANCELLED).limit(P("limit"))


_SELECTS: dict[str, Callable[[Sequence[str]], Any]] = {
    "waiting": _select_waiting,
    "in_line": _select_in_line,
    "started": _select_started,
    "to_publish": _select_to_publish,
}
