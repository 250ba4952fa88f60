"""Promises 2 to 5 under anything providers, the clock and a `kill -9` can do, in any order.

Hypothesis writes the story: calls, answers, receipts (late, repeated, in any order, somebody else's), time
that passes or jumps, restarts. At the end the clock moves on for a week, and all is checked.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.delivery.stages import BLOCKED, BUSY, NO_ANSWER, NOT_ON_VIBER, KilledError, Stages, Taken
from tests.model.messages import fallback
from waypost.delivery.cancelling import Canceller
from waypost.messaging.cancellation import accepted_by_now, carry_out
from waypost.model.fallback.chain import Fallback, FallbackStep, StepCondition, step_error
from waypost.model.identifiers import AccountId
from waypost.model.message.cancellation import CancelFilter
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import AttemptOutcome, Leg, LegState
from waypost.model.message.message import Message
from waypost.model.message.outcomes import Outcome, Receipt, ReceiptKind, Refused, Unknown
from waypost.model.message.work import decode_timer
from waypost.storage.changes import Refusal
from waypost.storage.contract import RefusedError
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

A_WEEK = 7 * 86_400
ARRIVED = (ReceiptKind.DELIVERED, ReceiptKind.READ)

_refusals = st.sampled_from(
    [
        *(Refused(failure, "", "") for failure in SendFailure if failure is not SendFailure.CANCELLED),
        Refused(SendFailure.RATE_LIMITED, "", "", 40_000),
    ]
)
_doubts = st.just(NO_ANSWER) | st.just(KilledError())
_some_answers = st.lists(st.just(BUSY) | _doubts | st.just(BLOCKED) | _refusals, max_size=4)
# Where the interesting stories begin: all is well, nobody there, and nobody knows.
_answers: st.SearchStrategy[list[Any]] = (
    st.just([]) | st.just([NOT_ON_VIBER]) | _doubts.map(lambda doubt: [doubt]) | _some_answers
)


_WAYS = (FallbackStep("sms", "Shop", "by SMS"), FallbackStep("viber", "20001", "again"))
_steps = st.builds(
    lambda way, wait, condition: msgspec.structs.replace(way, wait=wait, condition=condition),
    st.sampled_from(_WAYS),
    st.sampled_from([None, 30, 90]),
    st.sampled_from(StepCondition),
).filter(lambda step: not step_error(step.condition, step.wait))
_chains = st.builds(
    Fallback,
    policy_id=st.just("S_000001"),
    rule=st.just("undelivered"),
    duration=st.sampled_from([None, None, 60]),
    steps=st.lists(_steps, min_size=1, max_size=3).map(tuple),
)


class Call(NamedTuple):
    """A call, and how the providers answer to its attempts; when they run out of answers, they accept."""

    label: str
    recipient: str
    fallback: Fallback | None
    faulty: bool
    at_once: bool
    viber_answers: list[Outcome | KilledError]
    sms_answers: list[Outcome | KilledError]


_calls = st.builds(
    Call,
    label=st.sampled_from(["transaction", "promotion"]),
    recipient=st.sampled_from(["380501110001", "380501110002"]),
    fallback=st.none() | st.builds(fallback, st.sampled_from([None, 60, 90, 600])) | _chains,
    faulty=st.sampled_from([False, False, False, True]),
    at_once=st.booleans(),
    viber_answers=_answers,
    sms_answers=_answers,
)
_seconds = st.sampled_from([0.5, 1, 2, 15, 16, 59, 60, 61, 120, 181, 86_461])


def _empty_database() -> Path:
    path = Path(tempfile.mkdtemp()) / "waypost.db"
    asyncio.run(SqliteStore(path).close())
    return path


class Story(RuleBasedStateMachine):
    empty = _empty_database()

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.messages: list[Message] = []
        self.reported: list[tuple[Taken, ReceiptKind]] = []
        self.ended: set[tuple[str, int]] = set()
        self.known_settled: set[str] = set()
        # How often a provider had got it when it was cancelled.
        self.cancelled: dict[str, int] = {}
        self.open()

    def open(self) -> None:
        path = Path(self.folder.name) / "waypost.db"
        shutil.copy(self.empty, path)
        self.stages = Stages(path)
        self.providers = {"viber": self.stages.viber, "sms": self.stages.sms}
        for provider in self.providers.values():
            provider.on_send = self.while_the_request_is_out
        self.early: list[ReceiptKind] = []

    def run(self, doing: Any) -> Any:
        return self.runner.run(doing)

    @property
    def taken(self) -> list[Taken]:
        return [taken for provider in self.providers.values() for taken in provider.taken]

    async def while_the_request_is_out(self, taken: Taken) -> None:
        assert (taken.message_id, taken.leg) not in self.ended, "submitted after the leg had ended"
        assert taken.message_id not in self.known_settled, "submitted after all was well"
        early, self.early = self.early, []
        if not isinstance(taken.outcome, Refused):
            for kind in early:
                await self.stages.hear(self.stages.receipt_of(taken, kind))
                self.reported.append((taken, kind))
            await self.stages.settle([Stage.RECEIPT])

    # What can happen.

    @initialize(call=_calls)
    def first_call(self, call: Call) -> None:
        self.make(call)

    @rule(call=_calls)
    @precondition(lambda self: len(self.messages) < 3)
    def another_call(self, call: Call) -> None:
        self.make(call)

    def make(self, call: Call) -> None:
        fault = "no such template" if call.faulty and call.fallback is not None else ""
        try:
            accepted = self.run(
                self.stages.accept(
                    label=call.label, recipient=call.recipient, fallback=call.fallback, fault=fault
                )
            )
        except RefusedError as error:
            self.check_refusal(call, error.refusal)
            return
        if self.run(self.stages.store.find_message(accepted.message_id)) is None:
            # The person has blocked the sender: the call is refused.
            assert call.label == "promotion"
            assert any(leg.failure is SendFailure.OPTED_OUT for leg in self.legs_to(call.recipient))
            return
        self.providers["viber"].answers.extend(call.viber_answers)
        self.providers["sms"].answers.extend(call.sms_answers)
        self.messages.append(accepted)
        if call.at_once:
            self.run(self.stages.settle())

    def check_refusal(self, call: Call, refusal: Refusal) -> None:
        """A call is refused only if it is a promotion to a person who has blocked the sender."""
        assert refusal is Refusal.SUPPRESSED
        assert call.label == "promotion"
        assert any(
            isinstance(taken.outcome, Refused)
            and taken.outcome.failure is SendFailure.OPTED_OUT
            and taken.submission.recipient == call.recipient
            for taken in self.taken
        )

    @rule(kinds=st.lists(st.sampled_from(ReceiptKind), min_size=1, max_size=3))
    def next_answer_is_overtaken_by_receipts(self, kinds: list[ReceiptKind]) -> None:
        self.early = kinds

    @rule(
        data=st.data(),
        kinds=st.lists(st.sampled_from(ReceiptKind), min_size=1, max_size=3),
        now=st.booleans(),
    )
    @precondition(lambda self: any(not isinstance(taken.outcome, Refused) for taken in self.taken))
    def receipts(self, data: st.DataObject, kinds: list[ReceiptKind], now: bool) -> None:
        not_refused = [taken for taken in self.taken if not isinstance(taken.outcome, Refused)]
        taken = data.draw(st.sampled_from(not_refused), label="of")
        for kind in kinds:
            self.run(self.stages.hear(self.stages.receipt_of(taken, kind)))
            self.reported.append((taken, kind))
        if now:
            self.run(self.stages.settle())

    @rule(kind=st.sampled_from(ReceiptKind), reference=st.sampled_from([None, "hello", "1-0-1"]))
    def a_receipt_of_somebody_elses_message(self, kind: ReceiptKind, reference: str | None) -> None:
        receipt = Receipt(
            route="viber",
            kind=kind,
            provider_id="theirs",
            reference=reference,
            sender="20001",
            recipient="380509999999",
        )
        self.run(self.stages.hear(receipt))

    @rule(seconds=_seconds)
    def time_passes(self, seconds: float) -> None:
        self.run(self.stages.pass_time(seconds))

    @rule(seconds=_seconds)
    def the_clock_jumps(self, seconds: float) -> None:
        self.run(self.stages.jump(seconds))

    @rule(is_published=st.booleans())
    def all_that_waits_is_cancelled(self, is_published: bool) -> None:
        """And perhaps the service is killed before that is published."""
        self.run(self.cancel(is_published))

    async def cancel(self, is_published: bool) -> None:
        store, now = self.stages.store, self.stages.clock.now()
        filters, before = CancelFilter(account_id=AccountId("1")), accepted_by_now(store, now)
        id_ = await store.transact(lambda t: t.cancellations.add(filters, before, "cli/root", now))
        recorded = await store.cancellations.find(id_)
        assert recorded is not None
        await carry_out(store, recorded, self.stages.clock.now)
        for message in self.messages:
            self.cancelled.setdefault(message.message_id, self.taken_of(message))
        if is_published:
            await Canceller(store, self.stages.context).carry_out(recorded)

    @rule()
    def the_service_is_killed(self) -> None:
        self.run(self.stages.restart())

    # What holds at every moment.

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        for message in self.messages:
            legs = self.run(self.stages.legs(message))
            assert len(legs) <= 1 + len(steps_of(message))
            ended = {(message.message_id, leg.leg) for leg in legs if leg.state.ended}
            assert {key for key in self.ended if key[0] == message.message_id} <= ended
            self.ended |= ended
            if all_is_well(message, legs):
                self.known_settled.add(message.message_id)
            else:
                assert message.message_id not in self.known_settled

    @invariant()
    def what_has_not_ended_has_a_timer(self) -> None:
        """By which it ends, and by which a search finds it."""
        for message in self.messages:
            for leg in self.run(self.stages.legs(message)):
                timers = self.run(self.stages.store.find_timers(message.message_id))
                own = [timer for timer in timers if decode_timer(timer.body).leg == leg.leg]
                assert own or leg.state.ended

    def legs_to(self, recipient: str) -> list[Leg]:
        own = [message for message in self.messages if message.recipient == recipient]
        return [leg for message in own for leg in self.run(self.stages.legs(message))]

    # What holds in the end.

    def teardown(self) -> None:
        self.run(self.stages.pass_time(A_WEEK))
        self.what_has_ended_stays_ended()
        for message in self.messages:
            self.check(message)
        assert self.run(self.stages.journal_rows()) == 0
        self.run(self.stages.close())
        self.runner.close()
        self.folder.cleanup()

    def check(self, message: Message) -> None:
        legs: list[Leg] = self.run(self.stages.legs(message))
        statuses = self.run(self.stages.statuses(message))
        assert legs
        for leg in legs:
            assert leg.state.ended
            taken = [one for one in self.taken if (one.message_id, one.leg) == (message.message_id, leg.leg)]
            self.check_submissions(message, leg, taken)
            self.check_against_the_receipts(leg, taken)
            check_statuses(leg, [status for number, status in statuses if number == leg.leg])
        attempts = self.run(self.stages.attempts(message))
        assert all(attempt.outcome is not AttemptOutcome.UNDER_WAY for attempt in attempts)
        if message.message_id in self.cancelled:
            assert self.taken_of(message) == self.cancelled[message.message_id]
        elif len(legs) <= len(steps_of(message)):
            assert self.was_right_not_to_fall_back(message, legs)

    def taken_of(self, message: Message) -> int:
        """How often a provider got it."""
        return sum(one.message_id == message.message_id for one in self.taken)

    def check_submissions(self, message: Message, leg: Leg, taken: list[Taken]) -> None:
        """What may have been taken is sent again once at most, and only a transaction."""
        doubts = 0
        for before_another in taken[:-1]:
            outcome = before_another.outcome
            doubts += isinstance(outcome, Unknown)
            assert isinstance(outcome, Unknown) or (
                isinstance(outcome, Refused) and outcome.failure.facts.may_retry
            )
        assert doubts <= (1 if message.label == "transaction" else 0)
        if leg.leg == 0 and message.fault:
            assert taken == []

    def check_against_the_receipts(self, leg: Leg, taken: list[Taken]) -> None:
        """Nobody is called reached who was not; whoever was is, if the receipt names an attempt we know."""
        reported = [(one, kind) for one, kind in self.reported if one in taken]
        if leg.state.delivered:
            assert any(kind in ARRIVED for _, kind in reported)
        for one, kind in reported:
            named = leg.channel == "sms" or not isinstance(one.outcome, Unknown)
            if named and kind in ARRIVED:
                assert leg.state.delivered
            if named and kind is ReceiptKind.READ:
                assert leg.state is LegState.READ

    def was_right_not_to_fall_back(self, message: Message, legs: list[Leg]) -> bool:
        assert message.fallback is not None
        leg = legs[-1]
        opted_out = leg.failure is SendFailure.OPTED_OUT and message.label == "promotion"
        waits = steps_of(message)[leg.leg].wait is not None or (
            leg.leg == 0 and message.fallback.duration is not None
        )
        silent = leg.failure is SendFailure.NO_RECEIPT and not waits
        if opted_out and not self.stages.settings.promotion_after_opt_out:
            return True
        return silent or all_is_well(message, legs)


def steps_of(message: Message) -> tuple[FallbackStep, ...]:
    return message.fallback.steps if message.fallback is not None else ()


def all_is_well(message: Message, legs: list[Leg]) -> bool:
    """Whether somebody has the message, and has read it where the next step would wait for that."""
    steps = steps_of(message)
    return any(
        leg.state is LegState.READ
        or (
            leg.state is LegState.DELIVERED
            and not (leg.leg < len(steps) and steps[leg.leg].condition is StepCondition.UNREAD)
        )
        for leg in legs
    )


def check_statuses(leg: Leg, statuses: list[str]) -> None:
    """Each status once, none going back, and the last one true."""
    assert len(set(statuses)) == len(statuses)
    order = ["Sent", "Failed", "Delivered", "Read"]
    assert statuses == sorted(statuses, key=order.index)
    if leg.state.delivered:
        assert statuses[-1] == ("Read" if leg.state is LegState.READ else "Delivered")
    elif leg.failure is not None:
        assert statuses[-1] == "Failed"


TestStory = Story.TestCase
TestStory.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


class LongStory(Story):
    """The same, longer."""


TestLongStory = pytest.mark.timeout(600)(pytest.mark.long(LongStory.TestCase))
TestLongStory.settings = settings(max_examples=250, stateful_step_count=30, deadline=None)
