"""Promise 5: each change reaches the customer's URL at least once, in order for a message, or is kept."""

import asyncio
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.claims import claim_due
from tests.delivery.pushes import GOOD, HANG, pushing
from tests.delivery.stages import DEFAULTS
from tests.storage.databases import FIRST, SECOND, THIRD
from waypost.delivery import notifier
from waypost.delivery.notifier import SIGNATURE_HEADER
from waypost.storage.changes import Change, EndCallback, Refusal, ReplayCallback
from waypost.storage.contract import StoreUnavailableError, Transaction
from waypost.storage.records import CallbackState, Stage

DELIVERED, WAITING, DEAD = CallbackState.DELIVERED, CallbackState.WAITING, CallbackState.DEAD
DOWN = (500, b"")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "waypost.db"


def many(count: int) -> list[str]:
    return [f"20270115080000000{place:05d}000" for place in range(count)]


def test_the_documented_numbers_are_the_defaults() -> None:
    assert DEFAULTS.callbacks.timeout == 3
    assert DEFAULTS.callbacks.retry_schedule == (60, 300, 600)


async def test_a_push_is_a_json_array_of_callbacks(path: Path) -> None:
    async with pushing(path) as pushes:
        await pushes.publish(FIRST, FIRST)
        await pushes.settle()
        [push] = pushes.receiver.pushes
        assert push.objects == [{"MessageId": FIRST, "n": 1}, {"MessageId": FIRST, "n": 2}]
        assert push.headers["Content-Type"] == "application/json;charset=utf-8"
        assert push.headers["X-Waypost-Kind"] == "ChatAppStatus"
        assert await pushes.states() == [DELIVERED, DELIVERED]


async def test_the_signature_is_over_the_time_and_the_bytes(path: Path) -> None:
    async with pushing(path) as pushes:
        await pushes.publish(FIRST)
        await pushes.publish(SECOND, account="2")
        await pushes.settle()
        [push], [unsigned] = pushes.receiver.pushes, pushes.other.pushes
        assert SIGNATURE_HEADER not in unsigned.headers
        fields = dict(part.split("=") for part in push.headers[SIGNATURE_HEADER].split(","))
        # The receiver's clock is the machine's, wherever the sandbox's is: that of this test is years off.
        assert abs(int(fields["t"]) / 1000 - time.time()) < 60
        assert abs(pushes.clock.now() / 1000 - time.time()) > 300
        signed = f"{fields['t']}.".encode() + push.body
        assert fields["v1"] == hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "body", ['{"code":0}', '{"code":0,"msg":"ok"}', '{"Code":0}', '{"code":0.0}', ' {"code": 0}\n']
)
async def test_these_answers_take_a_push(path: Path, body: str) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.usual = (200, body.encode())
        await pushes.publish(FIRST)
        await pushes.settle()
        assert await pushes.states() == [DELIVERED]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, ""),
        (200, "ok"),
        (200, "{}"),
        (200, "[]"),
        (200, '{"code":1}'),
        (200, '{"code":"0"}'),
        (200, '{"code":false}'),
        (200, '{"code":null}'),
        (201, '{"code":0}'),
        (204, ""),
        (302, '{"code":0}'),
        (404, '{"code":0}'),
        (500, '{"code":0}'),
    ],
)
async def test_these_answers_do_not(path: Path, status: int, body: str) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.answers.append((status, body.encode()))
        await pushes.publish(FIRST)
        await pushes.settle()
        [callback] = await pushes.callbacks()
        assert (callback.state, callback.tries) == (WAITING, 1)
        assert callback.error.startswith("answered ")
        await pushes.pass_time(60)
        assert await pushes.states() == [DELIVERED]


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end(path: Path) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.in_pieces = True
        await pushes.publish(FIRST)
        await pushes.settle()
        assert [(callback.state, callback.error) for callback in await pushes.callbacks()] == [
            (DELIVERED, "")
        ]


