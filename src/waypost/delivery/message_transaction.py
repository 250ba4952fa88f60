"""The course of one message inside one transaction: what happens to a leg, and all that follows from it."""

from collections.abc import Callable, Sequence

from waypost.clock import Clock
from waypost.delivery.options import DeliveryOptions
from waypost.messaging.publishing import publish
from waypost.model.configuration import Configuration
from waypost.model.fallback.chain import FallbackStep
from waypost.model.fallback.decision import Trigger, decide, settled
from waypost.model.message.destinations import Subject
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegEvent, LegState, after
from waypost.model.message.message import Message
from waypost.model.message.statuses import STATUS_KIND, status_object, statuses_to_publish
from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.model.message.work import DispatchWork, TimerKind, TimerWork, encode
from waypost.model.templates.metrics import counted
from waypost.storage.contract import Transaction
from waypost.storage.records import Event, Leg, Stage, dispatch_stage
from waypost.storage.rows import encode as encode_json

_LEFT = (LegState.SUBMITTING, LegState.IN_DOUBT, LegState.SENT)


class DeliveryContext:
    """What every stage needs to know.

    Args:
        configuration: gives the current snapshot.
    """

    def __init__(
        self, clock: Clock, configuration: Callable[[], Configuration], settings: DeliveryOptions
    ) -> None:
        self.clock = clock
        self.configuration = configuration
        self.settings = settings


