"""What is old is removed: content and addresses first, then whole messages, and what people wrote.

A message is counted from when the last thing happened to it, and is left alone while there is work for it.
All is done in batches that are bounded by their caller, each in a transaction of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from waypost.model.identifiers import MessageId, shard_of
from waypost.model.message.message import Message
from waypost.model.message.sms_limits import HOUR_MS
from waypost.model.message.statuses import INBOUND_KIND
from waypost.model.redaction import redacted_callback, redacted_message

if TYPE_CHECKING:
    from waypost.storage.retention_statements import RetentionStatements

Rows = list[tuple[Any, ...]]

_decode_message = msgspec.json.Decoder(Message).decode


class MessageAge(NamedTuple):
    """A message, and what speaks for or against touching it.

    Attributes:
        last_change: when the last thing happened to it, milliseconds UTC.
        has_ended: whether all its legs have ended.
        has_work: whether a timer or a push of it waits.
    """

    message_id: MessageId
    last_change: int
    has_ended: bool
    has_work: bool


class Retention:
    """Removes within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: "RetentionStatements"
    ) -> None:
        self._run = run
        self._sql = statements

    def ages(self, shard: int, after: str, before: str, limit: int) -> list[MessageAge]:
        """The first messages of a shard with an id above `after` and below `before`, by their ids."""
        parameters = {"shard": shard, "after": after, "before": before, "limit": limit}
        return [_to_age(row) for row in self._run(self._sql.ages, parameters)[0]]

    def age(self, message_id: MessageId) -> MessageAge | None:
        """One message; None if it is gone."""
        rows = self._run(self._sql.age, {"shard": shard_of(message_id), "message_id": message_id})[0]
        return _to_age(rows[0]) if rows else None

    def redact(self, message_ids: Iterable[MessageId]) -> tuple[int, int]:
        """Removes content and addresses of messages and of their callbacks; returns how many of each were
        not without them already."""
        messages = callbacks = 0
        for message_id in message_ids:
            key = _key(message_id)
            [(body,)] = self._run(self._sql.body, key)[0]
            found = _readable(body)
            # One that is damaged keeps nothing from the others; it is logged by whoever loads it, and goes as
            # a whole at its age.
            if found is not None and found.redacted:
                continue
            if found is not None:
                messages += 1
                redacted = redacted_message(found)
                changed = {
                    "new_body": msgspec.json.encode(redacted).decode(),
                    "new_task_id": redacted.task_id or None,
                    "new_tag": redacted.tag or None,
                }
                self._run(self._sql.set_body, key | changed)
            for statement in self._sql.redact:
                self._run(statement, key)
            callbacks += self.redact_callbacks(self._run(self._sql.callbacks, key)[0])
        return messages, callbacks

    def redact_callbacks(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Removes the content of callbacks, (id, body); returns of how many."""
        changed = 0
        for id_, body in rows:
            new_body = redacted_callback(body)
            if new_body != body:
                changed += 1
                self._run(self._sql.set_callback, {"of_id": id_, "new_body": new_body})
        return changed

    def remove_messages(self, message_ids: Iterable[MessageId]) -> None:
        """Removes messages with all that belongs to them."""
        ids = list(message_ids)
        self.remove_events(ids)
        self.remove_callbacks(ids)
        for message_id in ids:
            for statement in self._sql.remove_message:
                self._run(statement, _key(message_id))

    def remove_events(self, message_ids: Iterable[MessageId]) -> None:
        """Removes the timelines of messages."""
        for message_id in message_ids:
            self._run(self._sql.remove_events, _key(message_id))

    def remove_callbacks(self, message_ids: Iterable[MessageId]) -> None:
        """Removes the callbacks of messages; the latest of all stays, as one of no message."""
        for message_id in message_ids:
            for statement in self._sql.remove_callbacks:
                self._run(statement, _key(message_id))

    def redact_other_callbacks(self, after: int, until: int, limit: int) -> tuple[int, bool]:
        """Removes the content of callbacks of no message, among the first `limit` with ids above `after`, as
        far as they ended until then.

        Returns:
            Up to which id all is done, and whether there may be more.
        """
        rows = self._run(self._sql.other_callbacks, {"after": after, "limit": limit})[0]
        old = list(takewhile(lambda row: row[2] != "waiting" and row[3] <= until, rows))
        self.redact_callbacks((id_, body) for id_, kind, _, _, body in old if kind == INBOUND_KIND)
        return old[-1][0] if old else after, len(old) == limit

    def remove_other_callbacks(self, until: int, limit: int) -> int:
        """Removes callbacks of no message that ended until then, of the first `limit`; returns how many."""
        return self._run(self._sql.remove_other_callbacks, {"until": until, "limit": limit})[1]

    def remove_inbound(self, until: int, limit: int) -> int:
        """Removes up to `limit` rows of a kind of what people wrote until then; returns how many."""
        parameters = {"until": until, "limit": limit}
        return max(self._run(statement, parameters)[1] for statement in self._sql.remove_inbound)

    def remove_sms_counts(self, until: int, limit: int) -> int:
        """Removes up to `limit` counters of SMS, which have numbers, of the hours until then; returns how
        many."""
        return self._run(self._sql.remove_sms_counts, {"until": until // HOUR_MS, "limit": limit})[1]

    def remove_conversations(self, until: int, limit: int) -> int:
        """Removes up to `limit` people who wrote last until then; returns how many."""
        return self._run(self._sql.remove_conversations, {"until": until, "limit": limit})[1]


class RetentionReader:
    """Reads outside a transaction.

    Args:
        read_slowly: executes a statement on a second connection, in a thread.
    """

    def __init__(
        self, read_slowly: Callable[[str, dict[str, Any]], Rows], statements: "RetentionStatements"
    ) -> None:
        self._read_slowly = read_slowly
        self._sql = statements

    def busy(self, before: str) -> frozenset[MessageId]:
        """The messages with ids below `before` that are to be sent, or for which a receipt waits; looks at
        all such work, so it is for a thread."""
        return frozenset(row[0] for row in self._read_slowly(self._sql.busy, {"before": before}))


def _readable(body: str) -> Message | None:
    try:
        return _decode_message(body)
    except msgspec.DecodeError:
        return None


def _to_age(row: Sequence[Any]) -> MessageAge:
    message_id, last_change, is_open, has_timer, has_push = row
    return MessageAge(message_id, last_change or 0, not is_open, bool(has_timer or has_push))


def _key(message_id: MessageId) -> dict[str, Any]:
    return {"of_shard": shard_of(message_id), "of_message": message_id}