async def test_a_push_is_repeated_after_1_5_and_10_minutes_and_then_kept_as_a_dead_letter(path: Path) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.usual = DOWN
        await pushes.publish(FIRST)
        await pushes.pass_time(86_400)
        assert pushes.receiver.times == [0, 60, 360, 960]
        [callback] = await pushes.callbacks()
        assert (callback.state, callback.tries) == (DEAD, 4)
        assert callback.error == "answered HTTP 500, not 200"
        assert (await pushes.store.backlog()).popitem()[1] == 0


async def test_a_dead_letter_can_be_replayed(path: Path) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.usual = DOWN
        await pushes.publish(FIRST)
        await pushes.pass_time(86_400)
        pushes.receiver.usual = GOOD

        def replay(tx: Transaction) -> None:
            callback = tx.callback(1)
            assert callback is not None
            tx.write(ReplayCallback(callback, pushes.receiver.url, pushes.clock.now()))

        await pushes.store.transact(replay)
        await pushes.settle()
        [callback] = await pushes.callbacks()
        assert (callback.state, callback.tries) == (DELIVERED, 1)


async def test_a_push_that_is_not_answered_in_time_is_repeated(path: Path) -> None:
    async with pushing(path, timeout=0.05) as pushes:
        pushes.receiver.answers.append(HANG)
        await pushes.publish(FIRST)
        await pushes.settle()
        [callback] = await pushes.callbacks()
        assert (callback.state, callback.error) == (WAITING, "no answer within 0.05 s")
        await pushes.pass_time(60)
        assert await pushes.states() == [DELIVERED]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "nonsense", "http://", "ftp://127.0.0.1/", "http://[::1/"]
)
async def test_a_url_that_cannot_be_reached_is_a_failure_like_any_other(path: Path, url: str) -> None:
    async with pushing(path) as pushes:
        await pushes.publish(FIRST, url=url)
        await pushes.settle()
        [callback] = await pushes.callbacks()
        assert callback.state is WAITING
        assert callback.error


async def test_a_url_whose_last_push_failed_is_known_until_one_succeeds(path: Path) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.usual = (500, b"")
        await pushes.publish(FIRST)
        await pushes.publish(SECOND, account="2")
        await pushes.settle()
        [lane] = pushes.notifier.failing_lanes(pushes.clock.now())
        assert pushes.receiver.url in lane
        pushes.receiver.usual = (200, b'{"code":0}')
        await pushes.pass_time(120)
        assert pushes.notifier.failing_lanes(pushes.clock.now()) == []


async def test_a_later_status_is_never_pushed_before_an_earlier_one(path: Path) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.answers.append(DOWN)
        await pushes.publish(FIRST)
        await pushes.settle()
        await pushes.publish(FIRST, SECOND)
        await pushes.pass_time(59)
        assert pushes.receiver.numbers == [1, 3]
        await pushes.pass_time(1)
        assert pushes.receiver.numbers == [1, 3, 1, 2]


async def test_statuses_in_one_push_fail_and_wait_as_one(path: Path) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.answers.append(DOWN)
        await pushes.publish(FIRST, FIRST, FIRST)
        await pushes.pass_time(60)
        assert [push.numbers for push in pushes.receiver.pushes] == [[1, 2, 3], [1, 2, 3]]
        assert await pushes.states() == [DELIVERED] * 3


async def test_what_comes_after_a_dead_letter_is_pushed(path: Path) -> None:
    async with pushing(path) as pushes:
        pushes.receiver.answers.extend([DOWN] * 4)
        await pushes.publish(FIRST)
        await pushes.pass_time(700)
        await pushes.publish(FIRST)
        await pushes.pass_time(400)
        assert await pushes.states() == [DEAD, DELIVERED]
        assert [push.numbers for push in pushes.receiver.pushes] == [[1], [1], [1], [1, 2], [2]]


