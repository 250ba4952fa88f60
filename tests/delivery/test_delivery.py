"""The rules of delivery, one at a time: what is published, and when a message falls back."""

import pytest

from tests.delivery.stages import (
    BLOCKED,
    BUSY,
    DEFAULTS,
    NOT_ON_VIBER,
    Stages,
)
from tests.model.messages import fallback
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import ReceiptKind, Refused
from waypost.storage.records import Stage

SENT, DELIVERED, READ = ReceiptKind.SENT, ReceiptKind.DELIVERED, ReceiptKind.READ
EXPIRED, FAILED = ReceiptKind.EXPIRED, ReceiptKind.FAILED
TTL, GRACE, SMS_TTL = 120, DEFAULTS.delivery.receipt_grace, DEFAULTS.delivery.sms_ttl


async def test_a_message_is_submitted_with_the_parameters_of_its_call(stages: Stages) -> None:
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


async def test_sent_delivered_and_read_are_published(stages: Stages) -> None:
    sent = await stages.send()
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    await stages.receipt(stages.viber.taken[0], READ)
    assert await stages.statuses(sent) == [(0, "Sent"), (0, "Delivered"), (0, "Read")]
    assert await stages.states(sent) == [LegState.READ]


async def test_receipts_in_any_order_and_repeated_are_published_once_each_in_order(
    stages: Stages,
) -> None:
    sent = await stages.send()
    await stages.receipt(stages.viber.taken[0], READ, DELIVERED, READ, SENT, DELIVERED)
    assert await stages.statuses(sent) == [(0, "Sent"), (0, "Delivered"), (0, "Read")]


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
    bodies = await stages.callback_bodies(sent)
    assert [body["Timestamp"] for body in bodies] == [stages.ms(0), stages.ms(0)]


# Falling back.


async def test_without_a_fallback_id_nothing_is_tried_but_the_channel_of_the_call(stages: Stages) -> None:
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
    assert await stages.statuses(sent) == [(0, "Failed"), (1, "Sent"), (1, "Delivered")]
    failed, *others = await stages.callback_bodies(sent)
    assert failed["ErrorCode"] == "SRVC_NOT_VIBER_USER"
    assert {body["WaypostFallbackReason"] for body in others} == {"the provider did not take the message"}


@pytest.mark.parametrize("kind", [EXPIRED, FAILED])
async def test_a_bad_receipt_sends_the_sms_at_once(stages: Stages, kind: ReceiptKind) -> None:
    await stages.send(fallback=fallback(600))
    await stages.pass_time(5)
    await stages.receipt(stages.viber.taken[0], kind)
    assert [sms.at for sms in stages.sms.taken] == [stages.ms(5)]


async def test_silence_sends_no_sms_unless_there_is_a_duration(stages: Stages) -> None:
    sent = await stages.send(fallback=fallback(None))
    await stages.pass_time(TTL + GRACE)
    assert await stages.states(sent) == [LegState.EXPIRED]
    assert await stages.statuses(sent) == [(0, "Sent"), (0, "Failed")]
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
    assert (await stages.statuses(sent))[0] == (0, "Failed")


async def test_a_promotion_does_not_follow_who_blocked_the_sender(stages: Stages) -> None:
    stages.viber.answers.append(BLOCKED)
    sent = await stages.send(fallback=fallback(60), label="promotion")
    await stages.pass_time(SMS_TTL)
    assert stages.sms.taken == []
    assert "no fallback: the person blocked the sender and this is a promotion" in await stages.timeline(sent)


async def test_a_double_delivery_that_turns_out_to_be_none_is_corrected(stages: Stages) -> None:
    sent = await stages.send(fallback=fallback(60))
    await stages.pass_time(60)
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    assert [leg.double_delivery for leg in await stages.legs(sent)] == [True, False]
    await stages.receipt(stages.sms.taken[0], FAILED)
    assert [leg.double_delivery for leg in await stages.legs(sent)] == [False, False]
    assert "no double delivery after all: leg 1 did not arrive" in await stages.timeline(sent)


async def test_a_late_delivery_after_the_sms_has_left_is_recorded_and_published_as_a_double_one(
    stages: Stages,
) -> None:
    sent = await stages.send(fallback=fallback(60))
    await stages.pass_time(60)
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    first, second = await stages.legs(sent)
    assert (first.state, first.double_delivery) == (LegState.DELIVERED, True)
    assert not second.double_delivery
    [delivered] = [body for body in await stages.callback_bodies(sent) if body["Status"] == "Delivered"]
    assert delivered["WaypostDoubleDelivery"] is True
    assert delivered["WaypostLeg"] == 0


async def test_so_is_one_after_an_sms_of_which_nothing_was_ever_heard(stages: Stages) -> None:
    sent = await stages.send(fallback=fallback(60), ttl=2 * SMS_TTL)
    await stages.pass_time(60 + SMS_TTL + GRACE)
    assert await stages.states(sent) == [LegState.SENT, LegState.EXPIRED]
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    assert [leg.double_delivery for leg in await stages.legs(sent)] == [True, False]


async def test_one_after_an_sms_that_failed_is_the_only_copy(stages: Stages) -> None:
    sent = await stages.send(fallback=fallback(60))
    await stages.pass_time(60)
    await stages.receipt(stages.sms.taken[0], FAILED)
    await stages.receipt(stages.viber.taken[0], DELIVERED)
    assert [leg.double_delivery for leg in await stages.legs(sent)] == [False, False]


async def test_a_queued_leg_is_abandoned_when_the_sms_takes_over(stages: Stages) -> None:
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
    assert await stages.statuses(sent) == [(0, "Failed"), (1, "Sent")]


async def test_a_queued_sms_is_abandoned_when_the_message_turns_out_delivered(stages: Stages) -> None:
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
    assert await stages.statuses(sent) == [(0, "Sent"), (0, "Delivered")]


async def test_a_receipt_before_the_sms_is_submitted_stops_it(stages: Stages) -> None:
    await stages.send(fallback=fallback(60))
    stages.clock.move_to(stages.ms(60))
    await stages.settle([Stage.TIMER])
    await stages.hear(stages.receipt_of(stages.viber.taken[0], DELIVERED))
    await stages.settle()
    assert stages.sms.taken == []
