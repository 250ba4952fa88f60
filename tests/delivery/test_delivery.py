"""The rules of delivery, one at a time."""

import pytest

from tests.delivery.stages import (
    BLOCKED,
    BUSY,
    DEFAULTS,
    NO_ANSWER,
    NOT_ON_VIBER,
    KilledError,
    Stages,
    Taken,
)
from tests.model.messages import fallback
from waypost.model.failures import SendFailure
from waypost.model.leg import LegState
from waypost.model.outcomes import Inbound, Receipt, ReceiptKind, Refused
from waypost.storage.records import AttemptOutcome, CallbackState, Stage

SENT, DELIVERED, READ = ReceiptKind.SENT, ReceiptKind.DELIVERED, ReceiptKind.READ
EXPIRED, FAILED = ReceiptKind.EXPIRED, ReceiptKind.FAILED
TTL, GRACE, SMS_TTL = 120, DEFAULTS.delivery.receipt_grace, DEFAULTS.delivery.sms_ttl


async def test_a_message_goes_out_as_it_was_asked_for(stages: Stages) -> None:
    sent = await stages.send(
        content={"text": "hello"}, label="transaction", tag="t", tracking_data="order:9", ttl=300
    )
    [taken] = stages.viber.taken
    submission = taken.submission
    assert submission.reference == f"{sent.message_id}-0-1"
    assert (submission.sender, submission.recipient) == ("20001", "380501112233")
    assert (submission.message_type, submission.content) == ("text", {"text": "hello"})
    assert (submission.label, submission.tag, submission.tracking_data) == ("transaction", "t", "order:9")
    assert submission.ttl == 300
    assert submission.receipt_url == "http://127.0.0.1:1/receipts/viber"


async def test_the_customer_is_told_sent_delivered_and_read(stages: Stages) -> None:
    sent = await stages.send()
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    await stages.receipt(stages.viber.taken[0], READ)
    assert await stages.told(sent) == [(0, "Sent"), (0, "Delivered"), (0, "Read")]
    assert await stages.states(sent) == [LegState.READ]


async def test_receipts_in_the_wrong_order_and_repeated_are_told_once_each_in_order(stages: Stages) -> None:
    sent = await stages.send()
    await stages.receipt(stages.viber.taken[0], READ, DELIVERED, READ, SENT, DELIVERED)
    assert await stages.told(sent) == [(0, "Sent"), (0, "Delivered"), (0, "Read")]


async def test_a_delivered_message_leaves_no_work_behind(stages: Stages) -> None:
    await stages.send(fallback=fallback(600))
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    assert await stages.journal_rows() == 0


async def test_the_time_a_receipt_names_is_the_time_the_customer_reads(stages: Stages) -> None:
    sent = await stages.send()
    receipt = stages.receipt_of(stages.viber.taken[0], DELIVERED)
    await stages.pass_time(5)
    await stages.hear(receipt)
    await stages.settle()
    bodies = await stages.told_bodies(sent)
    assert [body["Timestamp"] for body in bodies] == [stages.ms(0), stages.ms(0)]


# Falling back.


async def test_without_a_fallback_id_nothing_is_tried_but_the_channel_asked_for(stages: Stages) -> None:
    stages.viber.answers.append(NOT_ON_VIBER)
    sent = await stages.send()
    assert await stages.states(sent) == [LegState.FAILED]
    assert stages.sms.taken == []
    await stages.pass_time(SMS_TTL)
    assert stages.sms.taken == []


async def test_who_is_not_on_viber_gets_an_sms_at_once(stages: Stages) -> None:
    stages.viber.answers.append(NOT_ON_VIBER)
    sent = await stages.send(fallback=fallback())
    [sms] = stages.sms.taken
    assert (sms.submission.sender, sms.submission.content) == ("Shop", {"text": "hello by SMS"})
    assert sms.submission.ttl == SMS_TTL
    await stages.receipt(sms, DELIVERED)
    assert await stages.told(sent) == [(0, "Failed"), (1, "Sent"), (1, "Delivered")]
    failed, *others = await stages.told_bodies(sent)
    assert failed["ErrorCode"] == "SRVC_NOT_VIBER_USER"
    assert {body["WaypostFallbackReason"] for body in others} == {"the provider did not take the message"}


@pytest.mark.parametrize("kind", [EXPIRED, FAILED])
async def test_a_bad_receipt_sends_the_sms_at_once(stages: Stages, kind: ReceiptKind) -> None:
    await stages.send(fallback=fallback(600))
    await stages.pass_time(5)
    await stages.receipt(stages.viber.taken[0], kind)
    assert [sms.at for sms in stages.sms.taken] == [stages.ms(5)]


