"""What a provider answers in its own words is the operator's alone."""

import json

import msgspec
import pytest

from tests.delivery.stages import Stages
from tests.model.messages import fallback
from waypost.api.operations.messages.get_chatapp_message_detail import _detail
from waypost.api.operations.messages.message_row import message_row
from waypost.messaging.history import read_history, timeline
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Outcome, ReceiptKind, Refused, Unknown

RAW = "HTTP 500: <html> the gateway's own words"


def refused(failure: SendFailure) -> Refused:
    return Refused(failure, "17", RAW)


OUTCOMES = [Unknown(RAW), *(refused(failure) for failure in SendFailure)]


async def seen_by_the_customer(stages: Stages) -> str:
    """All that a customer can read of the last message."""
    [taken, *_] = stages.viber.taken
    history = await read_history(stages.store, taken.message_id)  # type: ignore[arg-type]
    assert history is not None
    row = message_row(history.message, [each.leg for each in history.legs])
    parts = [
        msgspec.json.encode(_detail(history)).decode(),
        msgspec.json.encode(row).decode(),
        json.dumps(await timeline(stages.store, history.message.message_id)),
        *(callback.body for callback in history.callbacks),
    ]
    assert len(history.callbacks) > 0
    return "\n".join(parts)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=str)
async def test_an_answer_in_a_providers_words_reaches_no_customer(stages: Stages, outcome: Outcome) -> None:
    stages.viber.answers += [outcome] * 20
    accepted = await stages.send(label="promotion", ttl=60, fallback=fallback(duration=30))
    await stages.pass_time(3 * 86_400)
    assert "own words" not in await seen_by_the_customer(stages)
    operators = json.dumps(await timeline(stages.store, accepted.message_id, for_operator=True))
    assert "own words" in operators


@pytest.mark.parametrize("kind", [ReceiptKind.FAILED, ReceiptKind.EXPIRED])
async def test_a_receipt_in_a_providers_words_reaches_no_customer(stages: Stages, kind: ReceiptKind) -> None:
    accepted = await stages.send(label="promotion", ttl=60)
    [taken] = stages.viber.taken
    await stages.receipt(taken, kind, code="131026", text=RAW)
    customers = await seen_by_the_customer(stages)
    assert "own words" not in customers
    assert "131026" in customers
    operators = json.dumps(await timeline(stages.store, accepted.message_id, for_operator=True))
    assert "own words" in operators


async def test_our_own_words_reach_the_customer(stages: Stages) -> None:
    stages.viber.answers.append(
        Refused(SendFailure.BAD_REQUEST, "", RAW, explanation="the content has no text")
    )
    accepted = await stages.send(label="promotion", ttl=60)
    failed = (await stages.callback_bodies(accepted))[-1]
    assert failed["ErrorDescription"] == "SRVC_BAD_DATA:the content has no text"
