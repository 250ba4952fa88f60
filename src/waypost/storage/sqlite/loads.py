"""Loads what the decisions of a batch need, with one statement a table, however long the batch is."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from waypost.model.identifiers import MessageId, shard_of
from waypost.model.message.leg import Attempt
from waypost.storage.records import Callback, Correspondents, MessageRecord, Watermark, Work
from waypost.storage.rows import Row, decode_message, encode, to_attempt, to_callback, to_leg

Query = Callable[[str, Sequence[Any]], list[Row]]

_OF_MESSAGES = """FROM json_each(?) AS w JOIN {table} AS t
    ON t.shard = w.value ->> 0 AND t.message_id = w.value ->> 1"""
_MESSAGES = "SELECT t.body " + _OF_MESSAGES.format(table="message")
_LEGS = "SELECT t.* " + _OF_MESSAGES.format(table="leg") + " ORDER BY t.message_id, t.leg"
_ATTEMPTS = "SELECT t.* " + _OF_MESSAGES.format(table="attempt") + " ORDER BY t.message_id, t.leg, t.attempt"
_BY_PROVIDER_ID = """SELECT t.* FROM json_each(?) AS w JOIN attempt AS t
    ON t.route = w.value ->> 0 AND t.provider_id = w.value ->> 1"""
# Conditions of the partial index are written out: SQLite uses it only for a literal condition.
_UNANSWERED = """SELECT t.* FROM json_each(?) AS w JOIN attempt AS t
    ON t.recipient = w.value ->> 2 AND t.sender = w.value ->> 1 AND t.route = w.value ->> 0
    WHERE t.provider_id IS NULL AND t.outcome IN ('under_way', 'unknown') ORDER BY t.started_at"""
_BEHIND = """SELECT w.key, t.* FROM json_each(?) AS w
    JOIN attempt AS t ON t.route = w.value ->> 0
        AND t.provider_id >= w.value ->> 1 AND t.provider_id < w.value ->> 2
    JOIN leg ON leg.shard = t.shard AND leg.message_id = t.message_id AND leg.leg = t.leg
    WHERE t.started_at >= w.value ->> 3 AND leg.state NOT IN (w.value ->> 4, 'read') ORDER BY t.started_at"""
_CALLBACKS = """SELECT t.id, t.message_id, t.account_id, t.kind, t.url, t.body, t.state, t.tries, t.error,
    t.created_at, t.ended_at FROM json_each(?) AS w JOIN callback AS t """
_WAITING_OF_MESSAGES = _CALLBACKS + "ON t.message_id = w.value WHERE t.state = 'waiting' ORDER BY t.id"
_WAITING_BY_ID = _CALLBACKS + "ON t.id = w.value WHERE t.state = 'waiting' ORDER BY t.id"


class Loads:
    """Reads in batches.

    Args:
        query: executes a statement and returns its rows.
    """

    def __init__(self, query: Query) -> None:
        self._query = query

    def messages(self, message_ids: Iterable[MessageId]) -> dict[MessageId, MessageRecord]:
        """The messages with these ids that exist, with their legs and attempts."""
        keys = (encode([(shard_of(id_), id_) for id_ in dict.fromkeys(message_ids)]).decode(),)
        loaded: dict[MessageId, MessageRecord] = {}
        for (body,) in self._query(_MESSAGES, keys):
            message = decode_message(body)
            loaded[message.message_id] = MessageRecord(message, [], [])
        for row in self._query(_LEGS, keys):
            if row[1] in loaded:
                loaded[row[1]].legs.append(to_leg(row))
        for row in self._query(_ATTEMPTS, keys):
            if row[1] in loaded:
                loaded[row[1]].attempts.append(to_attempt(row))
        return loaded

    def attempts_by_provider_id(self, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Attempt]:
        """The attempts that a provider answered with these ids, by (route, id)."""
        attempts = map(to_attempt, self._query(_BY_PROVIDER_ID, (encode(ids).decode(),)))
        return {(attempt.route, attempt.provider_id or ""): attempt for attempt in attempts}

    def unanswered_attempts(self, people: Sequence[Correspondents]) -> dict[Correspondents, list[Attempt]]:
        """The attempts of a sender to a recipient that have no provider id (under way or unknown), oldest
        first, by (route, sender, recipient)."""
        found: dict[Correspondents, list[Attempt]] = {}
        for row in self._query(_UNANSWERED, (encode(list(dict.fromkeys(people))).decode(),)):
            attempt = to_attempt(row)
            found.setdefault(Correspondents(attempt.route, attempt.sender, attempt.recipient), []).append(
                attempt
            )
        return found

    def attempts_behind(self, watermarks: Sequence[Watermark]) -> list[list[Attempt]]:
        """For each watermark the attempts that it may cover, oldest first."""
        found: list[list[Attempt]] = [[] for _ in watermarks]
        keys = [
            (
                mark.route,
                mark.prefix,
                mark.prefix[:-1] + chr(ord(mark.prefix[-1]) + 1),
                mark.since,
                mark.enough,
            )
            for mark in watermarks
        ]
        for place, *row in self._query(_BEHIND, (encode(keys).decode(),)):
            found[place].append(to_attempt(tuple(row)))
        return found

    def waiting_callbacks(self, works: Iterable[Work]) -> list[Callback]:
        """The callbacks that wait for these pushes, in the order of publishing."""
        message_ids = list({work.message_id for work in works if work.message_id})
        ids = [int(work.body) for work in works if not work.message_id]
        rows = self._query(_WAITING_OF_MESSAGES, (encode(message_ids).decode(),)) if message_ids else []
        if ids:
            rows += self._query(_WAITING_BY_ID, (encode(ids).decode(),))
        return [to_callback(row) for row in rows]
