"""Whatever a customer's URL answers, a push is delivered or has failed with a short reason."""

import asyncio
from pathlib import Path

import pytest
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
async def test_an_answer_in_an_evident_encoding_accepts(tmp_path: Path, encoding: str) -> None:
    async with pushing(tmp_path / "waypost.db", retry_schedule=(60.0,)) as pushes:
        pushes.receiver.answers.append((200, '{"code":0,"msg":"好"}'.encode(encoding)))
        await pushes.publish(FIRST)
        await pushes.pass_time(0)
        assert await pushes.states() == [CallbackState.DELIVERED]


@pytest.mark.parametrize("charset", ["iso-8859-1", "gbk"])
def test_an_answer_in_a_declared_encoding_accepts(charset: str) -> None:
    text = {"iso-8859-1": "für", "gbk": "好的"}[charset]
    assert _response_error(200, f'{{"code":0,"msg":"{text}"}}'.encode(charset), charset) is None
    refused = _response_error(200, f'{{"code":1,"msg":"{text}"}}'.encode(charset), charset)
    assert refused == "answered code 1, not 0"
