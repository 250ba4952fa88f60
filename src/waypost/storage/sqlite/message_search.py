"""Searches messages in SQLite: along one index, a bounded number of rows, tested for the other filters."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Any

from waypost.clock import steady_seconds
from waypost.model.identifiers import MessageId, shard_of
from waypost.model.message.leg import LegState
from waypost.storage.message_search import (
    FoundMessage,
    MessageFilter,
    SearchPage,
    Way,
    ways,
)
from waypost.storage.rows import Row, decode_message, encode, to_leg

Query = Callable[[str, Sequence[Any]], list[Row]]
# A statement, and the values that its part of an index begins with.
_Stretch = tuple[str, tuple[str, ...]]

MOST_LOOKED_AT = 5_000
"""How many messages of an index one page looks at: some hundredths of a second's work."""
# A page does not look on after that time, in real seconds: pages of messages may have to come from the disk.
_LONGEST_S = 0.1
_FEWEST_AT_ONCE, _MOST_AT_ONCE = 50, 500

_OF_MESSAGES = ("account_id", "space_id", "template_code", "task_id", "tag", "group_id", "request_id")
"""The members of a filter that are columns of the message."""
_OF_MESSAGE = "l.shard = m.shard AND l.message_id = m.message_id"
_KEYS = "(SELECT value ->> 0 AS shard, value ->> 1 AS message_id FROM json_each(?))"
# What is asked of legs alone needs no look at the message, which is on a page of its own.
_TESTED_BY_LEGS = f"SELECT m.message_id FROM {_KEYS} AS m WHERE "
# CROSS JOIN: SQLite would else go through all messages of a common value, and look for each among the keys.
_TESTED = """SELECT m.message_id FROM json_each(?) AS w CROSS JOIN message AS m
    ON m.shard = w.value ->> 0 AND m.message_id = w.value ->> 1 WHERE """
_FOUND = f"""SELECT m.message_id, m.body, l.* FROM json_each(?) AS w CROSS JOIN message AS m
    ON m.shard = w.value ->> 0 AND m.message_id = w.value ->> 1 LEFT JOIN leg AS l ON {_OF_MESSAGE}
    ORDER BY w.key, l.leg"""
# SQLite takes a partial index only for its condition, literally; and there is one shard.
_CONDITIONS = {
    "leg_by_recipient": "recipient <> ''",
    "leg_by_state": "state NOT IN ('queued', 'submitting')",
    "journal_timer": "stage = 'timer'",
    "": "shard = 0",
}
# The state of a message as `waypost.messaging.history.overall_state` has it.
_OVERALL = f"""(SELECT l.state FROM leg AS l WHERE {_OF_MESSAGE} ORDER BY
    CASE l.state WHEN 'read' THEN 0 WHEN 'delivered' THEN 1 ELSE 2 END, l.leg DESC LIMIT 1)"""
# The values of a column, in an index of which it comes next; one row is read for each.
_VALUES = """WITH RECURSIVE each(value) AS (SELECT min({column}) FROM {table} INDEXED BY {index} WHERE {begun}
    UNION ALL SELECT (SELECT min({column}) FROM {table} INDEXED BY {index} WHERE {begun}
    AND {column} > each.value) FROM each WHERE each.value IS NOT NULL)
    SELECT value FROM each WHERE value IS NOT NULL"""


