"""Decisions as playbooks: an event in, these commands out, and anything else is a difference.

A decision is pure: nothing is read, written or sent here.
"""

from typing import Any

import msgspec
import pytest

from tests.delivery.stages import BLOCKED, BUSY, DEFAULTS, NO_ANSWER
from tests.model.messages import ACCEPTED_AT, fallback, message
from waypost.delivery.context import DecisionContext
from waypost.delivery.inbound import receive
from waypost.delivery.message_progress import MessageProgress
from waypost.delivery.outcome import end_attempt, follow_late_answer
from waypost.delivery.routes import Route
from waypost.delivery.submission import plan
from waypost.delivery.timers import fire
from waypost.delivery.tracker import apply_receipt
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegState
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Receipt, ReceiptKind
from waypost.storage import changes as c
from waypost.storage.changes import Change
from waypost.storage.records import MessageRecord, Stage, Work

NOW = ACCEPTED_AT + 5_000
MESSAGE_ID = MessageId("2027011508000000000001000")
CONFIGURATION = Configuration(
    [
        Account(id=AccountId("1")),
        Sender(channel="viber", id="20001", account_id=AccountId("1"), route="viber"),
        Sender(channel="sms", id="Shop", account_id=AccountId("1"), route="sms"),
    ]
)
CONTEXT = DecisionContext(NOW, CONFIGURATION, DEFAULTS.delivery)


class Unused:
    """A connector that no decision may call."""

    removes_duplicates = False


ROUTES = {name: Route(name, Unused(), f"http://waypost/{name}") for name in ("viber", "sms")}  # type: ignore[arg-type]


def record(state: LegState = LegState.QUEUED, attempts: int = 0, **changes: Any) -> MessageRecord:
    """A message with one leg; version 4."""
    accepted = message(message_id=MESSAGE_ID, accepted_at=ACCEPTED_AT, **{"label": "transaction"} | changes)
    leg = Leg(
        message_id=MESSAGE_ID,
        leg=0,
        channel="viber",
        sender="20001",
        recipient=accepted.recipient,
        route="viber",
        state=state,
        attempts=attempts,
        started_at=ACCEPTED_AT,
        updated_at=ACCEPTED_AT,
        version=4,
    )
    return MessageRecord(accepted, [leg], [attempt(number) for number in range(1, attempts + 1)])


def attempt(number: int = 1, outcome: AttemptOutcome = AttemptOutcome.UNDER_WAY) -> Attempt:
    return Attempt(
        message_id=MESSAGE_ID,
        leg=0,
        attempt=number,
        number=number,
        route="viber",
        sender="20001",
        recipient="380501112233",
        started_at=ACCEPTED_AT,
        outcome=outcome,
    )


def work(stage: Stage = Stage.DISPATCH, body: str = "{}") -> Work:
    return Work(7, stage, "viber 1 transaction", MESSAGE_ID, ACCEPTED_AT, body, 0, 11, 1e12)


def outline(change: Change) -> list[str]:
    """The commands in short, in their order; what holds for all of them first."""
    held = [f"holds {each.seq}" for each in change.works]
    version = [f"on version {change.version}"] if change.message_id else []
    return [*version, *held, *(_short(command) for command in change.commands)]


def _short(command: c.Command) -> str:
    match command:
        case c.PutLeg(leg):
            return f"leg {leg.leg} {leg.state.value}, version {leg.version}"
        case c.PutAttempt(of):
            return f"attempt {of.leg}.{of.attempt} {of.outcome.value}" + (
                f" as {of.provider_id}" if of.provider_id else ""
            )
        case c.Enqueue(stage, _, _, body, due):
            return f"enqueue {stage.value} {body} in {(due - NOW) / 1000:g} s"
        case c.Postpone(of, due, tried):
            return f"postpone {of.seq} by {(due - NOW) / 1000:g} s" + ("" if tried else ", untried")
        case c.Finish(of):
            return f"finish {of.seq}"
        case c.AddEvent(event):
            return f"note {event.kind}"
        case c.Publish(callback):
            status = msgspec.json.decode(callback.body).get("Status", callback.kind)
            return f"publish {status}, {callback.state.value}"
        case c.DropTimers():
            return "drop timers"
        case c.Suppress(entry):
            return f"suppress {entry.recipient} because of {entry.reason.value}"
        case c.Unsuppress(entry):
            return f"unsuppress {entry.recipient}"
        case c.RequireUnsuppressed():
            return "require that the person wants promotions"
        case c.ClaimInbound(_, provider_id):
            return f"claim inbound {provider_id}"
        case c.AddInbound(of_user, last):
            return f"add inbound {of_user.text!r}" + (", opens the window" if last is not None else "")
        case _:
            return type(command).__name__


