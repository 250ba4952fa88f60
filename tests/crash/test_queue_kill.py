"""`kill -9` while receipts go into a queue and out of it: none is lost, none that was deleted comes back."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.callers import Call, Callers
from tests.crash.consumers import Consumed, Consumers
from tests.crash.test_kill import THREE_DAYS, kill_while_time_passes
from tests.processes import start_sandbox
from tests.sdk.callers import Sandbox
from tests.sdk.operations import call
from waypost.model.identifiers import AccountId
from waypost.storage.records import Callback
from waypost.storage.sqlite import SqliteStore

QUEUE = "Alicom-Queue-1-ChatAppStatus"
CALLERS = 8
CONSUMERS = 3
KILLS_UNDER_LOAD = 3
KILLS_AMONG_DELIVERIES = 2


@pytest.mark.long
def test_nothing_is_lost_from_a_queue_by_a_kill(tmp_path: Path) -> None:
    play_round(tmp_path, seed=random.randrange(10**6))


@pytest.mark.long
@pytest.mark.parametrize("number", range(6))
def test_nor_in_any_of_many_rounds(tmp_path: Path, number: int) -> None:
    play_round(tmp_path, seed=number)


def play_round(data: Path, seed: int) -> None:
    chance = random.Random(seed)
    calls: list[Call] = []
    consumed = Consumed()
    with start_sandbox(data) as sandbox:
        port = sandbox.port
        call(Sandbox(sandbox), "update_account_webhook", cust_space_id="cams-sandbox", queue_flag="Y")
        # The setting was answered, so it is there after this.
        sandbox.kill()
    for _ in range(KILLS_UNDER_LOAD):
        with start_sandbox(data, port=port) as sandbox:
            callers = Callers(port, chance, CALLERS, calls)
            consumers = Consumers(port, QUEUE, CONSUMERS, consumed)
            callers.start()
            consumers.start()
            callers.wait_for_answers(chance.randrange(1, 150))
            sandbox.kill()
            callers.join()
            consumers.join()
    for _ in range(KILLS_AMONG_DELIVERIES):
        with start_sandbox(data, port=port) as sandbox:
            consumers = Consumers(port, QUEUE, CONSUMERS, consumed)
            consumers.start()
            kill_while_time_passes(sandbox, chance)
            consumers.join()
    with start_sandbox(data, port=port) as sandbox:
        sandbox.advance(THREE_DAYS)
        Consumers(port, QUEUE, 1, consumed).drain()
    check(consumed, asyncio.run(look_up(data)))
    print(
        f"seed {seed}: {len(calls)} calls, {len(consumed.bodies)} receipts, {len(consumed.deleted)} deleted"
    )


def check(consumed: Consumed, callbacks: list[Callback]) -> None:
    """Each callback lay in the queue once, was read, and was gone for good once it was deleted."""
    assert consumed.came_back == []
    assert consumed.deleted.keys() <= consumed.bodies.keys()
    # Statuses of a message differ, so a body stands for one callback.
    assert Counter(body.decode() for body in consumed.bodies.values()) == Counter(
        callback.body for callback in callbacks
    )


async def look_up(data: Path) -> list[Callback]:
    """The statuses that the ledger has as published."""
    store = SqliteStore(data / "waypost.db")
    callbacks = await store.list_callbacks(account_id=AccountId("1"), limit=1_000_000)
    await store.close()
    return [callback for callback in callbacks if callback.kind == "ChatAppStatus"]
