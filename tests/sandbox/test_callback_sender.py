"""How simulated providers send callbacks: in order, until they are answered 2xx, and none is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.sandbox.sandbox_network import START, StillClock
from tests.sandbox.webhook_recorder import WebhookRecorder
from waypost.sandbox.callback_sender import CallbackSender
from waypost.sandbox.sandbox_store import SandboxStore, ScheduledCallback

RETRY_S = 0.002


class Sending:
    """A sender of callbacks on a clock that stands still, and what receives them."""

    def __init__(self, path: Path, recorder: WebhookRecorder, clock: StillClock) -> None:
        self.recorder = recorder
        self.clock = clock
        self.store = SandboxStore(path)
        self.sender = CallbackSender(clock, self.store, self.address_of, self.headers_of, retry_s=RETRY_S)

    def address_of(self, callback: ScheduledCallback) -> str | None:
        if callback.service_id == 404:
            return None
        return callback.url or f"{self.recorder.address}/service/{callback.service_id}"

    @staticmethod
    def headers_of(callback: ScheduledCallback) -> dict[str, str]:
        return {"X-Length": str(len(callback.body))}

    def add(self, *callbacks: ScheduledCallback) -> None:
        self.sender.schedule(self.store.add(None, callbacks))

    async def settle(self, moment: int) -> None:
        """Moves the clock there and waits until all that was due by then is answered."""
        self.clock.move_to(START + moment)
        await asyncio.wait_for(self.sender.settle(START + moment), 20)

    @property
    def bodies(self) -> list[str]:
        return [webhook.body.decode() for webhook in self.recorder.accepted]


@asynccontextmanager
async def sending(folder: Path, recorder: WebhookRecorder | None = None) -> AsyncIterator[Sending]:
    """The recorder is started here, unless it is one that goes on receiving."""
    receiver = recorder or WebhookRecorder()
    if recorder is None:
        await receiver.start()
    made = Sending(folder / "world.db", receiver, StillClock())
    await made.sender.start()
    try:
        yield made
    finally:
        await made.sender.close()
        made.store.close()
        if recorder is None:
            await receiver.close()


def callback(
    due: int, body: str = "{}", phone: str = "1", service_id: int | None = 7, url: str = ""
) -> ScheduledCallback:
    return ScheduledCallback(due=START + due, recipient=phone, service_id=service_id, url=url, body=body)


async def test_a_callback_is_a_post_of_its_json_with_its_proof(tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.add(callback(0, '{"text":"héllo"}'))
        await made.settle(0)
        [webhook] = made.recorder.received
        assert (webhook.method, webhook.path) == ("POST", "/service/7")
        assert webhook.body == '{"text":"héllo"}'.encode()
        assert webhook.headers["content-type"] == "application/json"
        assert webhook.headers["x-length"] == "16"


async def test_a_callback_without_body_is_a_get_of_its_address_as_written(tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        url = f"{made.recorder.address}/sms?status=1&answer=stat%3ADELIVRD%20err%3A000&text=a%2Fb"
        made.add(callback(0, "", service_id=None, url=url))
        await made.settle(0)
        [webhook] = made.recorder.received
        assert (webhook.method, webhook.body) == ("GET", b"")
        assert made.recorder.address + webhook.path == url


async def test_nothing_is_sent_before_its_time(tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.add(callback(2000, "b"), callback(1000, "a"), callback(1001, "c"))
        await made.settle(999)
        assert made.bodies == []
        assert made.sender.next_due() == START + 1000
        await made.settle(1000)
        assert made.bodies == ["a"]
        await made.settle(1999)
        assert made.bodies == ["a", "c"]
        await made.settle(5000)
        assert made.bodies == ["a", "c", "b"]
        assert made.sender.next_due() is None


async def test_callbacks_of_a_phone_go_by_due_time_and_then_as_they_came(tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.add(callback(30, "d"), callback(10, "a"), callback(20, "c"))
        made.add(callback(10, "b"))
        await made.settle(30)
        assert made.bodies == ["a", "b", "c", "d"]
        assert made.recorder.during == 1


@pytest.mark.parametrize("status", [300, 301, 400, 401, 404, 409, 429, 500, 503])
async def test_whatever_is_not_2xx_is_tried_again(status: int, tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.recorder.statuses.extend([status, status])
        made.add(callback(0, "a"), callback(0, "b"))
        await made.settle(0)
        assert [webhook.body for webhook in made.recorder.received] == [b"a", b"a", b"a", b"b"]
        assert made.bodies == ["a", "b"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_2xx_is_enough(status: int, tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.recorder.statuses.append(status)
        made.add(callback(0, "a"))
        await made.settle(0)
        assert len(made.recorder.received) == 1


async def test_callbacks_of_many_phones_are_sent_at_once_and_of_each_in_order(tmp_path: Path) -> None:
    phones = [str(number) for number in range(40)]
    async with sending(tmp_path) as made:
        made.recorder.released.clear()
        made.add(*(callback(place, f"{phone}.{place}", phone) for place in range(3) for phone in phones))
        made.clock.move_to(START + 10)
        await made.recorder.until(len(phones))
        # Of each phone the first alone is out, until it is answered.
        assert {webhook.body.decode() for webhook in made.recorder.received} == {
            f"{phone}.0" for phone in phones
        }
        made.recorder.released.set()
        await made.settle(10)
        for phone in phones:
            of_phone = [body for body in made.bodies if body.startswith(f"{phone}.")]
            assert of_phone == [f"{phone}.{place}" for place in range(3)]


async def test_no_more_than_64_are_out_at_once(tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.recorder.released.clear()
        made.add(*(callback(0, "a", str(phone)) for phone in range(100)))
        await made.recorder.until(64)
        made.recorder.released.set()
        await made.settle(0)
        assert len(made.recorder.accepted) == 100
        assert made.recorder.during == 64


async def test_what_nobody_answered_is_sent_after_a_restart_in_its_order(tmp_path: Path) -> None:
    receiver = WebhookRecorder()
    await receiver.start()
    async with sending(tmp_path, receiver) as made:
        receiver.statuses.extend([200] + [500] * 1000)
        made.add(callback(0, "a"), callback(0, "b"), callback(5, "c"))
        await receiver.until(3)
    receiver.statuses.clear()
    async with sending(tmp_path, receiver) as made:
        await made.settle(5)
        assert made.sender.next_due() is None
    assert [webhook.body for webhook in receiver.accepted] == [b"a", b"b", b"c"]
    await receiver.close()


async def test_what_was_answered_is_not_sent_again_after_a_restart(tmp_path: Path) -> None:
    receiver = WebhookRecorder()
    await receiver.start()
    for _ in range(2):
        async with sending(tmp_path, receiver) as made:
            if not receiver.received:
                made.add(callback(0, "a"), callback(0, "b"))
            await made.settle(0)
    assert [webhook.body for webhook in receiver.received] == [b"a", b"b"]
    await receiver.close()


async def test_a_callback_that_has_no_address_holds_up_nothing(tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.add(callback(0, "lost", service_id=404), callback(0, "a"))
        await made.settle(0)
        assert made.bodies == ["a"]


async def test_settling_waits_for_what_comes_while_it_waits(tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.recorder.released.clear()
        made.add(callback(0, "a"))
        settled = asyncio.create_task(made.sender.settle(START))
        await made.recorder.until(1)
        made.add(callback(0, "b"))
        assert not settled.done()
        made.recorder.released.set()
        await asyncio.wait_for(settled, 20)
        assert made.bodies == ["a", "b"]


@pytest.mark.long
async def test_what_is_refused_again_and_again_holds_the_clock_no_more(tmp_path: Path) -> None:
    async with sending(tmp_path) as made:
        made.recorder.statuses.extend([500] * 1000)
        made.add(callback(0, "a"), callback(5, "b"), callback(10, "c", phone="2"), callback(1000, "d"))
        made.clock.move_to(START + 5)
        assert made.sender.next_due() == START
        # Both of the one phone are due; the second waits behind the first.
        await asyncio.wait_for(made.recorder.until(21), 20)
        assert made.sender.next_due() == START + 10
        made.recorder.statuses.clear()
        await made.settle(1000)
        assert made.bodies.index("a") < made.bodies.index("b")
        assert sorted(made.bodies) == ["a", "b", "c", "d"]
        assert made.sender.next_due() is None
