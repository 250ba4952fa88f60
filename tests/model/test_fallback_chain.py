"""A fallback chain: how long each leg may take, the state it must have, and when the next one starts."""

import itertools

import pytest

from tests.model.messages import ACCEPTED_AT, message
from waypost.model.fallback.chain import Fallback, FallbackStep, StepCondition, step_error
from waypost.model.fallback.decision import Trigger, decide_fallback, settled, wait_trigger
from waypost.model.message.leg import LegState

FAILED, UNDELIVERED, UNREAD = StepCondition.FAILED, StepCondition.UNDELIVERED, StepCondition.UNREAD


def step(condition: StepCondition = UNDELIVERED, wait: int | None = None) -> FallbackStep:
    return FallbackStep("sms", "Shop", "hello", wait=wait, condition=condition)


def chain(*steps: FallbackStep, duration: int | None = None) -> Fallback:
    return Fallback("S_000001", "undelivered", duration, steps)


@pytest.mark.parametrize(
    ("condition", "wait", "sentence"),
    [
        (UNDELIVERED, None, ""),
        (UNDELIVERED, 10, ""),
        (UNDELIVERED, 43_200, ""),
        (UNDELIVERED, 9, "the wait is 9 s; it must be from 10 to 43200"),
        (UNDELIVERED, 43_201, "the wait is 43201 s; it must be from 10 to 43200"),
        (UNREAD, 10, ""),
        (UNREAD, None, "the condition unread needs a wait: the seconds in which the message may be read"),
        (UNREAD, 0, "the wait is 0 s; it must be from 10 to 43200"),
        (FAILED, None, ""),
        (FAILED, 60, "the condition failed has no wait: the step starts with the failure"),
        (FAILED, 5, "the wait is 5 s; it must be from 10 to 43200"),
    ],
)
def test_what_is_wrong_with_a_step(condition: StepCondition, wait: int | None, sentence: str) -> None:
    assert step_error(condition, wait) == sentence


@pytest.mark.parametrize(
    ("condition", "good_enough"),
    [
        (FAILED, {LegState.DELIVERED, LegState.READ}),
        (UNDELIVERED, {LegState.DELIVERED, LegState.READ}),
        (UNREAD, {LegState.READ}),
    ],
)
def test_when_a_leg_is_good_enough(condition: StepCondition, good_enough: set[LegState]) -> None:
    assert {state for state in LegState if condition.satisfied_by(state)} == good_enough


# (the chain, the seconds that legs 0, 1 and 2 have, what must have become of each)
WAITS: list[tuple[str, Fallback, list[int | None], list[StepCondition]]] = [
    ("no steps", chain(), [None] * 3, [UNDELIVERED] * 3),
    ("no steps but a duration", chain(duration=60), [None] * 3, [UNDELIVERED] * 3),
    ("a step without a time", chain(step()), [None] * 3, [UNDELIVERED] * 3),
    ("a step's own time", chain(step(wait=30)), [30, None, None], [UNDELIVERED] * 3),
    ("the duration instead", chain(step(wait=30), duration=60), [60, None, None], [UNDELIVERED] * 3),
    (
        "the duration is of leg 0 alone",
        chain(step(wait=30), step(wait=40), duration=60),
        [60, 40, None],
        [UNDELIVERED] * 3,
    ),
    ("failed has no time", chain(step(FAILED)), [None] * 3, [FAILED, UNDELIVERED, UNDELIVERED]),
    (
        "a duration makes failed undelivered",
        chain(step(FAILED), step(FAILED), duration=60),
        [60, None, None],
        [UNDELIVERED, FAILED, UNDELIVERED],
    ),
    (
        "unread stays unread with a duration",
        chain(step(UNREAD, 30), step(UNREAD, 40), duration=60),
        [60, 40, None],
        [UNREAD, UNREAD, UNDELIVERED],
    ),
]


@pytest.mark.parametrize(
    ("fallback", "waits", "conditions"), [row[1:] for row in WAITS], ids=[row[0] for row in WAITS]
)
def test_what_a_leg_has_before_the_next_one(
    fallback: Fallback, waits: list[int | None], conditions: list[StepCondition]
) -> None:
    assert [fallback.wait_after(leg) for leg in range(3)] == waits
    assert [fallback.condition_after(leg) for leg in range(3)] == conditions


@pytest.mark.parametrize(
    ("fallback", "due"),
    [
        (None, None),
        (chain(step()), None),
        (chain(step(wait=30)), ACCEPTED_AT + 30_000),
        (chain(step(wait=30), duration=60), ACCEPTED_AT + 60_000),
        (chain(duration=60), None),
    ],
)
def test_when_the_first_step_is_due(fallback: Fallback | None, due: int | None) -> None:
    assert message(fallback=fallback).fallback_due == due