class MessageProgress:
    """One message and its legs, as of one transaction."""

    def __init__(self, transaction: Transaction, context: DeliveryContext, message: Message) -> None:
        self.transaction = transaction
        self.message = message
        self.legs = transaction.legs(message.message_id)
        self.now = context.clock.now()
        self._context = context

    def leg(self, number: int) -> Leg:
        """A leg; leg 0 is started when it does not exist yet."""
        if number < len(self.legs):
            return self.legs[number]
        return self._start_leg(self.message.channel, self.message.sender, "")

    def step(self, leg: Leg) -> FallbackStep:
        """The step of the fallback that a leg other than leg 0 carries out."""
        assert self.message.fallback is not None
        return self.message.fallback.steps[leg.leg - 1]

    def _start_leg(self, channel: str, sender: str, why: str, recipient: str = "") -> Leg:
        found = self._context.configuration().sender_by_id(channel, sender)
        leg = Leg(
            message_id=self.message.message_id,
            leg=len(self.legs),
            channel=channel,
            sender=sender,
            recipient=recipient or self.message.recipient,
            route=found.route if found is not None else "",
            why=why,
            started_at=self.now if self.legs else self.message.accepted_at,
            updated_at=self.now,
        )
        self.legs.append(leg)
        self.transaction.put_leg(leg)
        silent_after = self.expires_at(leg) + int(self._context.settings.receipt_grace * 1000)
        self.transaction.enqueue(
            Stage.TIMER,
            self.message.message_id,
            encode(TimerWork(TimerKind.EXPIRY, leg.leg)),
            silent_after,
        )
        due = self.next_step_due(leg)
        # That of leg 0 was written when the call was accepted, so that it fires whatever holds up sending.
        if leg.leg and due is not None:
            timer = encode(TimerWork(TimerKind.FALLBACK, leg.leg))
            self.transaction.enqueue(Stage.TIMER, self.message.message_id, timer, due)
        return leg

    def expires_at(self, leg: Leg) -> int:
        """When a leg's time to live has passed; a fallback's runs from its start. Milliseconds UTC."""
        ttl = self.message.ttl if leg.leg == 0 else self._context.settings.sms_ttl
        return leg.started_at + ttl * 1000

    def next_step_due(self, leg: Leg) -> int | None:
        """When the step after a leg starts unless the leg comes to something; None for no time limit.
        Milliseconds UTC."""
        if leg.leg == 0:
            return self.message.fallback_due
        wait = self.message.fallback.wait_after(leg.leg) if self.message.fallback is not None else None
        return None if wait is None else leg.started_at + wait * 1000

    @property
    def settled(self) -> bool:
        """Whether some leg came to what was wanted, so that nothing more is to be sent."""
        return settled(self.message, [leg.state for leg in self.legs])

    def next_leg_exists(self, leg: Leg) -> bool:
        """Whether the step after this leg has fired."""
        return leg.leg + 1 < len(self.legs)

    def note(self, leg: Leg, kind: str, text: str) -> None:
        """Adds a line to the timeline."""
        self.transaction.add_event(Event(self.message.message_id, leg.leg, self.now, kind, text))

    def happen(
        self,
        leg: Leg,
        event: LegEvent,
        *,
        at: int | None = None,
        failure: SendFailure | None = None,
        code: str = "",
        text: str = "",
        publish: bool = True,
    ) -> LegState:
        """Applies an event to a leg, writes the leg, and tells the customer what changed.

        Args:
            at: when it happened, for the customer's Timestamp; now when not given.
            failure, code, text: why, when it failed.
            publish: whether the customer is told.
        """
        before = leg.state
        leg.state = after(before, event)
        if leg.state is not before:
            leg.updated_at = self.now
        if failure is not None and leg.state in (LegState.FAILED, LegState.EXPIRED) and not leg.code:
            leg.failure = failure
            leg.code = code or failure.facts.wire_code
            leg.text = text or failure.facts.customer_text
        if leg.state is LegState.FAILED and failure is SendFailure.OPTED_OUT and leg.attempts:
            self._note_opt_out(leg)
        if leg.state.delivered:
            leg.failure, leg.code, leg.text = None, "", ""
        if leg.state.delivered and not before.delivered and self._got_twice(leg):
            leg.double_delivery = True
            self.note(leg, "note", "double delivery: the person got this after another leg had left")
        self.transaction.put_leg(leg)
        if publish:
            statuses = statuses_to_publish(before, leg.state)
            self._count(leg, statuses)
            for status in statuses:
                self._tell(leg, status, self.now if at is None else at)
        if leg.state.ended and not before.ended:
            self.note(leg, "end", f"leg {leg.leg} ended: {leg.state.value}")
        self._clear_timers()
        return leg.state

    def _count(self, leg: Leg, statuses: Sequence[str]) -> None:
        """Counts what a template's own leg came to; a fallback is no message of the template's."""
        message = self.message
        if leg.leg or not message.template_code:
            return
        count = counted(message.account_id, message.template_code, message.language, self.now, statuses)
        if count is not None:
            self.transaction.count_template(count)

    def _note_opt_out(self, leg: Leg) -> None:
        """From now on promotions to this person are refused at the call already."""
        new = self.transaction.suppressions.add(
            Suppression(
                account_id=self.message.account_id,
                channel=leg.channel,
                sender=leg.sender,
                recipient=leg.recipient,
                reason=OptOutReason.PROVIDER,
                detail=leg.code,
                at=self.now,
            )
        )
        if new:
            self.note(leg, "note", "the person has blocked the sender: no promotions to them any more")

    def _got_twice(self, leg: Leg) -> bool:
        """Whether a leg that has just arrived is not the only copy: another arrived, or a later one left."""
        return any(
            other.state.delivered or (other.leg > leg.leg and _may_have_arrived(other))
            for other in self.legs
            if other is not leg
        )

    def _clear_timers(self) -> None:
        steps = len(self.message.fallback.steps) if self.message.fallback is not None else 0
        no_step_left = len(self.legs) > steps or self.settled
        if no_step_left and all(leg.state.ended for leg in self.legs):
            self.transaction.drop_timers(self.message.message_id)

    def _tell(self, leg: Leg, status: str, at: int) -> None:
        told = status_object(
            self.message,
            status,
            at,
            leg=leg.leg,
            channel=leg.channel,
            sender=leg.sender,
            code=leg.code,
            text=leg.text,
            why=leg.why,
            double_delivery=leg.double_delivery and status == "Delivered",
        )
        publish(
            self.transaction,
            self._context.configuration(),
            Subject.of(self.message),
            STATUS_KIND,
            encode_json(told).decode(),
            now=self.now,
            message_id=self.message.message_id,
        )

    def fall_back(self, leg: Leg, trigger: Trigger) -> None:
        """Starts the next leg when the rules say so, and notes why or why not."""
        decision = decide(
            self.message,
            leg.leg,
            [one.state for one in self.legs],
            trigger,
            failure=leg.failure,
            promotion_after_opt_out=self._context.settings.promotion_after_opt_out,
        )
        if not decision.fires:
            self.note(leg, "fallback", f"no fallback: {decision.why}")
            return
        assert self.message.fallback is not None
        step = self.message.fallback.steps[leg.leg]
        started = self._start_leg(step.channel, step.sender, decision.why, step.recipient)
        self.note(
            started,
            "fallback",
            f"fallback {self.message.fallback.policy_id}: {step.channel} from {step.sender}, "
            f"because {decision.why}",
        )
        self.transaction.enqueue(
            dispatch_stage(started.leg),
            self.message.message_id,
            encode(DispatchWork(started.leg)),
            self.now,
        )


def _may_have_arrived(leg: Leg) -> bool:
    """Whether a leg has left and nobody knows that it came to nothing."""
    return leg.state in _LEFT or leg.failure is SendFailure.NO_RECEIPT