def outcome_of(outcome: Outcome, **changes: Any) -> list[str]:
    progress = MessageProgress(record(LegState.SUBMITTING, 1, **changes), CONTEXT)
    end_attempt(progress, attempt(), work(), outcome, CONTEXT, ROUTES, 0.5)
    return outline(progress.take_change())


def planned(found: MessageRecord, context: DecisionContext = CONTEXT) -> tuple[bool, list[str]]:
    progress = MessageProgress(found, context)
    attempted = plan(progress, work(), context, ROUTES, {}, 0.5)
    return attempted is not None, outline(progress.take_change())


def test_a_leg_that_waits_is_submitted_once_its_attempt_is_written() -> None:
    assert planned(record()) == (
        True,
        [
            "on version 4",
            "holds 7",
            "leg 0 submitting, version 5",
            "attempt 0.1 under_way",
        ],
    )


def test_a_promotion_is_submitted_only_if_the_person_wants_it() -> None:
    assert "require that the person wants promotions" in planned(record(label="promotion"))[1]
    assert "require that the person wants promotions" not in planned(record())[1]


def test_a_leg_whose_sender_has_no_route_fails() -> None:
    context = msgspec.structs.replace(CONTEXT, configuration=Configuration([Account(id=AccountId("1"))]))
    assert planned(record(), context) == (
        False,
        [
            "on version 4",
            "holds 7",
            "leg 0 failed, version 5",
            "publish Failed, stored",
            "note end",
            "drop timers",
            "note fallback",
            "finish 7",
        ],
    )


def test_an_attempt_that_was_interrupted_is_in_doubt_and_a_transaction_is_sent_again() -> None:
    assert planned(record(LegState.SUBMITTING, 1)) == (
        False,
        [
            "on version 4",
            "holds 7",
            "leg 0 in_doubt, version 5",
            "attempt 0.1 unknown",
            "note unknown",
            "finish 7",
            "enqueue dispatch {} in 15 s",
        ],
    )


def test_an_interrupted_promotion_is_not_sent_again() -> None:
    assert planned(record(LegState.SUBMITTING, 1, label="promotion"))[1] == [
        "on version 4",
        "holds 7",
        "leg 0 in_doubt, version 5",
        "attempt 0.1 unknown",
        "note unknown",
        "finish 7",
    ]


@pytest.mark.parametrize(
    ("outcome", "commands"),
    [
        (
            Accepted("77"),
            [
                "leg 0 sent, version 5",
                "attempt 0.1 accepted as 77",
                "publish Sent, stored",
                "finish 7",
            ],
        ),
        (
            Accepted("77", delivered=True),
            [
                "leg 0 delivered, version 5",
                "attempt 0.1 accepted as 77",
                "publish Sent, stored",
                "note note",
                "publish Delivered, stored",
                "drop timers",
                "finish 7",
            ],
        ),
        (
            BUSY,
            ["leg 0 queued, version 5", "attempt 0.1 refused", "note refused", "postpone 7 by 1 s"],
        ),
        (
            BLOCKED,
            [
                "leg 0 failed, version 5",
                "attempt 0.1 refused",
                "note refused",
                "suppress 380501112233 because of provider",
                "note note",
                "publish Failed, stored",
                "note end",
                "drop timers",
                "note fallback",
                "finish 7",
            ],
        ),
        (
            NO_ANSWER,
            [
                "leg 0 in_doubt, version 5",
                "attempt 0.1 unknown",
                "note unknown",
                "finish 7",
                "enqueue dispatch {} in 15 s",
            ],
        ),
    ],
    ids=["accepted", "accepted and delivered", "busy", "blocked", "no answer"],
)
def test_the_outcome_of_an_attempt(outcome: Outcome, commands: list[str]) -> None:
    assert outcome_of(outcome) == ["on version 4", "holds 7", *commands]


def test_a_refusal_starts_the_fallback_in_the_same_change() -> None:
    assert outcome_of(BLOCKED, fallback=fallback(600))[-2:] == [
        'enqueue dispatch {"leg":1} in 0 s',
        "finish 7",
    ]


