"""The contract of a store. SQLite is the first one; the conformance suite in `tests/storage` defines it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.client_tokens import ClientTokenReader, ClientTokens
from waypost.storage.configuration import ConfigurationChanges, ConfigurationReader
from waypost.storage.inbound_messages import InboundMessages, InboundReader
from waypost.storage.queue_messages import QueueChanges, QueueReader
from waypost.storage.records import Callback, CallbackState, Event, Stage, Work
from waypost.storage.suppressions import SuppressionReader, Suppressions

T = TypeVar("T")


class StoreUnavailableError(Exception):
    """The database could not make a change durable; nothing of it was done."""


class Transaction(Protocol):
    """Reads and writes that are committed as one. Valid only inside `Store.transact`.

    Attributes:
        suppressions: recipients who opted out of promotions.
        client_tokens: the idempotency tokens that API calls used.
        inbound_messages: messages that users wrote to senders.
        queues: the queues that customers read with the official queue SDKs.
        configuration: accounts and all that belongs to them.
    """

    suppressions: Suppressions
    client_tokens: ClientTokens
    inbound_messages: InboundMessages
    queues: QueueChanges
    configuration: ConfigurationChanges

    def enqueue(self, stage: Stage, message_id: MessageId, body: str, visible_at: int) -> None:
        """Writes work to the journal."""
        ...

    def finish(self, work: Work) -> None:
        """Removes work from the journal."""
        ...

    def postpone(self, work: Work, visible_at: int, *, tried: bool = True) -> None:
        """Makes work visible again at `visible_at`; `tried` counts one more try. A postponed callback also
        postpones the later ones of its message, so that they stay in order."""
        ...

    def drop_timers(self, message_id: MessageId) -> None:
        """Removes all timers of a message from the journal."""
        ...

    def add_message(self, message: Message) -> None:
        """Writes a new message."""
        ...

    def message(self, message_id: MessageId) -> Message | None:
        """The message with that id, or None."""
        ...

    def legs(self, message_id: MessageId) -> list[Leg]:
        """The legs of a message, leg 0 first."""
        ...

    def put_leg(self, leg: Leg) -> None:
        """Writes a leg, new or changed."""
        ...

    def put_attempt(self, attempt: Attempt) -> None:
        """Writes an attempt, new or changed."""
        ...

    def attempts(self, message_id: MessageId, leg: int) -> list[Attempt]:
        """The attempts of a leg, oldest first."""
        ...

    def attempt_by_provider_id(self, route: str, provider_id: str) -> Attempt | None:
        """The attempt that a provider answered with that id, or None."""
        ...

    def attempts_behind(self, route: str, prefix: str, *, since: int, read: bool) -> list[Attempt]:
        """The attempts, started at or after `since`, whose provider id begins with `prefix` and whose leg is
        not known to be delivered (or, with `read`, not known to be read); oldest first."""
        ...

    def unanswered_attempts(self, route: str, sender: str, recipient: str) -> list[Attempt]:
        """The attempts of a sender to a recipient that have no provider id: under way or unknown."""
        ...

    def add_event(self, event: Event) -> None:
        """Appends an event to the timeline of its message."""
        ...

    def add_callback(self, callback: Callback) -> None:
        """Writes a callback and, if it is waiting, enqueues its push after those of its message before it."""
        ...

    def callback(self, callback_id: int) -> Callback | None:
        """The callback with that id, or None."""
        ...

    def end_callback(self, callback: Callback) -> None:
        """Updates a callback: its URL, state, tries, error and ended_at."""
        ...

    def replay_callback(self, callback: Callback, url: str, now: int) -> None:
        """Enqueues a delivered or dead callback again, to be pushed to `url`; its tries start at 0."""
        ...

    def add_inbound(self, route: str, provider_id: str, at: int) -> bool:
        """Records the provider's id of a user's message; False if it is recorded already (a repeated
        webhook)."""
        ...

    def put_last_inbound(self, channel: str, sender: str, user: str, at: int) -> None:
        """Records when a user wrote to a sender, unless a later time is recorded already."""
        ...

    def count_template(self, count: TemplateCount) -> None:
        """Adds to the counters of a template for that half-hour. A transaction cannot read them back."""
        ...

    def claim_nonce(self, access_key_id: str, digest: bytes, slice_: int) -> None:
        """Records a used nonce in its slice of time."""
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
        queues: the queues that customers read with the official queue SDKs.
        configuration: accounts and all that belongs to them.
    """

    shards: int
    suppressions: SuppressionReader
    client_tokens: ClientTokenReader
    inbound_messages: InboundReader
    queues: QueueReader
    configuration: ConfigurationReader

    async def transact(self, change: Callable[[Transaction], T]) -> T:
        """Runs `change` in a transaction and returns its result once that is flushed to disk. Many changes
        share a flush. `change` may be run again from its start, so it touches nothing but the transaction.

        Raises:
            StoreUnavailableError: nothing was done.
            Exception: what `change` itself raised; nothing of it was done.
        """
        ...

    async def claim(self, stage: Stage, limit: int, now: int) -> list[Work]:
        """Claims up to `limit` visible rows, oldest due first. No other call returns them until they are
        finished, postponed or released. Of one message only one callback is in flight at a time, in order."""
        ...

    def release(self, works: Iterable[Work]) -> None:
        """Returns claimed rows unchanged, so that they can be claimed again."""
        ...

    def in_flight(self, stage: Stage) -> int:
        """How many rows of the stage are claimed at present."""
        ...

    async def next_due(self, stage: Stage, after: int) -> int | None:
        """The earliest `visible_at` of a stage later than `after`, milliseconds UTC, or None."""
        ...

    async def earliest_due(self) -> int | None:
        """The earliest `visible_at` of all rows, claimed ones included; None for an empty journal."""
        ...

    def wake_on(self, stage: Stage, woken: asyncio.Event) -> None:
        """Sets `woken` whenever rows of the stage were committed or released."""
        ...

    async def backlog(self) -> dict[Stage, int]:
        """How many rows each stage has in the journal."""
        ...

    async def find_message(self, message_id: MessageId) -> Message | None:
        """The message with that id, or None."""
        ...

    async def list_messages(self, account_id: AccountId, before: str | None, limit: int) -> list[Message]:
        """Messages of an account, newest first, with MessageIds below `before`."""
        ...

    async def last_inbound(self, channel: str, sender: str, user: str) -> int | None:
        """When a user last wrote to a sender, in milliseconds UTC; None if never."""
        ...

    async def template_counts(
        self, account_id: AccountId, template_code: str | None, since: int, until: int
    ) -> list[TemplateCount]:
        """The counters of one template of an account, or of all, for the half-hours that begin at `since` or
        later and before `until`; ordered by template, language and time."""
        ...

    async def messages_between(
        self, account_id: AccountId, after: str, until: str, limit: int
    ) -> list[Message]:
        """Messages of an account, oldest first, with MessageIds above `after` and up to `until`."""
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