async def test_silence_sends_no_sms_unless_a_duration_was_given(stages: Stages) -> None:
    sent = await stages.send(fallback=fallback(None))
    await stages.pass_time(TTL + GRACE)
    assert await stages.states(sent) == [LegState.EXPIRED]
    assert await stages.told(sent) == [(0, "Sent"), (0, "Failed")]
    assert stages.sms.taken == []


async def test_the_sms_leaves_when_the_duration_has_passed_and_not_before(stages: Stages) -> None:
    await stages.send(fallback=fallback(60))
    await stages.pass_time(59.999)
    assert stages.sms.taken == []
    await stages.pass_time(0.001)
    assert [sms.at for sms in stages.sms.taken] == [stages.ms(60)]


async def test_a_fallback_is_due_at_its_time_across_a_restart(stages: Stages) -> None:
    await stages.send(fallback=fallback(60))
    await stages.pass_time(30)
    await stages.restart()
    await stages.pass_time(29.999)
    assert stages.sms.taken == []
    await stages.pass_time(0.001)
    assert [sms.at for sms in stages.sms.taken] == [stages.ms(60)]


async def test_a_fallback_that_fell_due_while_nothing_ran_is_sent_at_the_start(stages: Stages) -> None:
    await stages.send(fallback=fallback(60))
    await stages.restart()
    await stages.jump(3600)
    assert [sms.at for sms in stages.sms.taken] == [stages.ms(3600)]


async def test_it_is_sent_once_whatever_else_goes_wrong_with_the_first_leg(stages: Stages) -> None:
    sent = await stages.send(fallback=fallback(60))
    await stages.receipt(stages.viber.taken[0], FAILED, EXPIRED, FAILED)
    await stages.pass_time(120)
    await stages.restart()
    await stages.receipt(stages.viber.taken[0], FAILED)
    assert len(stages.sms.taken) == 1
    assert len(await stages.legs(sent)) == 2


async def test_a_message_that_was_delivered_never_falls_back(stages: Stages) -> None:
    await stages.send(fallback=fallback(60))
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    await stages.receipt(stages.viber.taken[0], FAILED, EXPIRED)
    await stages.pass_time(SMS_TTL)
    assert stages.sms.taken == []


async def test_a_template_fault_goes_straight_to_the_sms(stages: Stages) -> None:
    sent = await stages.send(
        fallback=fallback(rule="sentFailed"), fault="the template has no variable `name`"
    )
    assert stages.viber.taken == []
    assert len(stages.sms.taken) == 1
    assert (await stages.told(sent))[0] == (0, "Failed")


async def test_a_promotion_does_not_follow_who_blocked_the_sender(stages: Stages) -> None:
    stages.viber.answers.append(BLOCKED)
    sent = await stages.send(fallback=fallback(60), label="promotion")
    await stages.pass_time(SMS_TTL)
    assert stages.sms.taken == []
    assert "no fallback: the person blocked the sender and this is a promotion" in await stages.timeline(sent)


async def test_a_late_delivery_after_the_sms_has_left_is_noted_and_told_as_a_double_one(
    stages: Stages,
) -> None:
    sent = await stages.send(fallback=fallback(60))
    await stages.pass_time(60)
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    first, second = await stages.legs(sent)
    assert (first.state, first.double_delivery) == (LegState.DELIVERED, True)
    assert not second.double_delivery
    [delivered] = [body for body in await stages.told_bodies(sent) if body["Status"] == "Delivered"]
    assert delivered["WaypostDoubleDelivery"] is True
    assert delivered["WaypostLeg"] == 0


async def test_a_queued_leg_is_given_up_when_the_sms_takes_over(stages: Stages) -> None:
    stages.viber.answers.extend([Refused(SendFailure.RATE_LIMITED, "", "", 59_000), BUSY])
    sent = await stages.send(fallback=fallback(60), ttl=3600)
    await stages.pass_time(60)
    assert len(stages.viber.taken) == 2
    assert await stages.states(sent) == [LegState.FAILED, LegState.SENT]
    await stages.pass_time(3600)
    assert len(stages.viber.taken) == 2


