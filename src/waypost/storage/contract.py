"""The contract of a store. SQLite is the first one; the conformance suite in `tests/storage` defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

# Types alone: who catches an error of a store, or only names one, need not load its statements.
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from waypost.model.histogram import Histogram
    from waypost.model.identifiers import AccountId, MessageId
    from waypost.model.message.leg import Attempt, Leg
    from waypost.model.message.message import Message
    from waypost.model.templates.metrics import TemplateCount
    from waypost.storage.audit import AuditReader
    from waypost.storage.backlogs import BacklogReader
    from waypost.storage.call_records import CallRecordReader, CallRecords
    from waypost.storage.cancellations import CancellationReader, Cancellations
    from waypost.storage.changes import Change, Command, Refusal
    from waypost.storage.client_tokens import ClientTokenReader, ClientTokens
    from waypost.storage.condition import StoreCondition
    from waypost.storage.configuration import ConfigurationChanges, ConfigurationReader
    from waypost.storage.conversations import ConversationReader
    from waypost.storage.erasure import Erasure, PersonTraceReader
    from waypost.storage.inbound_messages import InboundReader
    from waypost.storage.message_search import MessageSearcher
    from waypost.storage.queue_messages import QueueChanges, QueueReader
    from waypost.storage.records import (
        Callback,
        CallbackState,
        Correspondents,
        Event,
        Lease,
        MessageRecord,
        Stage,
        Watermark,
        Work,
    )
    from waypost.storage.rejected_webhooks import RejectedWebhookReader, RejectedWebhooks
    from waypost.storage.retention import Retention, RetentionReader
    from waypost.storage.route_rates import RouteRates
    from waypost.storage.route_states import RouteStateReader, RouteStates
    from waypost.storage.suppressions import SuppressionReader, Suppressions

T = TypeVar("T")


class StoreUnavailableError(Exception):
    """The database could not make a change durable; nothing of it was done."""


class UnknownOutcomeError(StoreUnavailableError):
    """A flush to disk has not ended for some seconds; what it writes may become durable yet.

    Attributes:
        outcome: has the result, or the error, once the flush ends.
    """

    def __init__(self, reason: str, outcome: asyncio.Future[Any]) -> None:
        super().__init__(reason)
        self.outcome = outcome


class FilesLostError(StoreUnavailableError):
    """A file of the store was taken away while it was in use; nothing can be made durable any more.

    Attributes:
        path: the file.
        what: what was done to it, in words.
    """

    def __init__(self, path: str, what: str) -> None:
        super().__init__(
            f"{path} {what} while the service ran. Nothing is accepted any more; what was answered before is "
            "in the file that was there. Put that file back with its companions (-wal, -shm), or restore a "
            "backup, and start again"
        )
        self.path = path
        self.what = what


class RefusedError(Exception):
    """Commands of a transaction were refused, and nothing of the transaction is done."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class Transaction(Protocol):
    """Reads and writes that are committed as one. Valid only inside `Store.transact`.

    Attributes:
        suppressions: recipients who opted out of promotions.
        client_tokens: the idempotency tokens that API calls used.
        rejected_webhooks: webhooks with items that were not understood.
        queues: the queues that customers read with the official queue SDKs.
        configuration: accounts and all that belongs to them.
        call_records: calls on record, beside those that a message was accepted by.
        cancellations: which messages are not to be sent any more.
        retention: removes what is old.
        erasure: removes what is known of a person.
        route_states: whether providers answer, and which routes are paused.
        route_rates: how many requests of a route may start.
    """

    suppressions: Suppressions
    client_tokens: ClientTokens
    rejected_webhooks: RejectedWebhooks
    queues: QueueChanges
    configuration: ConfigurationChanges
    call_records: CallRecords
    cancellations: Cancellations
    retention: Retention
    erasure: Erasure
    route_states: RouteStates
    route_rates: RouteRates

    def write(self, *commands: Command) -> None:
        """Writes commands.

        Raises:
            RefusedError: what they expect is not so.
        """
        ...

    def message(self, message_id: MessageId) -> Message | None:
        """The message with that id, or None."""
        ...

    def callback(self, callback_id: int) -> Callback | None:
        """The callback with that id, or None."""
        ...

    def fact(self, name: str) -> str | None:
        """The named value about the installation, or None."""
        ...

    def set_fact(self, name: str, value: str) -> None:
        """Writes a named value about the installation."""
        ...


