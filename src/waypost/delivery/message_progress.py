"""A message and its legs, brought on by events: collects what a decision comes to, as commands."""

from collections.abc import Callable, Sequence
from itertools import zip_longest

from msgspec.structs import replace

from waypost.delivery.context import DecisionContext
from waypost.messaging.acceptance import chosen_route
from waypost.messaging.publishing import publication
from waypost.model.channels import channel_named
from waypost.model.content.rules import Value
from waypost.model.content.segments import segment
from waypost.model.fallback.chain import FallbackStep
from waypost.model.fallback.decision import Trigger, decide_fallback, settled
from waypost.model.message.destinations import Subject
from waypost.model.message.failures import SendFailure
from waypost.model.message.lanes import TIMER_LANE, dispatch_lane
from waypost.model.message.leg import Attempt, Leg, LegEvent, LegState
from waypost.model.message.statuses import NO_IDS, STATUS_KIND, UserIds, status_object, statuses_to_publish
from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.model.message.transition import transition
from waypost.model.message.work import DispatchWork, TimerKind, TimerWork, encode
from waypost.model.templates.metrics import counted
from waypost.storage.changes import (
    AddEvent,
    Change,
    Command,
    Count,
    DropTimers,
    Enqueue,
    Finish,
    Postpone,
    PutAttempt,
    PutLeg,
    Suppress,
)
from waypost.storage.records import Event, MessageRecord, Stage, Work
from waypost.storage.rows import encode as encode_json


