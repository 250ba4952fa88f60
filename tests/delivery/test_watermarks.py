"""A receipt by a watermark reaches every leg it covers, and no other (promises 2, 3 and 4)."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.delivery.stages import NO_ANSWER, NOT_ON_VIBER, Stages, Taken
from tests.model.messages import fallback
from waypost.model.message.leg import LegState
from waypost.model.message.message import Message
from waypost.model.message.outcomes import Accepted, Receipt, ReceiptKind
from waypost.storage.records import Stage

SENT, DELIVERED, READ = ReceiptKind.SENT, ReceiptKind.DELIVERED, ReceiptKind.READ
PERSON, OTHER = "380501112233", "380501112234"


async def send(stages: Stages, mid: str, person: str = PERSON, **changes: Any) -> Message:
    """Sends to a person, by a provider that names its messages as watermarks want it."""
    stages.viber.answers.append(Accepted(f"{person}:{mid}"))
    return await stages.send(recipient=person, **changes)


def until(stages: Stages, kind: ReceiptKind = DELIVERED, *, at: int | None = None) -> Receipt:
    now = stages.clock.now()
    return Receipt(
        route="viber",
        kind=kind,
        at=now,
        sender="20001",
        recipient=PERSON,
        watermark=now if at is None else at,
    )


async def hear(stages: Stages, *receipts: Receipt) -> None:
    await stages.hear(*receipts)
    await stages.settle()


async def test_it_reaches_all_that_was_sent_before_to_that_person_alone(stages: Stages) -> None:
    before = [await send(stages, mid) for mid in ("a", "b")]
    theirs = await send(stages, "c", OTHER)
    moment = stages.clock.now()
    await stages.pass_time(1)
    after = await send(stages, "d")
    await hear(stages, until(stages, at=moment))
    assert [await stages.states(one) for one in before] == [[LegState.DELIVERED]] * 2
    assert await stages.states(theirs) == await stages.states(after) == [LegState.SENT]
    assert await stages.statuses(before[0]) == [(0, "Sent"), (0, "Delivered")]


async def test_repeats_and_any_order_end_in_the_same_state_and_are_published_once(stages: Stages) -> None:
    sent = [await send(stages, mid) for mid in ("a", "b")]
    delivered, read = until(stages), until(stages, READ)
    await hear(stages, read, delivered, read, delivered)
    for one in sent:
        assert await stages.statuses(one) == [(0, "Sent"), (0, "Delivered"), (0, "Read")]


async def test_a_delivered_message_is_still_to_be_read_by_a_later_one(stages: Stages) -> None:
    sent = await send(stages, "a")
    await hear(stages, until(stages))
    await hear(stages, until(stages, READ))
    assert await stages.states(sent) == [LegState.READ]


async def test_it_keeps_the_fallback_back(stages: Stages) -> None:
    sent = await send(stages, "a", fallback=fallback(60))
    await hear(stages, until(stages))
    await stages.pass_time(3600)
    assert len(await stages.legs(sent)) == 1
    assert stages.sms.taken == []
    assert await stages.journal_rows() == 0


async def test_what_arrives_after_the_fallback_left_is_recorded_as_a_double_delivery(stages: Stages) -> None:
    sent = await send(stages, "a", fallback=fallback(60))
    await stages.pass_time(61)
    await hear(stages, until(stages))
    assert (await stages.legs(sent))[0].double_delivery


async def test_what_may_never_have_been_taken_is_not_called_delivered(stages: Stages) -> None:
    """A watermark reports that what was sent has arrived, not what was sent."""
    stages.viber.answers.append(NO_ANSWER)
    doubtful = await stages.send(fallback=fallback(60))
    stages.viber.answers.append(NOT_ON_VIBER)
    refused = await stages.send()
    await hear(stages, until(stages))
    assert await stages.states(doubtful) == [LegState.IN_DOUBT]
    assert await stages.states(refused) == [LegState.FAILED]
    await stages.pass_time(61)
    assert len(await stages.legs(doubtful)) == 2


async def test_once_its_name_is_known_by_its_echo_it_is_covered(stages: Stages) -> None:
    stages.viber.answers.append(NO_ANSWER)
    doubtful = await stages.send()
    reference = stages.viber.taken[0].submission.reference
    echo = Receipt(route="viber", kind=SENT, provider_id=f"{PERSON}:a", reference=reference)
    await hear(stages, echo)
    await stages.pass_time(1)
    await hear(stages, until(stages))
    assert await stages.statuses(doubtful) == [(0, "Sent"), (0, "Delivered")]


async def test_one_that_overtakes_the_answer_is_kept_until_it_is_there(stages: Stages) -> None:
    async def overtakes(_: Taken) -> None:
        await stages.hear(until(stages))
        await stages.settle([Stage.RECEIPT])

    stages.viber.on_send = overtakes
    sent = await send(stages, "a")
    assert await stages.states(sent) == [LegState.SENT]
    await stages.pass_time(1)
    assert await stages.statuses(sent) == [(0, "Sent"), (0, "Delivered")]
    assert await stages.states(sent) == [LegState.DELIVERED]


async def test_one_about_nothing_of_ours_leaves_no_work_behind(stages: Stages) -> None:
    await hear(stages, until(stages))
    assert await stages.journal_rows() == 0


@settings(max_examples=60, deadline=None)
@given(
    story=st.lists(
        st.sampled_from(["send", "send to another", "delivered", "read", "second", "hour"]), max_size=12
    )
)
def test_whatever_the_story_nothing_sent_after_a_watermark_is_reached_by_it(story: list[str]) -> None:
    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            stages = Stages(Path(folder) / "waypost.db")
            expected: dict[str, tuple[Message, LegState]] = {}
            for step in story:
                match step:
                    case "send" | "send to another":
                        person = PERSON if step == "send" else OTHER
                        one = await send(stages, str(len(expected)), person, ttl=86_400)
                        expected[one.message_id] = one, LegState.SENT
                    case "second" | "hour":
                        await stages.pass_time(1 if step == "second" else 3600)
                    case _:
                        kind = DELIVERED if step == "delivered" else READ
                        await hear(stages, until(stages, kind))
                        reached = LegState.DELIVERED if kind is DELIVERED else LegState.READ
                        for name, (one, state) in expected.items():
                            if one.recipient == PERSON and state is not LegState.READ:
                                expected[name] = one, reached
            for one, state in expected.values():
                assert await stages.states(one) == [state]
            await stages.close()

    asyncio.run(main())
