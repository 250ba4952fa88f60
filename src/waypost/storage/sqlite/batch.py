"""Writes the commands of many changes together: one statement a table and kind, however many rows it has."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from waypost.model.identifiers import AccountId, MessageId, shard_of
from waypost.model.message.lanes import callback_lane, url_of_callback_lane
from waypost.model.people import canonical_person
from waypost.storage import changes as c
from waypost.storage.records import CallbackState, Stage
from waypost.storage.rows import (
    Row,
    attempt_row,
    callback_row,
    ended_callback_row,
    leg_row,
    new_message_row,
    suppression_row,
)
from waypost.storage.sql_text import sql_text
from waypost.storage.suppressions import ListedPeople

Execute = Callable[[str, list[Row]], object]
Placed: TypeAlias = Sequence[tuple[int, Any]]
"""The commands of one kind, each with the place of its change."""
OfKinds: TypeAlias = Mapping[type[c.Command], Placed]


_SQL = sql_text().batch
_ORDER = {name: place for place, name in enumerate(_SQL)}


def commands_of(changes: Sequence[c.Change]) -> OfKinds:
    """The commands of changes by their kind, in their order."""
    kinds: defaultdict[type[c.Command], list[tuple[int, Any]]] = defaultdict(list)
    for place, change in enumerate(changes):
        for command in change.commands:
            kinds[type(command)].append((place, command))
    return kinds


class Batch:
    """Turns commands into rows, and writes them.

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
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        self.enqueued: set[tuple[Stage, str, int]] = set()
        self.queues: set[str] = set()

    def write(self, commands: OfKinds, execute: Execute) -> None:
        """Writes commands.

        Args:
            execute: executes a statement once for each row.
        """
        for kind, placed in commands.items():
            _COLLECT[kind](self, placed)
        for name in sorted(self._rows, key=_ORDER.__getitem__):
            execute(_SQL[name], self._rows[name])

    def _add_messages(self, commands: Placed) -> None:
        self._rows["messages"] = [new_message_row(command.message) for _, command in commands]

    def _put_legs(self, commands: Placed) -> None:
        self._rows["legs"] = [leg_row(command.leg) for _, command in commands]

    def _readdress(self, commands: Placed) -> None:
        moved = [command.leg for _, command in commands]
        self._rows["readdressed"] = [(leg.recipient, leg.shard, leg.message_id, leg.leg) for leg in moved]

    def _put_attempts(self, commands: Placed) -> None:
        self._rows["attempts"] = [attempt_row(command.attempt) for _, command in commands]

    def _enqueue(self, commands: Placed) -> None:
        new_id, rows = self._new_id, self._rows["work"]
        for _, command in commands:
            message_id, claimed = command.message_id, command.claimed
            shard = shard_of(message_id) if message_id else 0
            row = (
                shard,
                command.stage.value,
                message_id,
                command.visible_at,
                command.body,
                0,
                command.lane,
            )
            if claimed is None:
                rows.append((new_id(), *row, 0, 0))
                self.enqueued.add((command.stage, command.lane, command.visible_at))
            else:
                rows.append((claimed.seq, *row, claimed.fence, claimed.until))

    def _finish(self, commands: Placed) -> None:
        self._rows["finished"] = [(command.work.seq,) for _, command in commands]

    def _postpone(self, commands: Placed) -> None:
        for _, command in commands:
            work = command.work
            self._rows["postponed"].append((command.visible_at, int(command.tried), work.seq))
            self.enqueued.add((work.stage, work.lane, command.visible_at))

    def _drop_timers(self, commands: Placed) -> None:
        self._rows["dropped_timers"] = [(command.message_id,) for _, command in commands]

    def _add_events(self, commands: Placed) -> None:
        added = [command.event for _, command in commands]
        self._rows["events"] = [
            (shard_of(one.message_id), one.message_id, one.leg, one.at, one.kind, one.text) for one in added
        ]

    def _publish(self, commands: Placed) -> None:
        callbacks = self._rows["callbacks"]
        # The writer alone gives ids, so they ascend in the order of publishing.
        for callback_id, (_, command) in enumerate(commands, 1 + self._latest_callback()):
            published, now = command.callback, command.callback.created_at
            callbacks.append((callback_id, *callback_row(published)))
            if published.state is CallbackState.WAITING:
                self._push(published.account_id, published.url, published.message_id, callback_id, now)
            if command.queue:
                self.queues.add(command.queue)
                self._rows["queue_messages"].append((command.queue, published.body, now, now, 0, None, 0))

    def _push(
        self, account_id: AccountId, url: str, message_id: MessageId, callback_id: int, now: int
    ) -> None:
        lane = callback_lane(account_id, url)
        # That of an earlier callback of the message serves for all.
        shard, body = (shard_of(message_id), "") if message_id else (0, str(callback_id))
        self.enqueued.add((Stage.CALLBACK, lane, now))
        self._rows["pushes"].append((self._new_id(), shard, _CALLBACK, message_id, now, body, 0, lane, 0, 0))

    def _end_callbacks(self, commands: Placed) -> None:
        self._rows["ended_callbacks"] = [ended_callback_row(command.callback) for _, command in commands]

    def _replay_callbacks(self, commands: Placed) -> None:
        for _, command in commands:
            replayed = msgspec.structs.replace(
                command.callback, url=command.url, state=CallbackState.WAITING, tries=0, ended_at=None
            )
            self._rows["ended_callbacks"].append(ended_callback_row(replayed))
            self._push(replayed.account_id, replayed.url, replayed.message_id, replayed.id, command.now)

    def _finish_pushes(self, commands: Placed) -> None:
        works = [command.work for _, command in commands]
        self._rows["finished_pushes"] = [
            (work.seq, work.message_id, url_of_callback_lane(work.lane)) for work in works
        ]
        self._rows["freed_pushes"] = [(work.seq,) for work in works]
        self.enqueued.update({(work.stage, work.lane, 0) for work in works})

    def _count(self, commands: Placed) -> None:
        self._rows["counts"] = [msgspec.structs.astuple(command.count) for _, command in commands]

    def _count_sms(self, commands: Placed) -> None:
        counts = [count for _, command in commands for count in command.counts]
        self._rows["sms_counts"] = [(one.account_id, one.scope, one.key, one.hour, 1) for one in counts]
        self._rows["old_sms_counts"] = [(one.hour - 1,) for one in counts]

    def _suppress(self, commands: Placed) -> None:
        for _, command in commands:
            # Before the commit: after a rollback, a false positive only costs a query.
            self._people.add(command.entry.account_id, command.entry.recipient)
            self._rows["suppressions"].append(suppression_row(command.entry))

    def _unsuppress(self, commands: Placed) -> None:
        for _, command in commands:
            entry = command.entry
            person = canonical_person(entry.channel, entry.recipient)
            erased = self._people.erased(entry.account_id, person)
            self._rows["unsuppressed"].append(
                (entry.account_id, person, erased, entry.channel, entry.sender, entry.reason.value, entry.at)
            )

    def _add_inbound(self, commands: Placed) -> None:
        for _, command in commands:
            added, last = command.message, command.last_inbound
            self._rows["inbound_messages"].append(msgspec.structs.astuple(added))
            if last is not None:
                for address in filter(None, (added.user, command.user_id)):
                    person = canonical_person(added.channel, address)
                    self._rows["conversations"].append((added.channel, added.sender, person, last))

    def _put_spellings(self, commands: Placed) -> None:
        self._rows["spellings"] = [
            (command.channel, canonical_person(command.channel, command.spelling), command.spelling)
            for _, command in commands
        ]

    def _claim_inbound(self, commands: Placed) -> None:
        self._rows["inbounds"] = [(command.route, command.provider_id, command.at) for _, command in commands]

    def _write_nothing(self, commands: Placed) -> None:
        """Does nothing: the guards have done all."""


_CALLBACK = Stage.CALLBACK.value
_COLLECT: dict[type[c.Command], Callable[[Batch, Placed], None]] = {
    c.AddMessage: Batch._add_messages,
    c.PutLeg: Batch._put_legs,
    c.Readdress: Batch._readdress,
    c.PutAttempt: Batch._put_attempts,
    c.Enqueue: Batch._enqueue,
    c.Finish: Batch._finish,
    c.Postpone: Batch._postpone,
    c.DropTimers: Batch._drop_timers,
    c.AddEvent: Batch._add_events,
    c.Publish: Batch._publish,
    c.EndCallback: Batch._end_callbacks,
    c.ReplayCallback: Batch._replay_callbacks,
    c.FinishPush: Batch._finish_pushes,
    c.Count: Batch._count,
    c.CountSms: Batch._count_sms,
    c.Suppress: Batch._suppress,
    c.Unsuppress: Batch._unsuppress,
    c.AddInbound: Batch._add_inbound,
    c.PutSpelling: Batch._put_spellings,
    c.ClaimInbound: Batch._claim_inbound,
    c.ClaimNonce: Batch._write_nothing,
    c.RequireUnsuppressed: Batch._write_nothing,
    c.RequireOpenWindow: Batch._write_nothing,
}