async def test_many_are_pushed_in_batches_and_each_messages_objects_in_one(path: Path) -> None:
    async with pushing(path, batch=100) as pushes:
        await pushes.publish(*(message_id for message_id in many(125) for _ in range(2)))
        await pushes.settle()
        assert [len(push.objects) for push in pushes.receiver.pushes] == [100, 100, 50]
        pushes_of = Counter(
            message_id
            for push in pushes.receiver.pushes
            for message_id in {one["MessageId"] for one in push.objects}
        )
        assert set(pushes_of.values()) == {1}


async def test_a_receiver_that_reads_one_object_only_gets_one_message_at_a_time(path: Path) -> None:
    async with pushing(path, batch=1) as pushes:
        await pushes.publish(FIRST, SECOND, THIRD)
        await pushes.settle()
        assert [len(push.objects) for push in pushes.receiver.pushes] == [1, 1, 1]


async def test_customers_share_no_push(path: Path) -> None:
    async with pushing(path) as pushes:
        await pushes.publish(FIRST)
        await pushes.publish(SECOND, account="2")
        await pushes.publish(THIRD, account="2", url=pushes.receiver.url)
        await pushes.settle()
        assert sorted(push.numbers for push in pushes.receiver.pushes) == [[1], [3]]
        assert [push.numbers for push in pushes.other.pushes] == [[2]]


async def test_a_message_is_never_in_two_pushes_at_once(path: Path) -> None:
    async with pushing(path, batch=1, concurrency_per_url=8) as pushes:
        running = asyncio.create_task(pushes.worker.run())
        for _ in range(20):
            await pushes.publish(FIRST, SECOND, THIRD)
        await pushes.until_all_are_pushed()
        await pushes.worker.stop()
        await running
        assert pushes.receiver.at_once == 1
        for message_id in (FIRST, SECOND, THIRD):
            numbers = [
                one["n"]
                for push in pushes.receiver.pushes
                for one in push.objects
                if one["MessageId"] == message_id
            ]
            assert numbers == sorted(numbers)


async def test_a_url_that_hangs_with_a_long_queue_does_not_stop_another(path: Path) -> None:
    async with pushing(path, timeout=0.2, batch=1) as pushes:
        pushes.receiver.usual = HANG
        first, *others = many(601)
        await pushes.publish(*others)
        await pushes.publish(first, account="2")
        running = asyncio.create_task(pushes.worker.run())
        await pushes.other.until(1)
        # It waited for no more than the first pushes to the other one, not for six hundred.
        assert len(pushes.receiver.pushes) <= 2 * pushes.settings.concurrency_per_url
        await pushes.worker.stop()
        await running


async def test_what_was_pushed_but_not_noted_before_a_kill_is_pushed_again(path: Path) -> None:
    async with pushing(path) as pushes:
        await pushes.publish(FIRST)
        [work] = await claim_due(pushes.store, Stage.CALLBACK, 9, pushes.clock.now())
        pushes.receiver.answers.append(HANG)
        under_way = asyncio.create_task(pushes.notifier.process([work], lambda *works: None))
        await pushes.receiver.until(1)
        under_way.cancel()
        await pushes.store.close()
        pushes.open()
        await pushes.settle()
        assert pushes.receiver.numbers == [1, 1]
        assert await pushes.states() == [DELIVERED]


@pytest.mark.long
async def test_two_urls_of_one_host_share_its_places_and_neither_is_forgotten(path: Path) -> None:
    async with pushing(path, concurrency_per_url=1, timeout=5) as pushes:
        pushes.receiver.answers.append(HANG)
        await pushes.publish(FIRST)
        await pushes.publish(SECOND, url=f"{pushes.receiver.url}?of=another")
        works = await claim_due(pushes.store, Stage.CALLBACK, 9, pushes.clock.now())
        released: list[str] = []
        one, other = (
            asyncio.create_task(
                pushes.notifier.process([work], lambda *works: released.extend(work.lane for work in works))
            )
            for work in works
        )
        await pushes.receiver.until(1)
        assert not other.done(), "its place is kept while it waits"
        assert released == []
        await asyncio.gather(one, other)
        assert len(released) == 2
        assert pushes.receiver.numbers == [1, 2]
        assert await pushes.states() == [WAITING, DELIVERED]