class MessageProgress:
    """Applies events to a message. Nothing is read or written: what follows is in `take_change`.

    Attributes:
        message: the message.
        legs: its legs as they are after the events so far, leg 0 first.
        add: adds a command.
        hold: makes the change depend on a claim.
    """

    def __init__(self, record: MessageRecord, context: DecisionContext) -> None:
        self.message = record.message
        self.legs = record.legs
        self.now = context.now
        self._attempts = record.attempts
        self._context = context
        self._commands: list[Command] = []
        self._works: list[Work] = []
        # Leg 0 is written with every change, because of its version.
        self._written_fallbacks = record.legs[1:]
        self.add: Callable[[Command], None] = self._commands.append
        self.hold: Callable[[Work], None] = self._works.append

    def take_change(self) -> Change:
        """What the events so far come to; further events start from there."""
        leg = self.legs[0]
        version = leg.version
        # A copy, because what is handed over must not change any more.
        leg = self.legs[0] = replace(leg, version=version + 1)
        fallbacks = self._put_fallbacks() if len(self.legs) > 1 else ()
        commands = [PutLeg(leg), *fallbacks, *self._commands]
        change = Change(commands, tuple(self._works), leg.message_id, version)
        self._commands.clear()
        self._works.clear()
        return change

    def _put_fallbacks(self) -> list[Command]:
        before, self._written_fallbacks = self._written_fallbacks, self.legs[1:]
        legs = zip_longest(self._written_fallbacks, before)
        return [PutLeg(leg) for leg, written in legs if leg is not written]

    def at(self, context: DecisionContext) -> "MessageProgress":
        """The message as it is after the events so far, for events of a later moment."""
        return MessageProgress(self.record(), context)

    def record(self) -> MessageRecord:
        """The message as it is after the events so far."""
        return MessageRecord(self.message, list(self.legs), list(self._attempts))

    def finish(self, work: Work) -> None:
        """Removes claimed work from the journal."""
        self.hold(work)
        self.add(Finish(work))

    def postpone(self, work: Work, visible_at: int) -> None:
        """Lets claimed work be tried again from `visible_at`, milliseconds UTC."""
        self.hold(work)
        self.add(Postpone(work, visible_at))

    def dispatch(self, leg: Leg, visible_at: int) -> None:
        """Enqueues the submission of a leg."""
        body = encode(DispatchWork(leg.leg))
        lane = dispatch_lane(leg.route, self.message)
        self.add(Enqueue(Stage.DISPATCH, lane, leg.message_id, body, visible_at))

    def reroute(self, leg: Leg, route: str, work: Work, visible_at: int) -> None:
        """Lets a leg that no provider has wait for another route, in that one's lane."""
        leg = self.legs[leg.leg] = replace(leg, route=route)
        self.finish(work)
        self.dispatch(leg, visible_at)

    def put_attempt(self, attempt: Attempt) -> None:
        """Writes an attempt, new or changed."""
        for place, each in enumerate(self._attempts):
            if each.attempt == attempt.attempt and each.leg == attempt.leg:
                self._attempts[place] = attempt
                break
        else:
            self._attempts.append(attempt)
        self.add(PutAttempt(attempt))

    def attempts(self, leg: Leg) -> list[Attempt]:
        """The attempts of a leg, oldest first."""
        if len(self.legs) == 1:
            return list(self._attempts)
        return [attempt for attempt in self._attempts if attempt.leg == leg.leg]

    def leg(self, number: int) -> Leg:
        """A leg by its number."""
        return self.legs[number]

    def step(self, leg: Leg) -> FallbackStep:
        """The fallback step of a leg other than leg 0."""
        assert self.message.fallback is not None
        return self.message.fallback.steps[leg.leg - 1]

    def content(self, leg: Leg) -> dict[str, Value]:
        """What a leg carries, with all variables replaced."""
        return {"text": self.step(leg).text} if leg.leg else self.message.content

    def segments(self, leg: Leg) -> int:
        """The number of segments that a leg goes out in; 1 on a channel that has none."""
        if not channel_named(leg.channel).segmented:
            return 1
        return len(segment(str(self.content(leg).get("text", ""))).parts)

    def _start_leg(self, step: FallbackStep, reason: str) -> Leg:
        configured = self._context.configuration.sender_by_id(step.channel, step.sender)
        recipient = step.recipient or self.message.recipient
        leg = Leg(
            message_id=self.message.message_id,
            leg=len(self.legs),
            channel=step.channel,
            sender=step.sender,
            recipient=recipient,
            route=chosen_route(configured, self.message, recipient, self._context.takes_new),
            why=reason,
            started_at=self.now,
            updated_at=self.now,
        )
        self.legs.append(leg)
        receipt_deadline = self.expires_at(leg) + int(self._context.settings.receipt_grace * 1000)
        self._set_timer(TimerKind.EXPIRY, leg, receipt_deadline)
        due = self.next_step_due(leg)
        if due is not None:
            self._set_timer(TimerKind.FALLBACK, leg, due)
        return leg

    def _set_timer(self, kind: TimerKind, leg: Leg, due: int) -> None:
        body = encode(TimerWork(kind, leg.leg))
        self.add(Enqueue(Stage.TIMER, TIMER_LANE, leg.message_id, body, due))

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
        self.add(AddEvent(Event(self.message.message_id, leg.leg, self.now, kind, text)))

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
        user: UserIds = NO_IDS,
        migrated_to: str = "",
    ) -> Leg:
        """Applies an event to a leg, and publishes the statuses that follow.

        Args:
            at: the time of the event for the callback's Timestamp, milliseconds UTC; None for now.
            failure, code, text: the reason of a failure.
            publish: whether to publish the statuses.
            user: the recipient's ids at the provider, as far as it says.
            migrated_to: the id that the recipient has from now on, which the statuses name.

        Returns:
            The changed leg.
        """
        change = transition(
            self.message, self.legs, leg, event, self.now, failure=failure, code=code, text=text
        )
        leg = self.legs[leg.leg] = change.leg
        for other in change.single:
            self.legs[other.leg] = other
            self.note(other, "note", f"no double delivery after all: leg {leg.leg} did not arrive")
        # Of a message without content it is not known any more whom a late receipt is about.
        if change.opted_out and not self.message.redacted:
            self._suppress(leg)
        if publish and change.statuses:
            self._publish(leg, change.statuses, self.now if at is None else at, user, migrated_to)
        for note in change.notes:
            self.note(leg, *note)
        if change.closes:
            self.add(DropTimers(self.message.message_id))
        return leg

    def publish_end(self, leg: Leg) -> None:
        """Publishes the statuses of a leg that has ended unsent without an event here."""
        self._publish(leg, statuses_to_publish(LegState.QUEUED, leg.state), leg.updated_at, NO_IDS, "")

    def _suppress(self, leg: Leg) -> None:
        """Adds the recipient to the suppression list, which refuses further promotions."""
        entry = Suppression(
            account_id=self.message.account_id,
            channel=leg.channel,
            sender=leg.sender,
            recipient=leg.recipient,
            reason=OptOutReason.PROVIDER,
            detail=leg.code,
            at=self.now,
        )
        self.add(Suppress(entry))
        self.note(leg, "note", "the person has blocked the sender: no promotions to them any more")

    def _publish(self, leg: Leg, statuses: Sequence[str], at: int, user: UserIds, migrated_to: str) -> None:
        message, subject = self.message, Subject.of(self.message)
        # Only leg 0 counts for the template: a fallback is not sent from it.
        if not leg.leg and message.template_code:
            count = counted(message.account_id, message.template_code, message.language, self.now, statuses)
            if count is not None:
                self.add(Count(count))
        for status in statuses:
            body = encode_json(status_object(message, leg, status, at, user=user, migrated_to=migrated_to))
            self.add(
                publication(
                    self._context.configuration,
                    subject,
                    STATUS_KIND,
                    body.decode(),
                    now=self.now,
                    message_id=message.message_id,
                )
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
        started = self._start_leg(step, decision.why)
        self.note(
            started,
            "fallback",
            f"fallback {self.message.fallback.policy_id}: {step.channel} from {step.sender}, "
            f"because {decision.why}",
        )
        self.dispatch(started, self.now)
