"""The contract of a store. SQLite is the first one; the conformance suite in `tests/storage` defines it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from waypost.model.configuration import Entry
from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.client_tokens import ClientTokenReader, ClientTokens
from waypost.storage.inbound_messages import InboundMessages, InboundReader
from waypost.storage.queue_messages import QueueChanges, QueueReader
from waypost.storage.records import Callback, CallbackState, Event, Stage, Work
from waypost.storage.suppressions import SuppressionReader, Suppressions

T = TypeVar("T")


class StoreUnavailableError(Exception):
    """The database could not make a change durable; nothing of it was done."""


class Transaction(Protocol):
    """All of it happens, or none of it. Only valid inside `Store.transact`.

    Attributes:
        suppressions: the people who want no promotions.
        client_tokens: the idempotency tokens that calls used.
        inbound_messages: what people wrote.
        queues: what the official queue SDKs read.
    """

    suppressions: Suppressions
    client_tokens: ClientTokens
    inbound_messages: InboundMessages
    queues: QueueChanges

    def enqueue(self, stage: Stage, message_id: MessageId, body: str, visible_at: int) -> None:
        """Writes work to the journal."""
        ...

    def finish(self, work: Work) -> None:
        """Takes work off the journal."""
        ...

    def postpone(self, work: Work, visible_at: int, *, tried: bool = True) -> None:
        """Puts work back until `visible_at`; one try older if it was tried. A callback holds back the later
        ones of its message, so that they stay in order."""
        ...

    def drop_timers(self, message_id: MessageId) -> None:
        """Takes all timers of a message off the journal."""
        ...

    def add_message(self, message: Message) -> None:
        """Writes an accepted call."""
        ...

    def message(self, message_id: MessageId) -> Message | None:
        """An accepted call."""
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
        """The attempt a provider's receipt names."""
        ...

    def attempts_behind(self, route: str, prefix: str, *, since: int, read: bool) -> list[Attempt]:
        """The attempts, started at or after `since`, whose provider id begins with `prefix` and whose leg is
        not known to be delivered (or, with `read`, not known to be read); oldest first."""
        ...

    def unanswered_attempts(self, route: str, sender: str, recipient: str) -> list[Attempt]:
        """The attempts of a sender to a recipient that have no provider id: under way or unknown."""
        ...

    def add_event(self, event: Event) -> None:
        """Writes a line of a timeline."""
        ...

    def add_callback(self, callback: Callback) -> None:
        """Writes a callback and, when it waits, its work, behind the message's earlier ones."""
        ...

    def callback(self, callback_id: int) -> Callback | None:
        """A callback."""
        ...

    def end_callback(self, callback: Callback) -> None:
        """Writes what became of a callback: its state, tries, error, ended_at."""
        ...

    def replay_callback(self, callback: Callback, url: str, now: int) -> None:
        """Makes a told or dead callback wait again, to be pushed to `url`."""
        ...

    def add_inbound(self, route: str, provider_id: str, at: int) -> bool:
        """Notes a user's message; False when it was noted before (a provider's repeat)."""
        ...

    def note_inbound(self, channel: str, sender: str, user: str, at: int) -> None:
        """Notes when a user wrote to a sender; an earlier time than the one noted changes nothing."""
        ...

    def count_template(self, count: TemplateCount) -> None:
        """Adds to what was counted of a template in that half-hour. Read by the store, never in here."""
        ...

    def claim_nonce(self, access_key_id: str, digest: bytes, slice_: int) -> None:
        """Notes a used nonce in its slice of time."""
        ...

    def put_entries(self, entries: Iterable[Entry], origin: str) -> None:
        """Writes configuration and moves its version. `origin` says who declared it (`file`, `command`)."""
        ...

    def entry(self, key: tuple[str, str]) -> Entry | None:
        """An entry of the configuration by (kind, id)."""
        ...

    def entries_of(self, kind: str, account_id: AccountId) -> list[Entry]:
        """The entries of one kind that an account has, as this transaction sees them."""
        ...

    def remove_entries(self, keys: Iterable[tuple[str, str]]) -> None:
        """Removes configuration by (kind, id) and moves its version."""
        ...

    def set_fact(self, name: str, value: str) -> None:
        """Writes one named fact about the installation."""
        ...