async def test_a_call_that_waited_too_long_to_be_sent_at_all_goes_by_sms_only(stages: Stages) -> None:
    sent = await stages.accept(fallback=fallback(60))
    stages.clock.move_to(stages.ms(60))
    await stages.settle([Stage.TIMER])
    await stages.settle()
    assert stages.viber.taken == []
    assert len(stages.sms.taken) == 1
    assert await stages.told(sent) == [(0, "Failed"), (1, "Sent")]


async def test_a_queued_sms_is_given_up_when_the_message_turns_out_delivered(stages: Stages) -> None:
    stages.sms.answers.append(BUSY)
    sent = await stages.send(fallback=fallback(60))
    await stages.pass_time(60)
    assert len(stages.sms.taken) == 1
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    await stages.pass_time(600)
    assert len(stages.sms.taken) == 1
    first, second = await stages.legs(sent)
    assert (first.state, first.double_delivery) == (LegState.DELIVERED, False)
    assert second.state is LegState.FAILED
    assert await stages.told(sent) == [(0, "Sent"), (0, "Delivered")]


async def test_a_receipt_before_the_sms_is_submitted_stops_it(stages: Stages) -> None:
    await stages.send(fallback=fallback(60))
    stages.clock.move_to(stages.ms(60))
    await stages.settle([Stage.TIMER])
    await stages.hear(stages.receipt_of(stages.viber.taken[0], DELIVERED))
    await stages.settle()
    assert stages.sms.taken == []


# Trying again.


async def test_a_busy_provider_is_tried_again_by_the_schedule(stages: Stages) -> None:
    stages.viber.answers.extend([BUSY] * 4)
    sent = await stages.send()
    await stages.pass_time(TTL)
    starts = [taken.at - stages.ms(0) for taken in stages.viber.taken]
    assert starts == pytest.approx([0, 1_000, 3_000, 8_000, 18_000], abs=5)
    assert [taken.submission.reference[-1] for taken in stages.viber.taken] == list("12345")
    assert [taken.submission.ttl for taken in stages.viber.taken] == [120, 119, 117, 112, 102]
    assert await stages.told(sent) == [(0, "Sent")]


async def test_a_provider_may_say_when_to_come_back(stages: Stages) -> None:
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
    assert (await stages.told(sent))[0] == (0, "Failed")


async def test_what_cannot_get_better_is_not_tried_again(stages: Stages) -> None:
    stages.viber.answers.append(Refused(SendFailure.BAD_REQUEST, "SRVC_BAD_DATA", "no"))
    sent = await stages.send()
    await stages.pass_time(TTL)
    assert len(stages.viber.taken) == 1
    assert await stages.told(sent) == [(0, "Failed")]


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
    assert await stages.told(sent) == [(0, "Sent"), (0, "Delivered")]


async def test_an_sms_in_doubt_is_never_sent_again(stages: Stages) -> None:
    stages.viber.answers.append(NOT_ON_VIBER)
    stages.sms.answers.append(NO_ANSWER)
    sent = await stages.send(label="transaction", fallback=fallback())
    await stages.pass_time(SMS_TTL + GRACE)
    assert len(stages.sms.taken) == 1
    assert await stages.states(sent) == [LegState.FAILED, LegState.EXPIRED]


async def test_a_provider_that_removes_duplicates_is_asked_again(stages: Stages) -> None:
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
    assert await stages.told(sent) == [(0, "Sent")]
    await stages.pass_time(0.5)
    assert await stages.told(sent) == [(0, "Sent"), (0, "Delivered")]


async def test_a_receipt_that_fits_two_legs_in_doubt_is_given_to_neither(stages: Stages) -> None:
    stages.viber.answers.extend([NO_ANSWER, NO_ANSWER])
    first, second = await stages.send(), await stages.send()
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    await stages.pass_time(50)
    assert await stages.states(first) == await stages.states(second) == [LegState.IN_DOUBT]
    assert await stages.told(first) == await stages.told(second) == []


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
    said = Inbound(
        route="viber",
        channel="viber",
        sender="20001",
        user="380501112233",
        at=stages.ms(0),
        provider_id="77",
        type="TEXT",
        text="STOP",
    )
    await stages.hear(said, said)
    await stages.restart()
    await stages.hear(said)
    await stages.settle()
    [callback] = await stages.store.list_callbacks()
    assert (callback.kind, callback.account_id, callback.state) == ("ChatAppInbound", "1", CallbackState.KEPT)


async def test_a_sender_without_a_route_fails_and_falls_back(stages: Stages) -> None:
    sent = await stages.send(sender="29999", fallback=fallback())
    assert await stages.states(sent) == [LegState.FAILED, LegState.SENT]
