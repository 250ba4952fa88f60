"""A long SMS is delivered when all its parts are; a receipt with a foreign reference is found by its id."""

from collections.abc import Sequence

import msgspec
import pytest

from tests.delivery.stages import NOT_ON_VIBER, Stages
from tests.model.messages import SMS
from waypost.model.fallback.chain import Fallback
from waypost.model.message.leg import LegState
from waypost.model.message.message import Message
from waypost.model.message.outcomes import Receipt, ReceiptKind

LONG = "Grüße, " * 60
"""420 characters of the 7-bit alphabet: three parts."""


async def sent_by_sms(stages: Stages, text: str) -> Message:
    stages.viber.answers.append(NOT_ON_VIBER)
    step = msgspec.structs.replace(SMS, text=text)
    return await stages.send(fallback=Fallback("S_000001", "undelivered", None, (step,)))


async def report(stages: Stages, kind: ReceiptKind, part: str | None) -> None:
    [taken] = stages.sms.taken
    reference = taken.submission.reference
    await stages.hear(Receipt(route="sms", kind=kind, provider_id=part, reference=reference, part=part))
    await stages.settle()


D, F, S = ReceiptKind.DELIVERED, ReceiptKind.FAILED, ReceiptKind.SENT

ORDERS: dict[str, tuple[list[tuple[ReceiptKind, str | None]], LegState]] = {
    "all": ([(D, "a"), (D, "b"), (D, "c")], LegState.DELIVERED),
    "accepted first": ([(S, "a"), (S, "b"), (S, "c"), (D, "c"), (D, "a"), (D, "b")], LegState.DELIVERED),
    "two of three": ([(D, "a"), (D, "b")], LegState.SENT),
    "the same one three times": ([(D, "a"), (D, "a"), (D, "a")], LegState.SENT),
    "one fails first": ([(F, "b"), (D, "a"), (D, "c")], LegState.FAILED),
    "one fails last": ([(D, "a"), (D, "c"), (F, "b")], LegState.FAILED),
    "one about the whole": ([(D, None)], LegState.DELIVERED),
}


@pytest.mark.parametrize(("reports", "state"), ORDERS.values(), ids=ORDERS)
async def test_a_long_sms(
    stages: Stages, reports: Sequence[tuple[ReceiptKind, str | None]], state: LegState
) -> None:
    accepted = await sent_by_sms(stages, LONG)
    for kind, part in reports:
        await report(stages, kind, part)
    assert (await stages.states(accepted))[1] is state
    delivered = [
        status for leg, status in await stages.statuses(accepted) if leg == 1 and status == "Delivered"
    ]
    assert delivered == ["Delivered"] * (state is LegState.DELIVERED)


async def test_parts_are_counted_over_a_restart(stages: Stages) -> None:
    accepted = await sent_by_sms(stages, LONG)
    await report(stages, D, "a")
    await report(stages, D, "b")
    await stages.restart()
    await report(stages, D, "b")
    assert (await stages.states(accepted))[1] is LegState.SENT
    await report(stages, D, "c")
    assert (await stages.states(accepted))[1] is LegState.DELIVERED
    assert "2 of 3 parts are delivered" in await stages.timeline(accepted)


async def test_a_short_sms_is_delivered_by_one_report(stages: Stages) -> None:
    accepted = await sent_by_sms(stages, "short")
    await report(stages, D, "a")
    assert (await stages.states(accepted))[1] is LegState.DELIVERED


@pytest.mark.parametrize("reference", ["somebody-elses", "2027011508000000000009999-0-1", ""])
async def test_a_receipt_with_a_foreign_reference_is_found_by_its_id(stages: Stages, reference: str) -> None:
    accepted = await stages.send(label="transaction")
    [taken] = stages.viber.taken
    receipt = Receipt(route="viber", kind=D, provider_id=taken.provider_id, reference=reference)
    await stages.hear(receipt)
    await stages.settle()
    assert await stages.states(accepted) == [LegState.DELIVERED]


async def test_our_reference_counts_for_more_than_an_id(stages: Stages) -> None:
    first = await stages.send(label="transaction", recipient="380501110001")
    second = await stages.send(label="transaction", recipient="380501110002")
    one, other = stages.viber.taken
    receipt = Receipt(
        route="viber", kind=D, provider_id=other.provider_id, reference=one.submission.reference
    )
    await stages.hear(receipt)
    await stages.settle()
    assert await stages.states(first) == [LegState.DELIVERED]
    assert await stages.states(second) == [LegState.SENT]