@pytest.mark.parametrize(
    ("outcome", "commands"),
    [
        (
            Accepted("77"),
            ["leg 0 sent, version 5", "attempt 0.1 accepted as 77", "publish Sent, stored"],
        ),
        (BUSY, ["leg 0 in_doubt, version 5", "attempt 0.1 refused", "note refused"]),
        (NO_ANSWER, ["leg 0 in_doubt, version 5"]),
    ],
    ids=["accepted", "busy", "no answer"],
)
def test_an_answer_that_comes_after_the_lease_holds_nothing_and_touches_no_row(
    outcome: Outcome, commands: list[str]
) -> None:
    progress = MessageProgress(record(LegState.IN_DOUBT, 1), CONTEXT)
    follow_late_answer(progress, attempt(outcome=AttemptOutcome.UNKNOWN), outcome)
    assert outline(progress.take_change()) == ["on version 4", *commands]


@pytest.mark.parametrize(
    ("kind", "state", "commands"),
    [
        (
            ReceiptKind.DELIVERED,
            LegState.SENT,
            [
                "leg 0 delivered, version 5",
                "note receipt",
                "publish Delivered, stored",
                "drop timers",
            ],
        ),
        (
            ReceiptKind.READ,
            LegState.SENT,
            [
                "leg 0 read, version 5",
                "note receipt",
                "publish Delivered, stored",
                "publish Read, stored",
                "drop timers",
            ],
        ),
        (ReceiptKind.DELIVERED, LegState.READ, ["leg 0 read, version 5", "note receipt"]),
        (
            ReceiptKind.FAILED,
            LegState.SENT,
            [
                "leg 0 failed, version 5",
                "note receipt",
                "publish Failed, stored",
                "note end",
                "drop timers",
                "note fallback",
            ],
        ),
    ],
)
def test_a_receipt(kind: ReceiptKind, state: LegState, commands: list[str]) -> None:
    found = record(state, 1)
    found.attempts[0].provider_id = "77"
    progress = MessageProgress(found, CONTEXT)
    apply_receipt(progress, found.attempts[0], Receipt(route="viber", kind=kind, provider_id="77"))
    assert outline(progress.take_change()) == ["on version 4", *commands]


def fired(state: LegState, *bodies: str, **changes: Any) -> list[str]:
    progress = MessageProgress(record(state, 1, **changes), CONTEXT)
    fire(progress, [work(Stage.TIMER, body) for body in bodies], CONTEXT, {})
    return outline(progress.take_change())


FALLBACK_TIMER, EXPIRY_TIMER = '{"kind":"fallback","leg":0}', '{"kind":"expiry","leg":0}'


def test_the_fallback_timer_starts_the_next_leg_once() -> None:
    commands = fired(LegState.SENT, FALLBACK_TIMER, fallback=fallback(60))
    assert commands == [
        "on version 4",
        "holds 7",
        "leg 0 sent, version 5",
        "leg 1 queued, version 0",
        "finish 7",
        "note timer",
        'enqueue timer {"kind":"expiry","leg":1} in '
        f"{DEFAULTS.delivery.sms_ttl + DEFAULTS.delivery.receipt_grace:g} s",
        "note fallback",
        'enqueue dispatch {"leg":1} in 0 s',
    ]


def test_the_fallback_timer_of_a_delivered_message_only_goes() -> None:
    assert fired(LegState.DELIVERED, FALLBACK_TIMER, fallback=fallback(60)) == [
        "on version 4",
        "holds 7",
        "leg 0 delivered, version 5",
        "finish 7",
    ]


def test_the_expiry_timer_ends_a_leg_that_nothing_was_heard_of() -> None:
    assert fired(LegState.SENT, EXPIRY_TIMER) == [
        "on version 4",
        "holds 7",
        "leg 0 expired, version 5",
        "finish 7",
        "note timer",
        "publish Failed, stored",
        "note end",
        "drop timers",
        "note fallback",
    ]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("hello", []),
        ("STOP", ["suppress U1 because of stop_word"]),
        ("START", ["unsuppress U1"]),
    ],
)
def test_what_a_user_writes(text: str, more: list[str]) -> None:
    inbound = Inbound(
        route="viber",
        channel="viber",
        sender="20001",
        user="U1",
        at=NOW,
        provider_id="8",
        type="TEXT",
        text=text,
    )
    commands = [_short(command) for command in receive(inbound, CONTEXT)]
    assert commands == [
        "claim inbound 8",
        *more,
        f"add inbound {text!r}",
        "publish ChatAppInbound, stored",
    ]


def test_what_is_written_to_nobodys_sender_comes_to_nothing() -> None:
    inbound = Inbound(
        route="viber", channel="viber", sender="9", user="U1", at=NOW, provider_id="8", type="TEXT", text="?"
    )
    assert receive(inbound, CONTEXT) == []