class Store(Protocol):
    """The one database.

    Attributes:
        shards: how many shards messages are spread over.
        suppressions: the people who want no promotions.
        client_tokens: the idempotency tokens that calls used.
        inbound_messages: what people wrote.
        queues: what the official queue SDKs read.
    """

    shards: int
    suppressions: SuppressionReader
    client_tokens: ClientTokenReader
    inbound_messages: InboundReader
    queues: QueueReader

    async def transact(self, change: Callable[[Transaction], T]) -> T:
        """Runs `change` in a transaction and returns its result once that is flushed to disk. Many changes
        share a flush. `change` may be run again from its start, so it touches nothing but the transaction.

        Raises:
            StoreUnavailableError: nothing was done.
            Exception: what `change` itself raised; nothing of it was done.
        """
        ...

    async def claim(self, stage: Stage, limit: int, now: int) -> list[Work]:
        """Takes up to `limit` visible rows, oldest due first; nobody else gets them until they are finished,
        postponed or given back. Of one message, callbacks are never out of order or in two hands at once."""
        ...

    def release(self, works: Iterable[Work]) -> None:
        """Lets go of taken rows that nothing was done for."""
        ...

    def in_flight(self, stage: Stage) -> int:
        """How many rows of the stage are taken and not yet let go."""
        ...

    async def next_due(self, stage: Stage, after: int) -> int | None:
        """The earliest `visible_at` later than `after`, in milliseconds UTC."""
        ...

    async def earliest_due(self) -> int | None:
        """The earliest `visible_at` of all rows, taken ones too."""
        ...

    def wake_on(self, stage: Stage, woken: asyncio.Event) -> None:
        """Sets `woken` whenever rows of the stage were committed or let go."""
        ...

    async def backlog(self) -> dict[Stage, int]:
        """How many rows each stage has in the journal."""
        ...

    async def find_message(self, message_id: MessageId) -> Message | None:
        """An accepted call."""
        ...

    async def list_messages(self, account_id: AccountId, before: str | None, limit: int) -> list[Message]:
        """Accepted calls of an account, newest first, from before the MessageId `before`."""
        ...

    async def last_inbound(self, channel: str, sender: str, user: str) -> int | None:
        """When a user last wrote to a sender, in milliseconds UTC."""
        ...

    async def template_counts(
        self, account_id: AccountId, template_code: str | None, since: int, until: int
    ) -> list[TemplateCount]:
        """What was counted of one template of an account, or of all, in the half-hours that begin from
        `since` to before `until`, by template, language and time."""
        ...

    async def messages_between(
        self, account_id: AccountId, after: str, until: str, limit: int
    ) -> list[Message]:
        """Accepted calls of an account, oldest first: MessageIds above `after`, up to and with `until`."""
        ...

    async def find_legs(self, message_id: MessageId) -> list[Leg]:
        """The legs of a message, leg 0 first."""
        ...

    async def find_attempts(self, message_id: MessageId) -> list[Attempt]:
        """All attempts of a message, oldest first."""
        ...

    async def find_attempt_by_number(self, number: int) -> Attempt | None:
        """The latest attempt with that number."""
        ...

    async def find_events(self, message_id: MessageId) -> list[Event]:
        """The timeline of a message, oldest first."""
        ...

    async def find_timers(self, message_id: MessageId) -> list[Work]:
        """What still waits for a message, by due time."""
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
        """A callback."""
        ...

    async def entries(self) -> list[Entry]:
        """The whole configuration."""
        ...

    async def entry_keys(self, origin: str) -> set[tuple[str, str]]:
        """(kind, id) of all configuration declared by `origin`."""
        ...

    async def configuration_version(self) -> int:
        """Moves with every change of the configuration."""
        ...

    async def fact(self, name: str) -> str | None:
        """One named fact about the installation."""
        ...

    def nonce_used(self, access_key_id: str, digest: bytes, slices: Sequence[int]) -> bool:
        """Whether a nonce was noted in one of the slices; a local read."""
        ...

    def nonce_slices(self) -> list[int]:
        """The slices that have nonces."""
        ...

    def nonces_in(self, slice_: int) -> list[tuple[str, bytes, int]]:
        """The nonces of a slice: access key id, digest, slice."""
        ...

    async def forget_nonces(self, before: int, limit: int) -> int:
        """Removes up to `limit` nonces of the slices before `before`; how many it removed."""
        ...

    async def clear(self) -> None:
        """Empties the journal and the ledger; the configuration stays (the sandbox's reset)."""
        ...

    async def close(self) -> None:
        """Finishes what is being committed and closes the database."""
        ...
