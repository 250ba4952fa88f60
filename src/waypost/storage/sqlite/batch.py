"""Writes the commands of many changes together: one statement a table and kind, however many rows it has."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from waypost.model.identifiers import shard_of
from waypost.model.message.lanes import callback_lane, parse_callback_lane
from waypost.model.people import canonical_person
from waypost.storage import changes as c
from waypost.storage.records import Callback, CallbackState, Stage
from waypost.storage.rows import (
    Row,
    attempt_row,
    callback_row,
    encode,
    found_by,
    leg_row,
    suppression_row,
)
from waypost.storage.sql_text import sql_text
from waypost.storage.suppressions import ListedPeople

Execute = Callable[[str, list[Row]], object]


_SQL = sql_text().batch


class Batch:
    """Collects commands as rows, and writes them.

    Args:
        new_id: returns a new id for a row of the journal.
        people: the filter over the recipients on any suppression list.
        latest_callback: returns the highest id of the callbacks that are stored.

    Attributes:
        enqueued: (stage, lane, visible_at) of the rows that may be claimed once this is committed.
        queues: the names of queues that messages were added to.
    """

    def __init__(
        self, new_id: Callable[[], int], latest_callback: Callable[[], int], people: ListedPeople
    ) -> None:
        self._new_id = new_id
        self._people = people
        self._latest_callback = latest_callback
        self._callback_id = 0
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        self.enqueued: list[tuple[Stage, str, int]] = []
        self.queues: set[str] = set()

    def add(self, commands: Iterable[c.Command]) -> None:
        """Collects commands."""
        for command in commands:
            _COLLECT[type(command)](self, command)

    def write(self, execute: Execute) -> None:
        """Writes what was collected.

        Args:
            execute: executes a statement once for each row.
        """
        rows, self._rows = self._rows, defaultdict(list)
        self._callback_id = 0
        for name, sql in _SQL.items():
            if name in rows:
                execute(sql, rows[name])

    def _add_message(self, command: c.AddMessage) -> None:
        added = command.message
        self._rows["messages"].append(
            (
                added.shard,
                added.message_id,
                added.account_id,
                encode(added).decode(),
                added.call.request_id or None,
                *found_by(added),
            )
        )

    def _put_leg(self, command: c.PutLeg) -> None:
        self._rows["legs"].append(leg_row(command.leg))

    def _readdress(self, command: c.Readdress) -> None:
        moved = command.leg
        self._rows["readdressed"].append((moved.recipient, moved.shard, moved.message_id, moved.leg))

    def _put_attempt(self, command: c.PutAttempt) -> None:
        self._rows["attempts"].append(attempt_row(command.attempt))

    def _enqueue(self, command: c.Enqueue) -> None:
        stage, lane, visible_at = command.stage, command.lane, command.visible_at
        claimed = command.claimed
        if claimed is None:
            self.enqueued.append((stage, lane, visible_at))
            seq, fence, until = self._new_id(), 0, 0
        else:
            seq, fence, until = claimed.seq, claimed.fence, claimed.until
        message_id = command.message_id
        shard = shard_of(message_id) if message_id else 0
        self._rows["work"].append(
            (seq, shard, stage.value, message_id, visible_at, command.body, 0, lane, fence, until)
        )

    def _finish(self, command: c.Finish) -> None:
        self._rows["finished"].append((command.work.seq,))

    def _postpone(self, command: c.Postpone) -> None:
        work = command.work
        self._rows["postponed"].append((command.visible_at, int(command.tried), work.seq))
        self.enqueued.append((work.stage, work.lane, command.visible_at))

    def _drop_timers(self, command: c.DropTimers) -> None:
        self._rows["dropped_timers"].append((command.message_id,))

    def _add_event(self, command: c.AddEvent) -> None:
        added = command.event
        self._rows["events"].append(
            (shard_of(added.message_id), added.message_id, added.leg, added.at, added.kind, added.text)
        )

    def _publish(self, command: c.Publish) -> None:
        published, now = command.callback, command.callback.created_at
        # The writer alone gives ids, so they ascend in the order of publishing.
        self._callback_id = 1 + (self._callback_id or self._latest_callback())
        self._rows["callbacks"].append((self._callback_id, *callback_row(published)))
        if published.state is CallbackState.WAITING:
            self._push(published, self._callback_id, now)
        if command.queue:
            self.queues.add(command.queue)
            self._rows["queue_messages"].append((command.queue, published.body, now, now, 0, None, 0))

    def _push(self, callback: Callback, callback_id: int, now: int) -> None:
        # That of an earlier callback of the message serves for all.
        lane, message_id = callback_lane(callback.account_id, callback.url), callback.message_id
        body = "" if message_id else str(callback_id)
        shard = shard_of(message_id) if message_id else 0
        self.enqueued.append((Stage.CALLBACK, lane, now))
        self._rows["pushes"].append(
            (self._new_id(), shard, Stage.CALLBACK.value, message_id, now, body, 0, lane, 0, 0)
        )

    def _end_callback(self, command: c.EndCallback) -> None:
        ended = command.callback
        self._rows["ended_callbacks"].append(
            (ended.state.value, ended.tries, ended.error, ended.ended_at, ended.url, ended.id)
        )

    def _replay_callback(self, command: c.ReplayCallback) -> None:
        replayed = msgspec.structs.replace(
            command.callback, url=command.url, state=CallbackState.WAITING, tries=0, ended_at=None
        )
        self._end_callback(c.EndCallback(replayed))
        self._push(replayed, replayed.id, command.now)

    def _finish_push(self, command: c.FinishPush) -> None:
        work = command.work
        url = parse_callback_lane(work.lane).url
        self._rows["finished_pushes"].append((work.seq, work.message_id, url))
        self._rows["freed_pushes"].append((work.seq,))
        self.enqueued.append((work.stage, work.lane, 0))

    def _count(self, command: c.Count) -> None:
        self._rows["counts"].append(msgspec.structs.astuple(command.count))

    def _count_sms(self, command: c.CountSms) -> None:
        for count in command.counts:
            self._rows["sms_counts"].append((count.account_id, count.scope, count.key, count.hour, 1))
            self._rows["old_sms_counts"].append((count.hour - 1,))

    def _suppress(self, command: c.Suppress) -> None:
        # Before the commit: after a rollback, a false positive only costs a query.
        self._people.add(command.entry.account_id, command.entry.recipient)
        self._rows["suppressions"].append(suppression_row(command.entry))

    def _unsuppress(self, command: c.Unsuppress) -> None:
        entry = command.entry
        person = canonical_person(entry.channel, entry.recipient)
        erased = self._people.erased(entry.account_id, person)
        self._rows["unsuppressed"].append(
            (entry.account_id, person, erased, entry.channel, entry.sender, entry.reason.value, entry.at)
        )

    def _add_inbound(self, command: c.AddInbound) -> None:
        added, last = command.message, command.last_inbound
        self._rows["inbound_messages"].append(msgspec.structs.astuple(added))
        if last is not None:
            for address in filter(None, (added.user, command.user_id)):
                person = canonical_person(added.channel, address)
                self._rows["conversations"].append((added.channel, added.sender, person, last))

    def _put_spelling(self, command: c.PutSpelling) -> None:
        person = canonical_person(command.channel, command.spelling)
        self._rows["spellings"].append((command.channel, person, command.spelling))

    def _claim_inbound(self, command: c.ClaimInbound) -> None:
        self._rows["inbounds"].append((command.route, command.provider_id, command.at))

    def _write_nothing(self, command: c.ClaimNonce | c.RequireUnsuppressed | c.RequireOpenWindow) -> None:
        """Does nothing: the guards have done all."""


_COLLECT: dict[type[c.Command], Callable[[Batch, Any], None]] = {
    c.AddMessage: Batch._add_message,
    c.PutLeg: Batch._put_leg,
    c.Readdress: Batch._readdress,
    c.PutAttempt: Batch._put_attempt,
    c.Enqueue: Batch._enqueue,
    c.Finish: Batch._finish,
    c.Postpone: Batch._postpone,
    c.DropTimers: Batch._drop_timers,
    c.AddEvent: Batch._add_event,
    c.Publish: Batch._publish,
    c.EndCallback: Batch._end_callback,
    c.ReplayCallback: Batch._replay_callback,
    c.FinishPush: Batch._finish_push,
    c.Count: Batch._count,
    c.CountSms: Batch._count_sms,
    c.Suppress: Batch._suppress,
    c.Unsuppress: Batch._unsuppress,
    c.AddInbound: Batch._add_inbound,
    c.PutSpelling: Batch._put_spelling,
    c.ClaimInbound: Batch._claim_inbound,
    c.ClaimNonce: Batch._write_nothing,
    c.RequireUnsuppressed: Batch._write_nothing,
    c.RequireOpenWindow: Batch._write_nothing,
}
