"""A message and its legs within a transaction: applies events to legs, and starts the next leg."""

from collections.abc import Sequence

from waypost.delivery.context import DeliveryContext
from waypost.messaging.publishing import publish
from waypost.model.fallback.chain import FallbackStep
from waypost.model.fallback.decision import Trigger, decide_fallback, settled
from waypost.model.message.destinations import Subject
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Leg, LegEvent
from waypost.model.message.message import Message
from waypost.model.message.statuses import STATUS_KIND, status_object
from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.model.message.transition import transition
from waypost.model.message.work import DispatchWork, TimerKind, TimerWork, encode
from waypost.model.templates.metrics import counted
from waypost.storage.contract import Transaction
from waypost.storage.records import Event, Stage, dispatch_stage
from waypost.storage.rows import encode as encode_json


class MessageProgress:
    """Reads and changes a message's legs within one transaction."""

    def __init__(self, transaction: Transaction, context: DeliveryContext, message: Message) -> None:
        self.transaction = transaction
        self.message = message
        self.legs = transaction.legs(message.message_id)
        self.now = context.clock.now()
        self._context = context

    def leg(self, number: int) -> Leg:
        """A leg by its number; leg 0 is started if it does not exist yet."""
        if number < len(self.legs):
            return self.legs[number]
        return self._start_leg(self.message.channel, self.message.sender, "")

    def step(self, leg: Leg) -> FallbackStep:
        """The fallback step of a leg other than leg 0."""
        assert self.message.fallback is not None
        return self.message.fallback.steps[leg.leg - 1]

    def _start_leg(self, channel: str, sender: str, reason: str, recipient: str = "") -> Leg:
        configured = self._context.configuration().sender_by_id(channel, sender)
        leg = Leg(
            message_id=self.message.message_id,
            leg=len(self.legs),
            channel=channel,
            sender=sender,
            recipient=recipient or self.message.recipient,
            route=configured.route if configured is not None else "",
            why=reason,
            started_at=self.now if self.legs else self.message.accepted_at,
            updated_at=self.now,
        )
        self.legs.append(leg)
        self.transaction.put_leg(leg)
        receipt_deadline = self.expires_at(leg) + int(self._context.settings.receipt_grace * 1000)
        self.transaction.enqueue(
            Stage.TIMER,
            self.message.message_id,
            encode(TimerWork(TimerKind.EXPIRY, leg.leg)),
            receipt_deadline,
        )
        due = self.next_step_due(leg)
        # Leg 0's was written when the call was accepted, so that it fires even if sending is blocked.
        if leg.leg and due is not None:
            timer = encode(TimerWork(TimerKind.FALLBACK, leg.leg))
            self.transaction.enqueue(Stage.TIMER, self.message.message_id, timer, due)
        return leg

    def expires_at(self, leg: Leg) -> int:
        """The end of a leg's time to live, in milliseconds UTC. Leg 0's begins when the call is accepted."""
        ttl = self.message.ttl if leg.leg == 0 else self._context.settings.sms_ttl
        return leg.started_at + ttl * 1000

    def next_step_due(self, leg: Leg) -> int | None:
        """When the fallback step after a leg starts unless the leg succeeds; None for no time limit.
        Milliseconds UTC."""
        if leg.leg == 0:
            return self.message.fallback_due
        wait = self.message.fallback.wait_after(leg.leg) if self.message.fallback is not None else None
        return None if wait is None else leg.started_at + wait * 1000

    @property
    def settled(self) -> bool:
        """Whether a leg succeeded as far as the message requires, so that nothing more is sent."""
        return settled(self.message, [leg.state for leg in self.legs])

    def next_leg_exists(self, leg: Leg) -> bool:
        """Whether the fallback step after this leg has been started."""
        return leg.leg + 1 < len(self.legs)

    def note(self, leg: Leg, kind: str, text: str) -> None:
        """Adds an event of a leg to the timeline."""
        self.transaction.add_event(Event(self.message.message_id, leg.leg, self.now, kind, text))

    def apply(
        self,
        leg: Leg,
        event: LegEvent,
        *,
        at: int | None = None,
        failure: SendFailure | None = None,
        code: str = "",
        text: str = "",
        publish: bool = True,
    ) -> Leg:
        """Applies an event to a leg, writes the resulting change, and publishes its statuses.

        Args:
            at: the time of the event for the callback's Timestamp, milliseconds UTC; None for now.
            failure, code, text: the reason of a failure.
            publish: whether to publish the statuses.

        Returns:
            The changed leg.
        """
        change = transition(
            self.message, self.legs, leg, event, self.now, failure=failure, code=code, text=text
        )
        leg = self.legs[leg.leg] = change.leg
        if change.opted_out:
            self._suppress(leg)
        self.transaction.put_leg(leg)
        if publish:
            self._publish(leg, change.statuses, self.now if at is None else at)
        for note in change.notes:
            self.note(leg, *note)
        if change.closes:
            self.transaction.drop_timers(self.message.message_id)
        return leg

    def _suppress(self, leg: Leg) -> None:
        """Adds the recipient to the suppression list, which refuses further promotions."""
        added = self.transaction.suppressions.add(
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
        if added:
            self.note(leg, "note", "the person has blocked the sender: no promotions to them any more")

    def _publish(self, leg: Leg, statuses: Sequence[str], at: int) -> None:
        message = self.message
        # Only leg 0 counts for the template: a fallback is not sent from it.
        if not leg.leg and message.template_code:
            count = counted(message.account_id, message.template_code, message.language, self.now, statuses)
            if count is not None:
                self.transaction.count_template(count)
        for status in statuses:
            fields = status_object(
                message,
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
                Subject.of(message),
                STATUS_KIND,
                encode_json(fields).decode(),
                now=self.now,
                message_id=message.message_id,
            )

    def fall_back(self, leg: Leg, trigger: Trigger) -> None:
        """Starts the next leg if the fallback rules decide so, and records the reason in the timeline."""
        decision = decide_fallback(
            self.message,
            leg.leg,
            [existing.state for existing in self.legs],
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