async def test_lanes_of_one_host_are_pushed_at_once_while_it_has_places(path: Path) -> None:
    async with pushing(path, concurrency_per_url=2, timeout=60) as pushes:
        pushes.receiver.answers.append(HANG)
        await pushes.publish(FIRST)
        await pushes.publish(SECOND, url=f"{pushes.receiver.url}?of=another")
        works = await claim_due(pushes.store, Stage.CALLBACK, 9, pushes.clock.now())
        processing = asyncio.create_task(pushes.notifier.process(works, lambda *works: None))
        await pushes.receiver.until(2)
        processing.cancel()


async def test_a_fault_of_ours_in_a_push_is_a_failed_try(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with pushing(path) as pushes:

        def fails(*_: object) -> str:
            raise RuntimeError("a fault of ours")

        await pushes.publish(FIRST)
        with monkeypatch.context() as broken:
            broken.setattr(notifier, "secret_of_url", fails)
            await pushes.settle()
        [callback] = await pushes.callbacks()
        assert (callback.state, callback.tries) == (WAITING, 1)
        assert callback.error == "not pushed: RuntimeError in Waypost"
        await pushes.pass_time(60)
        assert await pushes.states() == [DELIVERED]


async def test_a_push_whose_claim_is_about_to_end_is_freed_and_not_made(path: Path) -> None:
    async with pushing(path) as pushes:
        await pushes.publish(FIRST)
        [(lane, _)] = await pushes.store.lanes(Stage.CALLBACK)
        # The lease is shorter than the timeout of a push.
        works = await pushes.store.claim(Stage.CALLBACK, {lane: 1}, pushes.clock.now(), 1.0)
        await pushes.notifier.process(works, lambda *works: None)
        assert pushes.receiver.pushes == []
        await pushes.settle()
        assert pushes.receiver.numbers == [1]


async def test_what_was_delivered_is_not_pushed_again_because_the_database_was_away(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "_FIRST_WRITE_RETRY_S", 0.01)
    async with pushing(path) as pushes:
        away = 3
        apply = pushes.store.apply

        def apply_later(changes: Sequence[Change]) -> asyncio.Future[list[Refusal | Exception | None]]:
            nonlocal away
            if away and any(isinstance(command, EndCallback) for command in changes[0].commands):
                away -= 1
                failed: asyncio.Future[list[Refusal | Exception | None]] = asyncio.Future()
                failed.set_exception(StoreUnavailableError("database is locked"))
                return failed
            return apply(changes)

        monkeypatch.setattr(pushes.store, "apply", apply_later)
        await pushes.publish(FIRST)
        running = asyncio.create_task(pushes.worker.run())
        await pushes.until_all_are_pushed()
        await pushes.worker.stop()
        await running
        assert away == 0
        assert pushes.receiver.numbers == [1]
        assert await pushes.states() == [DELIVERED]


async def test_a_slow_url_of_one_account_leaves_places_of_its_host_to_others(path: Path) -> None:
    async with pushing(path, timeout=60.0, batch=1, concurrency_per_url=8) as pushes:

        async def push_what_is_due() -> list[asyncio.Task[None]]:
            works = await claim_due(pushes.store, Stage.CALLBACK, 99, pushes.clock.now())
            return [
                asyncio.create_task(pushes.notifier.process([work], lambda *works: None)) for work in works
            ]

        pushes.receiver.usual = HANG
        *own, theirs = many(21)
        await pushes.publish(*own)
        slow = await push_what_is_due()
        await pushes.receiver.until(6)
        await pushes.publish(theirs, account="2", url=f"{pushes.receiver.url}?theirs")
        other = await push_what_is_due()
        await pushes.receiver.until(7)
        assert pushes.receiver.numbers[6:] == [21]
        for task in (*slow, *other):
            task.cancel()
        await asyncio.gather(*slow, *other, return_exceptions=True)
