"""The messages that this process wrote last, so that what soon follows about them is decided without a read.

It is no truth of its own: a decision made on what it remembers is written only if the message still has that
version, and is made again on what is loaded if it has not.
"""

from collections.abc import Collection, Iterable

from waypost.model.identifiers import MessageId
from waypost.model.message.leg import Attempt
from waypost.storage.records import MessageRecord

# Some 20 MB at most. A message is followed by most of its receipts within the time of so many.
_MOST = 5000
# What waits is sent in order: with more than these before it, a message would be forgotten until its turn.
_MOST_WAITING = 1000
# After that, what waited was most likely sent by another process, or ended. In milliseconds.
_WAITS_MS = 60_000


class RecentMessages:
    """Messages as this process wrote them, the latest ones.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._records: dict[MessageId, MessageRecord] = {}
        self._waiting: dict[MessageId, MessageRecord] = {}
        self._by_provider_id: dict[tuple[str, str], Attempt] = {}

    def note(self, record: MessageRecord) -> None:
        """Remembers a message as it was written just now."""
        message_id = record.message.message_id
        # Taken out and put in again, so that it is the latest.
        before = self._records.pop(message_id, None)
        self._records[message_id] = record
        if before is None:
            self._waiting.pop(message_id, None)
            self._add_ids(record.attempts)
            if len(self._records) > self._most:
                self.forget(next(iter(self._records)))
        elif before.attempts != record.attempts:
            self._drop_ids(message_id, before.attempts)
            self._add_ids(record.attempts)

    def note_waiting(self, record: MessageRecord) -> None:
        """Remembers a message that was accepted just now and waits for its turn, unless many do."""
        waiting, accepted_at = self._waiting, record.message.accepted_at
        if len(waiting) >= _MOST_WAITING:
            first = next(iter(waiting))
            if accepted_at - waiting[first].message.accepted_at < _WAITS_MS:
                return
            del waiting[first]
        waiting[record.message.message_id] = record

    def forget(self, message_id: MessageId) -> None:
        """Forgets a message, because it was changed by another process, or is gone."""
        record = self._records.pop(message_id, None)
        self._waiting.pop(message_id, None)
        if record is not None:
            self._drop_ids(message_id, record.attempts)

    def _add_ids(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            if attempt.provider_id is not None:
                self._by_provider_id[attempt.route, attempt.provider_id] = attempt

    def _drop_ids(self, message_id: MessageId, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            key = attempt.route, attempt.provider_id or ""
            if (found := self._by_provider_id.get(key)) is not None and found.message_id == message_id:
                del self._by_provider_id[key]

    def get(self, message_id: MessageId) -> MessageRecord | None:
        """A message as it was written last, if it is remembered; the caller may change the record."""
        record = self._records.get(message_id) or self._waiting.get(message_id)
        if record is None:
            return None
        return MessageRecord(record.message, list(record.legs), list(record.attempts))

    def attempts_by_provider_id(self, ids: Collection[tuple[str, str]]) -> dict[tuple[str, str], Attempt]:
        """The attempts that providers answered with these ids, by (route, id), as far as they are
        remembered."""
        attempts = self._by_provider_id
        return {key: attempts[key] for key in ids if key in attempts}