class Store(Protocol):
    """The one database, read outside a transaction and changed by `transact`.

    Attributes:
        shards: how many shards messages are spread over.
        suppressions: recipients who opted out of promotions.
        client_tokens: the idempotency tokens that API calls used.
        inbound_messages: messages that users wrote to senders.
        rejected_webhooks: webhooks with items that were not understood.
        conversations: when users last wrote to senders, and how providers spell them.
        queues: the queues that customers read with the official queue SDKs.
        configuration: accounts and all that belongs to them.
        call_records: calls on record, beside those that a message was accepted by.
        audit: who changed what in the configuration.
        cancellations: which messages are not to be sent any more.
        retention: what is old, looked at.
        backlogs: how much waits, and since when.
        flushes: how long transactions took, in seconds.
        route_states: whether providers answer, and which routes are paused.
    """

    shards: int
    suppressions: SuppressionReader
    client_tokens: ClientTokenReader
    inbound_messages: InboundReader
    rejected_webhooks: RejectedWebhookReader
    conversations: ConversationReader
    queues: QueueReader
    configuration: ConfigurationReader
    call_records: CallRecordReader
    audit: AuditReader
    cancellations: CancellationReader
    backlogs: BacklogReader
    flushes: Histogram
    retention: RetentionReader
    route_states: RouteStateReader

    @property
    def messages(self) -> MessageSearcher:
        """Where messages are found."""
        ...

    @property
    def person_traces(self) -> PersonTraceReader:
        """Where a person is found."""
        ...

    def apply(
        self, changes: Sequence[Change], *, bounded: bool = False
    ) -> asyncio.Future[list[Refusal | Exception | None]]:
        """Writes changes, each whole or not at all. Changes of many calls share a flush, and one that is
        refused costs the others nothing.

        Args:
            bounded: for somebody who waits for an answer: the future fails after some seconds even while it
                is open whether a flush under way succeeds. Then the changes may be written all the same.

        The future has once all is flushed, for each change:
            Why it was refused, the fault that it failed by, or None if it is written.

        The future raises:
            StoreUnavailableError: nothing was done.
        """
        ...

    def transact(self, change: Callable[[Transaction], T], *, bounded: bool = False) -> asyncio.Future[T]:
        """Runs `change` in a transaction; the future has its result once that is flushed to disk. `change`
        runs in another thread and touches nothing but the transaction.

        Args:
            bounded: as for `apply`.

        The future raises:
            StoreUnavailableError: nothing was done.
            Exception: what `change` itself raised; nothing of it was done.
        """
        ...

    def condition(self) -> StoreCondition:
        """Whether the database can be written, by what came of the last transaction."""
        ...

    def watch(self, path: Path) -> None:
        """Counts one more file that exists among those that may not be taken away."""
        ...

    def when_lost(self, listener: Callable[[FilesLostError], None]) -> None:
        """Calls `listener`, on the event loop and once, when a file of the store was taken away."""
        ...

    def lease(self, seconds: float) -> Lease:
        """A claim on a row that is written with it, for real seconds."""
        ...

    async def claim(self, stage: Stage, lanes: Mapping[str, int], now: int, lease: float) -> list[Work]:
        """Claims rows that are visible at `now`, those first due of each lane, up to a number for each.

        No other claim returns them until they are finished or postponed, the lease of `lease` real seconds
        is over, or the process that holds them is dead.
        """
        ...

    def listen(self, stage: Stage, listener: Callable[[str, int], None]) -> None:
        """Calls `listener` with each lane that a transaction here added rows to and when the first is due."""
        ...

    async def changed_elsewhere(self) -> bool:
        """Whether another process has written since the last call."""
        ...

    def node_number(self) -> int:
        """The number of this process among those that use the database, 0 to 99."""
        ...

    def run(self) -> int:
        """The number of this run of a process among all that ever used the database."""
        ...

    async def lanes(self, stage: Stage, after: int = -1) -> list[tuple[str, int | None]]:
        """The lanes of a stage, each with its earliest `visible_at` above `after`, or None."""
        ...

    async def next_dues(self, stage: Stage, lanes: Sequence[str], after: int) -> dict[str, int | None]:
        """The earliest `visible_at` above `after` of each of the lanes, or None."""
        ...

    async def load(self, message_ids: Iterable[MessageId]) -> dict[MessageId, MessageRecord]:
        """The messages with these ids that exist, with their legs and attempts."""
        ...

    async def attempts_by_provider_id(self, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Attempt]:
        """The attempts that a provider answered with these ids, by (route, id)."""
        ...

    async def unanswered_attempts(
        self, people: Sequence[Correspondents]
    ) -> dict[Correspondents, list[Attempt]]:
        """The attempts that have no provider id, under way or unknown, oldest first."""
        ...

    async def attempts_behind(self, watermarks: Sequence[Watermark]) -> list[list[Attempt]]:
        """For each watermark the attempts that it may cover, oldest first."""
        ...

    async def waiting_callbacks(self, works: Iterable[Work]) -> list[Callback]:
        """The callbacks that wait for these pushes, in the order of publishing."""
        ...

    async def next_due(self, stage: Stage, after: int) -> int | None:
        """The earliest `visible_at` of a stage later than `after`, milliseconds UTC, or None."""
        ...

    async def earliest_due(self) -> int | None:
        """The earliest `visible_at` of all rows, claimed ones included; None for an empty journal."""
        ...

    async def backlog(self) -> dict[Stage, int]:
        """How many rows each stage has in the journal."""
        ...

    async def find_message(self, message_id: MessageId) -> Message | None:
        """The message with that id, or None."""
        ...

    def latest_message_id(self) -> MessageId:
        """The highest MessageId; empty if there are no messages."""
        ...

    def request_and_route(self, message_id: MessageId) -> tuple[str, str]:
        """The RequestId of a message's call, and the route of its last leg; each empty if it is not known."""
        ...

    async def messages_of_request(self, request_id: str, limit: int) -> list[Message]:
        """The messages accepted by the call with that RequestId, by their MessageIds; none for any other."""
        ...

    async def template_counts(
        self, account_id: AccountId, template_code: str | None, since: int, until: int
    ) -> list[TemplateCount]:
        """The counters of one template of an account, or of all, for the half-hours that begin at `since` or
        later and before `until`; ordered by template, language and time."""
        ...

    async def fold_template_counts(self) -> None:
        """Adds what was counted since the last time to the counters of the templates."""
        ...

    async def find_legs(self, message_id: MessageId) -> list[Leg]:
        """The legs of a message, leg 0 first."""
        ...

    async def find_attempts(self, message_id: MessageId) -> list[Attempt]:
        """All attempts of a message, oldest first."""
        ...

    async def find_attempt_by_number(self, number: int) -> Attempt | None:
        """The latest attempt with that number (the id that Viber is sent), or None."""
        ...

    async def find_events(self, message_id: MessageId) -> list[Event]:
        """The timeline of a message, oldest first."""
        ...

    async def find_timers(self, message_id: MessageId) -> list[Work]:
        """The pending timers of a message, earliest due first."""
        ...

    async def list_callbacks(
        self,
        *,
        account_id: AccountId | None = None,
        message_id: MessageId | None = None,
        states: Sequence[CallbackState] = (),
        after: int = 0,
        limit: int = 1000,
    ) -> list[Callback]:
        """Callbacks with an id above `after`, oldest first."""
        ...

    async def callbacks_since(self, at: int) -> int:
        """An id such that the callbacks with higher ones were made at `at`, milliseconds UTC, or later."""
        ...

    async def find_callback(self, callback_id: int) -> Callback | None:
        """The callback with that id, or None."""
        ...

    async def fact(self, name: str) -> str | None:
        """The named value about the installation, or None."""
        ...

    def nonce_used(self, access_key_id: str, digest: bytes, slices: Sequence[int]) -> bool:
        """Whether a nonce is recorded in one of the slices."""
        ...

    def nonce_slices(self) -> list[int]:
        """The slices that have nonces, earliest first."""
        ...

    def nonces_in(self, slice_: int) -> list[tuple[str, bytes, int]]:
        """The nonces of a slice as (access key id, digest, slice)."""
        ...

    async def forget_nonces(self, before: int, limit: int) -> int:
        """Removes up to `limit` nonces of the slices before `before`; returns how many."""
        ...

    async def clear(self) -> None:
        """Empties the journal and the ledger and keeps the configuration. Used by the sandbox's reset."""
        ...

    async def close(self) -> None:
        """Completes pending transactions and closes the database."""
        ...
