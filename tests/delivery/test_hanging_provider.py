"""A provider that hangs holds up its own messages, and not the SMS that is there for that case."""

import asyncio

from tests.claims import claim_due
from tests.delivery.stages import Stages, Taken
from tests.model.messages import fallback
from waypost.storage.records import Stage


async def test_the_sms_leaves_while_the_first_legs_hang(stages: Stages) -> None:
    submitted, released = asyncio.Event(), asyncio.Event()

    async def hang(_: Taken) -> None:
        submitted.set()
        await released.wait()

    stages.viber.on_send = hang
    await stages.accept(fallback=fallback(duration=60))
    [work] = await claim_due(stages.store, Stage.DISPATCH, 1, stages.clock.now())
    hanging = asyncio.create_task(stages.dispatcher.process([work], lambda *works: None))
    await submitted.wait()
    await stages.jump(60)
    assert await claim_due(stages.store, Stage.DISPATCH, 1, stages.clock.now()) == []
    await stages.settle(only=(Stage.TIMER, Stage.DISPATCH))
    assert [taken.channel for taken in stages.sms.taken] == ["sms"]
    released.set()
    await hanging
