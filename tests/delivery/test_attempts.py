"""The rules of delivery, one at a time: retries, doubt, and which leg a receipt is bound to (promise 4)."""

import pytest

from tests.delivery.stages import (
    BUSY,
    DEFAULTS,
    NO_ANSWER,
    NOT_ON_VIBER,
    KilledError,
    Stages,
    Taken,
)
from tests.model.messages import fallback
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import AttemptOutcome, LegState
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind, Refused
from waypost.storage.records import CallbackState, Stage

SENT, DELIVERED, READ = ReceiptKind.SENT, ReceiptKind.DELIVERED, ReceiptKind.READ
EXPIRED, FAILED = ReceiptKind.EXPIRED, ReceiptKind.FAILED
TTL, GRACE, SMS_TTL = 120, DEFAULTS.delivery.receipt_grace, DEFAULTS.delivery.sms_ttl


async def test_a_busy_provider_is_tried_again_by_the_schedule(stages: Stages) -> None:
    stages.viber.answers.extend([BUSY] * 4)
    sent = await stages.send()
    await stages.pass_time(TTL)
    starts = [taken.at - stages.ms(0) for taken in stages.viber.taken]
    assert starts == pytest.approx([0, 1_000, 3_000, 8_000, 18_000], abs=5)
    assert [taken.submission.reference[-1] for taken in stages.viber.taken] == list("12345")
    assert [taken.submission.ttl for taken in stages.viber.taken] == [120, 119, 117, 112, 102]
    assert await stages.statuses(sent) == [(0, "Sent")]


async def test_a_provider_may_set_the_time_of_the_retry(stages: Stages) -> None:
    stages.viber.answers.append(Refused(SendFailure.RATE_LIMITED, "", "", 40_000))
    await stages.send()
    await stages.pass_time(TTL)
    assert [taken.at for taken in stages.viber.taken] == [stages.ms(0), stages.ms(40)]


async def test_a_leg_nobody_takes_fails_when_its_ttl_is_over(stages: Stages) -> None:
    stages.viber.answers.extend([BUSY] * 100)
    sent = await stages.send(ttl=30)
    await stages.pass_time(30)
    [leg] = await stages.legs(sent)
    assert (leg.state, leg.code) == (LegState.FAILED, "SRVC_INTERNAL_FAILURE")
    assert all(taken.at < stages.ms(30) for taken in stages.viber.taken)


async def test_a_leg_whose_ttl_passed_while_nothing_ran_is_not_sent(stages: Stages) -> None:
    sent = await stages.accept(fallback=fallback())
    await stages.jump(TTL)
    assert stages.viber.taken == []
    assert [sms.at for sms in stages.sms.taken] == [stages.ms(TTL)]
    assert (await stages.statuses(sent))[0] == (0, "Failed")


async def test_what_cannot_get_better_is_not_tried_again(stages: Stages) -> None:
    stages.viber.answers.append(Refused(SendFailure.BAD_REQUEST, "SRVC_BAD_DATA", "no"))
    sent = await stages.send()
    await stages.pass_time(TTL)
    assert len(stages.viber.taken) == 1
    assert await stages.statuses(sent) == [(0, "Failed")]


# In doubt.


async def test_a_promotion_in_doubt_is_not_sent_again(stages: Stages) -> None:
    stages.viber.answers.append(NO_ANSWER)
    sent = await stages.send(label="promotion")
    assert await stages.states(sent) == [LegState.IN_DOUBT]
    await stages.pass_time(TTL + GRACE)
    assert len(stages.viber.taken) == 1
    assert await stages.states(sent) == [LegState.EXPIRED]


async def test_a_transaction_in_doubt_is_sent_again_once_after_a_wait(stages: Stages) -> None:
    stages.viber.answers.extend([NO_ANSWER] * 5)
    await stages.send(label="transaction")
    await stages.pass_time(TTL + GRACE)
    assert [taken.at for taken in stages.viber.taken] == [stages.ms(0), stages.ms(15)]


async def test_a_receipt_within_the_wait_settles_the_doubt(stages: Stages) -> None:
    stages.viber.answers.append(NO_ANSWER)
    sent = await stages.send(label="transaction")
    await stages.pass_time(14)
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    await stages.pass_time(TTL)
    assert len(stages.viber.taken) == 1
    assert await stages.statuses(sent) == [(0, "Sent"), (0, "Delivered")]


@pytest.mark.parametrize(("label", "times"), [("transaction", 2), ("promotion", 1)])
async def test_an_sms_in_doubt_is_sent_again_once_if_it_is_a_transaction(
    stages: Stages, label: str, times: int
) -> None:
    stages.viber.answers.append(NOT_ON_VIBER)
    stages.sms.answers.extend([NO_ANSWER] * 5)
    sent = await stages.send(label=label, fallback=fallback())
    await stages.pass_time(SMS_TTL + GRACE)
    assert [taken.at for taken in stages.sms.taken] == [stages.ms(0), stages.ms(15)][:times]
    assert await stages.states(sent) == [LegState.FAILED, LegState.EXPIRED]


