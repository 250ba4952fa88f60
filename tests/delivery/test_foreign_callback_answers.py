"""Whatever a customer's URL answers, a push is delivered or has failed with a short reason."""

import asyncio
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.foreign import NESTED, bodies
from tests.delivery.pushes import GOOD, pushing
from tests.storage.databases import FIRST, SECOND
from waypost.delivery.notifier import _response_error
from waypost.storage.records import CallbackState


@given(st.integers(100, 999) | st.just(200), bodies({"code": 0, "msg": "ok"}, {"Code": 0}))
@settings(max_examples=300, deadline=None)
def test_an_answer_accepts_or_has_a_reason(status: int, body: bytes) -> None:
    error = _response_error(status, body)
    assert error is None or 0 < len(error) < 400
    assert error is None or status != 200 or len(body) > 0 or "not a JSON object" in error


async def test_an_answer_that_is_nested_deeply_is_a_failed_try_of_its_own(tmp_path: Path) -> None:
    async with pushing(tmp_path / "waypost.db", retry_schedule=(60.0,)) as pushes:
        pushes.receiver.answers.append((200, NESTED[0]))
        await pushes.publish(FIRST)
        await pushes.publish(SECOND, account="2")
        running = asyncio.create_task(pushes.worker.run())
        await pushes.other.until(1)
        await pushes.receiver.until(1)
        await pushes.worker.stop()
        await running
        first, second = await pushes.callbacks()
        assert (first.state, first.tries) == (CallbackState.WAITING, 1)
        assert second.state is CallbackState.DELIVERED
        pushes.receiver.answers.append(GOOD)
        await pushes.pass_time(60)
        assert await pushes.states() == [CallbackState.DELIVERED] * 2
