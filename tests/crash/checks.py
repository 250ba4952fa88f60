"""What must be true of one call after all the kills, whatever became of it."""

import json
from typing import Any, NamedTuple

from tests.crash.callers import Call
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegState
from waypost.model.message.message import Message
from waypost.storage.records import Callback, CallbackState


class Found(NamedTuple):
    """What the ledger has of a call."""

    messages: list[Message]
    legs: list[Leg]
    attempts: list[Attempt]
    callbacks: list[Callback]


def check(
    call: Call, replayed: str, found: Found, phone: list[dict[str, Any]], pushed: list[dict[str, Any]]
) -> str:
    """Checks all of it; what became of the call, for counting.

    Args:
        replayed: what the same bytes were answered after the last kill.
        phone: what the recipient's phone shows in the end.
        pushed: what came to the customer's URL, without repeats.
    """
    _check_intake(call, replayed, found)
    for leg in found.legs:
        assert leg.state.ended, f"leg {leg.leg} of {leg.message_id} is {leg.state}"
    assert all(attempt.outcome is not AttemptOutcome.UNDER_WAY for attempt in found.attempts)
    viber = [shown for shown in phone if shown["channel"] == "viber"]
    sms = [shown for shown in phone if shown["channel"] == "sms"]
    _check_copies(call, found, viber, sms)
    _check_truth(found, viber, sms)
    _check_fallback(call, found)
    _check_callbacks(found, pushed)
    doubt = " in doubt" if any(one.outcome is AttemptOutcome.UNKNOWN for one in found.attempts) else ""
    twice = " twice" if len(viber) > 1 else ""
    return " > ".join(f"{leg.channel} {leg.state.value}" for leg in found.legs) + doubt + twice


def _check_intake(call: Call, replayed: str, found: Found) -> None:
    """An OK survives, and a call whose answer was lost was done as a whole or not at all."""
    assert call.code in ("OK", "")
    assert len(found.messages) == 1
    assert found.messages[0].message_id == call.message_id or not call.message_id
    if call.code == "OK":
        assert replayed == "SignatureNonceUsed"
    else:
        assert replayed in ("SignatureNonceUsed", "OK")


def _check_copies(call: Call, found: Found, viber: list[Any], sms: list[Any]) -> None:
    """A second message only of a transaction whose first was in doubt, by SMS as on Viber."""
    for number, shown in ((0, viber), (1, sms)):
        attempts = [one for one in found.attempts if one.leg == number]
        doubts = [one for one in attempts if one.outcome is AttemptOutcome.UNKNOWN]
        assert len(shown) <= (2 if call.label == "transaction" and doubts else 1)
        if doubts and call.label != "transaction":
            assert attempts[-1] == doubts[-1]
        assert len(doubts) <= (2 if call.label == "transaction" else 1)


def _check_truth(found: Found, viber: list[Any], sms: list[Any]) -> None:
    """What the person got is known, and nothing is called delivered that the phone does not have."""
    for number, shown in ((0, viber), (1, sms)):
        states = {one["state"] for one in shown}
        legs = [leg for leg in found.legs if leg.leg == number]
        if states & {"delivered", "read"}:
            assert legs[0].state.delivered
        if "read" in states:
            assert legs[0].state is LegState.READ
        if legs and legs[0].state.delivered:
            assert shown


def _check_fallback(call: Call, found: Found) -> None:
    """It came only where the call has one and nothing had arrived, and came wherever it had to."""
    [message] = found.messages
    first, *others = found.legs
    assert len(others) <= (1 if call.falls_back else 0)
    opted_out = first.failure is SendFailure.OPTED_OUT and call.label == "promotion"
    due = message.fallback_due
    for other in others:
        assert not opted_out
        if first.state.delivered:
            # It arrived, but only after the duration had passed.
            assert due is not None
            assert other.started_at >= due
    if call.falls_back and not others and not opted_out:
        silent = first.state is LegState.EXPIRED and due is None
        assert first.state.delivered or silent, f"no fallback: {first}"


def _check_callbacks(found: Found, pushed: list[dict[str, Any]]) -> None:
    """All of it came, in order; each status of a leg once, in the order of life."""
    assert all(callback.state is CallbackState.DELIVERED for callback in found.callbacks)
    assert pushed == [json.loads(callback.body) for callback in found.callbacks]
    order = ["Sent", "Failed", "Delivered", "Read"]
    for leg in found.legs:
        statuses = [one["Status"] for one in pushed if one["WaypostLeg"] == leg.leg]
        assert statuses == sorted(set(statuses), key=order.index)