async def test_a_provider_that_removes_duplicates_gets_it_again(stages: Stages) -> None:
    stages.viber.removes_duplicates = True
    stages.viber.answers.extend([NO_ANSWER] * 3)
    await stages.send(label="promotion")
    await stages.pass_time(TTL)
    assert len(stages.viber.taken) == 4


async def test_an_attempt_cut_short_by_a_kill_is_in_doubt(stages: Stages) -> None:
    stages.viber.answers.append(KilledError())
    sent = await stages.send(label="promotion", fallback=fallback(60))
    [attempt] = await stages.attempts(sent)
    assert attempt.outcome is AttemptOutcome.UNKNOWN
    assert await stages.states(sent) == [LegState.IN_DOUBT]
    await stages.pass_time(60)
    assert (len(stages.viber.taken), len(stages.sms.taken)) == (1, 1)


async def test_an_attempt_cut_short_ends_even_when_its_receipt_came_first(stages: Stages) -> None:
    async def arrives(taken: Taken) -> None:
        await stages.hear(stages.receipt_of(taken, DELIVERED))
        await stages.settle([Stage.RECEIPT])

    stages.viber.answers.append(NOT_ON_VIBER)
    stages.sms.answers.append(KilledError())
    stages.sms.on_send = arrives
    sent = await stages.send(fallback=fallback())
    assert await stages.states(sent) == [LegState.FAILED, LegState.DELIVERED]
    assert [one.outcome for one in await stages.attempts(sent)] == [
        AttemptOutcome.REFUSED,
        AttemptOutcome.UNKNOWN,
    ]
    assert len(stages.sms.taken) == 1


# Receipts and whose they are.


async def test_a_receipt_that_overtakes_the_answer_is_followed_when_the_answer_is_there(
    stages: Stages,
) -> None:
    async def overtakes(taken: Taken) -> None:
        await stages.hear(stages.receipt_of(taken, DELIVERED))
        await stages.settle([Stage.RECEIPT])

    stages.viber.on_send = overtakes
    sent = await stages.send()
    assert await stages.statuses(sent) == [(0, "Sent")]
    await stages.pass_time(0.5)
    assert await stages.statuses(sent) == [(0, "Sent"), (0, "Delivered")]


async def test_a_receipt_that_fits_two_legs_in_doubt_is_bound_to_neither(stages: Stages) -> None:
    stages.viber.answers.extend([NO_ANSWER, NO_ANSWER])
    first, second = await stages.send(), await stages.send()
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    await stages.pass_time(50)
    assert await stages.states(first) == await stages.states(second) == [LegState.IN_DOUBT]
    assert await stages.statuses(first) == await stages.statuses(second) == []


async def test_a_receipt_nobody_knows_is_looked_up_a_few_times_and_dropped(stages: Stages) -> None:
    await stages.hear(Receipt(route="viber", kind=DELIVERED, provider_id="theirs"))
    await stages.pass_time(48.4)
    assert await stages.journal_rows() == 1
    await stages.pass_time(0.1)
    assert await stages.journal_rows() == 0


@pytest.mark.parametrize("reference", ["", "hello", "1-0-1", "2027011508000000000001000-0-9"])
async def test_a_reference_that_is_not_ours_harms_nothing(stages: Stages, reference: str) -> None:
    sent = await stages.send()
    await stages.hear(Receipt(route="sms", kind=DELIVERED, reference=reference))
    await stages.pass_time(60)
    assert await stages.states(sent) == [LegState.SENT]
    assert (await stages.store.backlog())[Stage.RECEIPT] == 0


async def test_a_persons_message_is_passed_on_once(stages: Stages) -> None:
    inbound = Inbound(
        route="viber",
        channel="viber",
        sender="20001",
        user="380501112233",
        at=stages.ms(0),
        provider_id="77",
        type="TEXT",
        text="STOP",
    )
    await stages.hear(inbound, inbound)
    await stages.restart()
    await stages.hear(inbound)
    await stages.settle()
    [callback] = await stages.store.list_callbacks()
    assert (callback.kind, callback.account_id, callback.state) == (
        "ChatAppInbound",
        "1",
        CallbackState.STORED,
    )


async def test_a_sender_without_a_route_fails_and_falls_back(stages: Stages) -> None:
    sent = await stages.send(sender="29999", fallback=fallback())
    assert await stages.states(sent) == [LegState.FAILED, LegState.SENT]