@pytest.mark.parametrize(
    ("condition", "trigger"),
    [(UNREAD, Trigger.UNREAD_WAIT_PASSED), (UNDELIVERED, Trigger.WAIT_PASSED), (FAILED, Trigger.WAIT_PASSED)],
)
def test_the_name_of_a_time_that_is_over(condition: StepCondition, trigger: Trigger) -> None:
    assert wait_trigger(message(fallback=chain(step(condition, 30))), 0) is trigger
    assert wait_trigger(message(fallback=chain(step(condition, 30))), 1) is Trigger.WAIT_PASSED


@pytest.mark.parametrize(
    ("fallback", "states", "enough"),
    [
        (None, [LegState.SENT], False),
        (None, [LegState.DELIVERED], True),
        (chain(step()), [LegState.DELIVERED], True),
        (chain(step()), [LegState.FAILED, LegState.SENT], False),
        (chain(step()), [LegState.FAILED, LegState.DELIVERED], True),
        (chain(step(UNREAD, 30)), [LegState.DELIVERED], False),
        (chain(step(UNREAD, 30)), [LegState.READ], True),
        (chain(step(UNREAD, 30)), [LegState.DELIVERED, LegState.DELIVERED], True),
        (chain(step(UNREAD, 30), step(UNREAD, 30)), [LegState.DELIVERED, LegState.DELIVERED], False),
        (chain(step(UNREAD, 30), step(UNREAD, 30)), [LegState.DELIVERED, LegState.READ], True),
        (chain(step()), [], False),
    ],
)
def test_when_nothing_more_is_to_be_sent(
    fallback: Fallback | None, states: list[LegState], enough: bool
) -> None:
    assert settled(message(fallback=fallback), states) is enough


@pytest.mark.parametrize(
    ("states", "leg", "trigger", "fires", "why"),
    [
        ([LegState.DELIVERED], 0, Trigger.UNREAD_WAIT_PASSED, True, "it was not read in time"),
        ([LegState.READ], 0, Trigger.UNREAD_WAIT_PASSED, False, "the message is known to be read"),
        ([LegState.FAILED] * 2, 0, Trigger.WAIT_PASSED, False, "the fallback has already fired"),
        ([LegState.FAILED] * 2, 1, Trigger.WAIT_PASSED, True, "no delivered receipt came in time"),
        ([LegState.FAILED] * 3, 2, Trigger.FAILED_RECEIPT, False, "there is nothing to fall back to"),
        (
            [LegState.FAILED, LegState.DELIVERED],
            1,
            Trigger.WAIT_PASSED,
            False,
            "the message is known to be delivered",
        ),
        (
            [LegState.READ, LegState.FAILED],
            1,
            Trigger.FAILED_RECEIPT,
            False,
            "the message is known to be read",
        ),
        (
            [LegState.EXPIRED],
            0,
            Trigger.SILENCE,
            False,
            "silence is not a failure: only the time that a step waits acts on it",
        ),
    ],
)
def test_a_chain_that_waits_for_a_reader_and_then_for_an_arrival(
    states: list[LegState], leg: int, trigger: Trigger, fires: bool, why: str
) -> None:
    one = message(fallback=chain(step(UNREAD, 30), step(wait=40)))
    assert decide_fallback(one, leg, states, trigger, promotion_after_opt_out=False) == (fires, why)


@pytest.mark.parametrize(
    "states",
    list(itertools.product(LegState, repeat=2)),
    ids=lambda pair: pair[0].value + "-" + pair[1].value,
)
def test_of_two_legs_the_next_starts_just_when_none_is_good_enough(states: tuple[LegState, LegState]) -> None:
    one = message(fallback=chain(step(UNREAD, 30), step(wait=40)))
    first, second = states
    fires = decide_fallback(one, 1, states, Trigger.WAIT_PASSED, promotion_after_opt_out=False).fires
    assert fires is not (first is LegState.READ or second in (LegState.DELIVERED, LegState.READ))


@pytest.mark.parametrize(
    ("changes", "promotional"),
    [
        ({"label": "promotion"}, True),
        ({"label": "transaction"}, False),
        ({"label": ""}, False),
        ({"label": "", "category": "MARKETING"}, True),
        ({"label": "transaction", "category": "MARKETING"}, True),
        ({"label": "", "category": "UTILITY"}, False),
    ],
    ids=str,
)
def test_what_advertises(changes: dict[str, str], promotional: bool) -> None:
    assert message(**changes).promotional is promotional


def test_a_message_lies_in_its_shard_and_ends_with_its_time_to_live() -> None:
    assert message(message_id="2027011508000000000001007").shard == 7
    assert message(ttl=30).expires_at == ACCEPTED_AT + 30_000