class MessageSearchReader:
    """`waypost.storage.message_search.MessageSearcher` on SQLite.

    Args:
        query: executes a statement on a connection for long reads.
        most_looked_at: how many messages of an index one page looks at.
    """

    def __init__(self, query: Query, *, most_looked_at: int = MOST_LOOKED_AT) -> None:
        self._query = query
        self._most = most_looked_at

    async def page(
        self, filters: MessageFilter, *, limit: int, skip: int = 0, newest_first: bool = True
    ) -> SearchPage:
        """The first messages that match, by their MessageIds; looks at a bounded number of messages."""
        return await asyncio.to_thread(self._page, filters, limit, skip, newest_first)

    def _page(self, filters: MessageFilter, limit: int, skip: int, newest_first: bool) -> SearchPage:
        first, *others = ways(filters)
        page = self._along(first, filters, limit, skip, newest_first)
        if page.reached is None or len(page.found) == limit:
            return page
        # Its values turned out to be common; perhaps there is one of another filter that is not.
        for way in others:
            if not self._has_more_than(self._most, way, filters, newest_first):
                return self._along(way, filters, limit, skip, newest_first)
        return page

    def _along(
        self, way: Way, filters: MessageFilter, limit: int, skip: int, newest_first: bool
    ) -> SearchPage:
        tested = filters.without(way.covers)
        stretches = self._stretches(way, newest_first)
        matching: list[MessageId] = []
        reached: MessageId | None = None
        looked_at, at_once = 0, max(limit + skip, _FEWEST_AT_ONCE)
        deadline = steady_seconds() + _LONGEST_S
        while looked_at < self._most and len(matching) < skip + limit and steady_seconds() < deadline:
            at_once = min(at_once, self._most - looked_at, _MOST_AT_ONCE)
            ids = self._next(stretches, filters, newest_first, at_once)
            looked_at += len(ids)
            matching += ids if tested.is_open else self._matching(ids, tested)
            reached = ids[-1] if len(ids) == at_once else None
            if reached is None:
                break
            filters = filters.behind(reached, newest_first=newest_first)
            at_once *= 2
        chosen = matching[skip : skip + limit]
        if len(matching) > skip + limit:
            reached = chosen[-1]
        return SearchPage(self._found(chosen), min(skip, len(matching)), reached)

    def _stretches(self, way: Way, newest_first: bool) -> list[_Stretch]:
        """The parts of a way, with each value that there is in place of None."""
        sql = _along_index(way, newest_first)
        stretches: list[_Stretch] = []
        for part in way.parts:
            begun: list[tuple[str, ...]] = [()]
            for column, value in zip(way.columns, part, strict=True):
                begun = [
                    (*values, each)
                    for values in begun
                    for each in ((value,) if value is not None else self._values(way, values, column))
                ]
            stretches += [(sql, values) for values in begun]
        return stretches if way.beside is None else stretches + self._stretches(way.beside, newest_first)

    def _values(self, way: Way, begun: tuple[str, ...], column: str) -> list[str]:
        is_begun = [f"{name} = ?{place}" for place, name in enumerate(way.columns[: len(begun)], 1)]
        sql = _VALUES.format(
            column=column, table=way.table, index=way.index_name, begun=" AND ".join(is_begun) or "true"
        )
        return [row[0] for row in self._query(sql, begun)]

    def _next(
        self, stretches: Sequence[_Stretch], filters: MessageFilter, newest_first: bool, limit: int
    ) -> list[MessageId]:
        """The first MessageIds of a way, each once."""
        bounds = (filters.after, filters.before, limit)
        found = [[row[0] for row in self._query(sql, (*values, *bounds))] for sql, values in stretches]
        if len(found) == 1:
            return found[0]
        return list(islice(dict.fromkeys(merge(*found, reverse=newest_first)), limit))

    def _has_more_than(self, most: int, way: Way, filters: MessageFilter, newest_first: bool) -> bool:
        for sql, values in self._stretches(way, newest_first):
            if self._query(f"{sql} OFFSET ?", (*values, filters.after, filters.before, 1, most)):
                return True
        return False

    def _matching(self, ids: Sequence[MessageId], filters: MessageFilter) -> list[MessageId]:
        conditions, values = _conditions(filters)
        tested = _TESTED if any(getattr(filters, name) for name in _OF_MESSAGES) else _TESTED_BY_LEGS
        matching = {row[0] for row in self._query(tested + conditions, (_keys(ids), *values))}
        return [message_id for message_id in ids if message_id in matching]

    def _found(self, ids: Sequence[MessageId]) -> list[FoundMessage]:
        found: list[FoundMessage] = []
        for message_id, body, *row in self._query(_FOUND, (_keys(ids),)):
            if not found or found[-1].message.message_id != message_id:
                found.append(FoundMessage(decode_message(body), []))
            if row[0] is not None:
                found[-1].legs.append(to_leg(tuple(row)))
        return found


def _along_index(way: Way, newest_first: bool) -> str:
    conditions = [f"{column} = ?" for column in way.columns]
    if way.own_leg:
        conditions.append("leg = 0")
    if way.index_name in _CONDITIONS:
        conditions.append(_CONDITIONS[way.index_name])
    conditions += ["message_id > ?", "message_id < ?"]
    indexed = f" INDEXED BY {way.index_name}" if way.index_name else ""
    return (
        f"SELECT DISTINCT message_id FROM {way.table}{indexed} WHERE {' AND '.join(conditions)}"
        f" ORDER BY message_id {'DESC' if newest_first else 'ASC'} LIMIT ?"
    )


def _conditions(filters: MessageFilter) -> tuple[str, list[str]]:
    """The conditions on a message `m` that a filter comes to, and their values."""
    conditions: list[str] = []
    values: list[str] = []
    for name in _OF_MESSAGES:
        value = getattr(filters, name)
        if value:
            conditions.append(f"m.{name} = ?")
            values.append(value)
    of_leg = ["l.leg = 0"] if filters.own_leg else []
    of_leg += [f"l.{name} = ?" for name in ("channel", "sender") if getattr(filters, name)]
    values += filter(None, (filters.channel, filters.sender))
    if filters.recipients:
        of_leg.append(f"l.recipient IN ({_places(filters.recipients)})")
        values += filters.recipients
    if filters.channel or filters.sender or filters.recipients:
        conditions.append(_exists(of_leg))
    if filters.own_states:
        conditions.append(_exists(["l.leg = 0", f"l.state IN ({_places(filters.own_states)})"]))
        values += _names(filters.own_states)
    if filters.states:
        conditions.append(f"{_OVERALL} IN ({_places(filters.states)})")
        values += _names(filters.states)
    return " AND ".join(conditions), values


def _exists(conditions: Sequence[str]) -> str:
    return f"EXISTS (SELECT 1 FROM leg AS l WHERE {' AND '.join((_OF_MESSAGE, *conditions))})"


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _names(states: Iterable[LegState]) -> list[str]:
    return [state.value for state in states]


def _keys(ids: Sequence[MessageId]) -> str:
    return encode([(shard_of(message_id), message_id) for message_id in ids]).decode()
