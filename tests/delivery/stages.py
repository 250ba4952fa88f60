"""Delivery without a network: dispatcher, tracker and timers over a real store, driven step by step.

Nothing happens by itself: `settle` does what is due, `pass_time` moves the clock from one due moment to the
next. `restart` is a `kill -9` and a start: only what the store holds is left.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tests.claims import claim_due
from tests.inline import Inline
from tests.model.messages import ACCEPTED_AT, message
from tests.sandbox.sandbox_network import StillClock
from waypost.config.loading import load
from waypost.connectors.contract import Submission, Webhook
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatcher import Dispatcher
from waypost.delivery.recent_messages import RecentMessages
from waypost.delivery.routes import Route
from waypost.delivery.sms_refusals import SmsRefusals
from waypost.delivery.timers import Timers
from waypost.delivery.tracker import Tracker
from waypost.messaging.acceptance import acceptance
from waypost.messaging.history import read_history
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.identifiers import AccountId, MessageIds, parse_reference
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt, Leg, LegState
from waypost.model.message.message import Message
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Receipt, ReceiptKind, Refused, Unknown
from waypost.model.message.sms_limits import NO_LIMITS, SmsLimits
from waypost.storage.changes import Change, Refusal
from waypost.storage.contract import RefusedError
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

DEFAULTS = load(None, {})
BUSY = Refused(SendFailure.BUSY, "SRVC_INTERNAL_FAILURE", "busy")
NOT_ON_VIBER = Refused(SendFailure.NOT_ON_CHANNEL, "SRVC_NOT_VIBER_USER", "Viber status 9")
BLOCKED = Refused(SendFailure.OPTED_OUT, "SRVC_USER_BLOCKED", "Viber status 8")
NO_ANSWER = Unknown("no answer within 10 s")


class KilledError(BaseException):
    """The process dies here, with the request out."""


class Taken(msgspec.Struct):
    """A submission that a provider got, and its id in receipts."""

    channel: str
    submission: Submission
    provider_id: str
    at: int
    outcome: Outcome | None = None

    @property
    def message_id(self) -> str:
        return parse_reference(self.submission.reference)[0]

    @property
    def leg(self) -> int:
        return parse_reference(self.submission.reference)[1]


class ScriptedProvider:
    """`waypost.connectors.contract.Connector` whose answers are scripted; it accepts when there are none.

    Attributes:
        answers: the next outcomes; an exception is raised instead.
        on_send: called with each submission while it is out.
        taken: all that it got, refused ones too, oldest first.
    """

    def __init__(self, channel: str, clock: StillClock, *, removes_duplicates: bool = False) -> None:
        self.removes_duplicates = removes_duplicates
        self.answers: deque[Outcome | KilledError] = deque()
        self.on_send: Callable[[Taken], Awaitable[None]] | None = None
        self.taken: list[Taken] = []
        self._channel = channel
        self._clock = clock

    async def send(self, submission: Submission) -> Outcome:
        taken = Taken(self._channel, submission, f"{self._channel}-{len(self.taken)}", self._clock.now())
        self.taken.append(taken)
        answer = self.answers.popleft() if self.answers else Accepted(taken.provider_id)
        taken.outcome = NO_ANSWER if isinstance(answer, KilledError) else answer
        if self.on_send is not None:
            await self.on_send(taken)
        if isinstance(answer, KilledError):
            raise answer
        return answer

    def parse_webhook(self, webhook: Webhook) -> list[Receipt | Inbound]:
        raise NotImplementedError(webhook)


class RepeatingStore(SqliteStore):
    """Refuses every decision once, as if the message had changed: the contract lets a store do so at any
    time."""

    def __init__(self, path: Path) -> None:
        # The rules are tested here, not the disk: nothing waits for it.
        super().__init__(path, durable=False, executor=Inline())
        self._refused: set[tuple[str, int]] = set()

    def apply(
        self, changes: Sequence[Change], *, bounded: bool = False
    ) -> asyncio.Future[list[Refusal | Exception | None]]:
        return super().apply([self._once_outdated(change) for change in changes])

    def _once_outdated(self, change: Change) -> Change:
        key = change.message_id, change.version
        if not change.message_id or key in self._refused:
            return change
        self._refused.add(key)
        return msgspec.structs.replace(change, version=-1)


class Stages:
    """All of delivery but the pushes.

    Attributes:
        viber, sms: the providers; they outlive a restart.
        configuration: the configuration.
    """

    def __init__(self, path: Path, **changed: Any) -> None:
        self.path = path
        self.clock = StillClock(ACCEPTED_AT)
        self.settings = msgspec.structs.replace(DEFAULTS.delivery, **changed)
        self.viber = ScriptedProvider("viber", self.clock)
        self.sms = ScriptedProvider("sms", self.clock)
        self.configuration = Configuration(
            [
                Account(id=AccountId("1")),
                Sender(channel="viber", id="20001", account_id=AccountId("1"), route="viber"),
                Sender(channel="sms", id="Shop", account_id=AccountId("1"), route="sms"),
            ]
        )
        self.sms_limits = NO_LIMITS
        self.sms_refusals = SmsRefusals()
        self._ids = MessageIds(1, seed=0)
        self._open()

    def _open(self) -> None:
        self.store = RepeatingStore(self.path)
        self.context = DeliveryContext(
            self.clock, lambda: self.configuration, self.settings, RecentMessages(), self.sms_limits
        )
        routes = {
            "viber": Route("viber", self.viber, "http://127.0.0.1:1/receipts/viber"),
            "sms": Route("sms", self.sms, "http://127.0.0.1:1/receipts/sms"),
        }
        self.dispatcher = Dispatcher(
            self.store, self.context, routes, jitter=lambda: 0.5, sms_refusals=self.sms_refusals
        )
        self.tracker = Tracker(self.store, self.context)
        self._process = {
            Stage.RECEIPT: self.tracker.process,
            Stage.TIMER: Timers(self.store, self.context).process,
            Stage.DISPATCH: self.dispatcher.process,
        }

    def limit_sms(self, limits: SmsLimits) -> None:
        """Limits fallback SMS from now on."""
        self.sms_limits = limits
        self.context = self.context._replace(sms=limits)
        self.dispatcher._context = self.context

    async def close(self) -> None:
        await self.store.close()

    async def restart(self) -> None:
        await self.close()
        self._open()

    async def accept(self, **changes: Any) -> Message:
        """A call is accepted now.

        Raises:
            RefusedError: the recipient of a promotion has blocked the sender.
        """
        now = self.clock.now()
        accepted = message(message_id=self._ids.next(now), accepted_at=now, **changes)
        grace = int(self.settings.receipt_grace * 1000)
        made = acceptance(accepted, self.configuration, grace, self.context.takes_new)
        [refusal] = await self.store.apply([Change(made.commands)])
        if isinstance(refusal, Refusal):
            raise RefusedError(refusal)
        return accepted

    async def send(self, **changes: Any) -> Message:
        """A call is accepted, and all that is due at once is done."""
        accepted = await self.accept(**changes)
        await self.settle()
        return accepted

    async def hear(self, *reports: Receipt | Inbound) -> None:
        """Providers report something."""
        await self.tracker.receive(reports)

    async def receipt(self, taken: Taken, *kinds: ReceiptKind, **more: Any) -> None:
        """The provider reports on a submission, and it is followed."""
        await self.hear(*(self.receipt_of(taken, kind, **more) for kind in kinds))
        await self.settle()

    def receipt_of(self, taken: Taken, kind: ReceiptKind, **more: Any) -> Receipt:
        """As the provider would report it: Viber by its own id, the SMS gateway by our reference."""
        return Receipt(
            route=taken.channel,
            kind=kind,
            at=self.clock.now(),
            provider_id=taken.provider_id,
            sender=taken.submission.sender,
            recipient=taken.submission.recipient,
            reference=taken.submission.reference if taken.channel == "sms" else None,
            **more,
        )

    async def settle(self, only: Iterable[Stage] = tuple(Stage)) -> None:
        """Does all that is due now, and what follows from it; a kill is followed by a restart."""
        selected = tuple(only)
        idle = False
        while not idle:
            idle = True
            for stage in self._process:
                if stage not in selected:
                    continue
                # One at a time to the providers, so that a kill strikes one attempt.
                limit = 1 if stage is Stage.DISPATCH else 100
                works = await claim_due(self.store, stage, limit, self.clock.now())
                if works:
                    idle = False
                    try:
                        await self._process[stage](works, lambda *works: None)
                    except KilledError:
                        await self.restart()

    async def pass_time(self, seconds: float) -> None:
        """Moves the clock from one due moment to the next, as time passes in a service that runs."""
        target = self.clock.now() + int(seconds * 1000)
        await self.settle()
        while (due := await self.next_due()) is not None and due <= target:
            self.clock.move_to(due)
            await self.settle()
        self.clock.move_to(target)
        await self.settle()

    async def jump(self, seconds: float) -> None:
        """Moves the clock at once, as for a service that was down meanwhile."""
        self.clock.move_to(self.clock.now() + int(seconds * 1000))
        await self.settle()

    async def next_due(self) -> int | None:
        dues = [await self.store.next_due(stage, self.clock.now()) for stage in self._process]
        return min((due for due in dues if due is not None), default=None)

    async def legs(self, of: Message) -> list[Leg]:
        return await self.store.find_legs(of.message_id)

    async def states(self, of: Message) -> list[LegState]:
        return [leg.state for leg in await self.legs(of)]

    async def attempts(self, of: Message) -> list[Attempt]:
        return await self.store.find_attempts(of.message_id)

    async def statuses(self, of: Message) -> list[tuple[int, str]]:
        """What is published to the customer: leg and status, in order."""
        return [(body["WaypostLeg"], body["Status"]) for body in await self.callback_bodies(of)]

    async def callback_bodies(self, of: Message) -> list[dict[str, Any]]:
        return [
            json.loads(callback.body)
            for callback in await self.store.list_callbacks(message_id=of.message_id)
        ]

    async def timeline(self, of: Message) -> list[str]:
        history = await read_history(self.store, of.message_id)
        assert history is not None
        # Without the call itself.
        return [event.text for event in history.timeline[1:]]

    async def journal_rows(self) -> int:
        backlog = await self.store.backlog()
        return sum(backlog.values())

    def ms(self, seconds: float) -> int:
        """The moment `seconds` after the start."""
        return ACCEPTED_AT + int(seconds * 1000)
