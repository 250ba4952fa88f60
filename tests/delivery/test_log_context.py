"""Whatever a connector logs while it sends names the call, the message and the route."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from tests.delivery.stages import Stages, Taken
from tests.delivery.test_hand_on import HandedOn
from waypost.delivery import timers
from waypost.delivery.log_context import REQUEST_OF_MESSAGE, add_attempt
from waypost.model.message.message import AcceptedCall


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What is logged, with what the service adds."""
    capture, before = LogCapture(), structlog.get_config()["processors"]
    structlog.configure(processors=[add_attempt, REQUEST_OF_MESSAGE, capture])
    yield capture.entries
    structlog.configure(processors=before)


async def test_lines_of_attempts_at_once_name_each_its_own(stages: Stages, lines: list[Any]) -> None:
    handed, under_way, answered = HandedOn(stages), asyncio.Semaphore(0), asyncio.Event()

    async def send(taken: Taken) -> None:
        under_way.release()
        await answered.wait()
        structlog.get_logger().warning("viber.not_accepted", of=taken.submission.recipient)

    stages.viber.on_send = send
    sent = {}
    for number in (1, 2):
        accepted, acceptance = handed.accept(
            call=AcceptedCall(f"R{number}"), recipient=f"38050111220{number}"
        )
        await handed.write(acceptance)
        sent[accepted.recipient] = accepted
        await under_way.acquire()
    structlog.get_logger().warning("something.else")
    answered.set()
    await handed.hand_on.stop()
    other, *of_attempts = lines
    assert set(other) == {"event", "log_level"}
    assert len(of_attempts) == 2
    for line in of_attempts:
        message = sent[line["of"]]
        assert (line["request_id"], line["message_id"]) == (message.call.request_id, message.message_id)
        assert line["route"] == "viber"


async def test_a_line_keeps_what_it_names_by_itself(stages: Stages, lines: list[Any]) -> None:
    handed = HandedOn(stages)

    async def send(_: Taken) -> None:
        structlog.get_logger().warning("x.y", route="its own")

    stages.viber.on_send = send
    _, acceptance = handed.accept()
    await handed.write(acceptance)
    await handed.hand_on.stop()
    [line] = lines
    assert line["route"] == "its own"
    assert "request_id" not in line


async def test_a_line_about_a_message_names_its_call(
    stages: Stages, lines: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timer that fails by a fault of ours: nothing of the call is in the work, only the message's id."""

    def fail(*_: Any) -> None:
        raise ValueError("a fault")

    monkeypatch.setattr(timers, "_expire", fail)
    monkeypatch.setattr(REQUEST_OF_MESSAGE, "_finders", [lambda _: ("", ""), stages.store.request_and_route])
    sent = await stages.send(call=AcceptedCall("R7"))
    await stages.pass_time(sent.ttl + 400)
    failed = [line for line in lines if line["event"] == "decision.failed"]
    assert failed, lines
    named = {(line["message_id"], line["request_id"], line["route"]) for line in failed}
    assert named == {(sent.message_id, "R7", "viber")}
    structlog.get_logger().warning("callback.dead", message_id="2" * 25)
    structlog.get_logger().warning("callback.dead", message_id="")
    structlog.get_logger().warning("callback.dead", message_id=sent.message_id, request_id="its own")
    assert [line.get("request_id") for line in lines[-3:]] == [None, None, "its own"]
