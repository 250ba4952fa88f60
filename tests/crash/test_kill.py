"""`kill -9` under load, again and again, and then the count: nothing lost, nothing half, nothing twice.

Each round drives one sandbox process, kills it in the middle of calls and in the middle of deliveries, starts
it again on the same folder and port, lets three days pass, and checks the promises for every call ever made.
"""

import asyncio
import random
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.crash.callers import Call, Callers, answer_to, connect
from tests.crash.checks import Found, check
from tests.crash.customer import customer
from tests.processes import Running, start_sandbox
from tests.storage.databases import listed
from waypost.model.identifiers import AccountId
from waypost.storage.sqlite import SqliteStore

AT_ONCE = 16
KILLS_UNDER_LOAD = 3
KILLS_AMONG_DELIVERIES = 2
THREE_DAYS = 3 * 86_400


def test_nothing_is_lost_or_doubled_by_a_kill(tmp_path: Path) -> None:
    play_round(tmp_path, seed=random.randrange(10**6))


@pytest.mark.long
@pytest.mark.parametrize("number", range(8))
def test_nor_in_any_of_many_rounds(tmp_path: Path, number: int) -> None:
    play_round(tmp_path, seed=number)


def play_round(data: Path, seed: int) -> None:
    chance = random.Random(seed)
    calls: list[Call] = []
    port = 0
    with customer() as receiver:
        for _ in range(KILLS_UNDER_LOAD):
            with start_sandbox(data, port=port, callback_url=receiver.url) as sandbox:
                port = sandbox.port
                callers = Callers(port, chance, AT_ONCE, calls)
                callers.start()
                callers.wait_for_answers(chance.randrange(1, 150))
                sandbox.kill()
                callers.join()
        for _ in range(KILLS_AMONG_DELIVERIES):
            with start_sandbox(data, port=port, callback_url=receiver.url) as sandbox:
                kill_while_time_passes(sandbox, chance)
        with start_sandbox(data, port=port, callback_url=receiver.url) as sandbox:
            replayed = [replay(sandbox, call) for call in calls]
            sandbox.advance(THREE_DAYS)
            phones = [shown(sandbox, call.recipient) for call in calls]
    found = asyncio.run(look_up(data, calls))
    came = [receiver.without_repeats(call.message_id) for call in calls]
    counts = Counter(map(check, calls, replayed, found, phones, came))
    print(
        f"seed {seed}: {len(calls)} calls, {sum(1 for call in calls if call.code)} answered; {dict(counts)}"
    )


def kill_while_time_passes(sandbox: Running, chance: random.Random) -> None:
    """Kills it at some moment of the next two minutes of business time, which take it less than a second."""

    def advance() -> None:
        try:
            sandbox.advance(120)
        except OSError:
            return

    passing = threading.Thread(target=advance)
    passing.start()
    passing.join(chance.uniform(0, 0.8))
    sandbox.kill()
    passing.join(60)


def replay(sandbox: Running, call: Call) -> str:
    """What the same bytes are answered now; a call that was done is never done again."""
    with connect(sandbox.port) as connection:
        answer = answer_to(connection, call.sent)
    if answer["Code"] == "OK":
        call.message_id = answer["MessageId"]
    return str(answer["Code"])


def shown(sandbox: Running, number: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = sandbox.get(f"/sandbox/phones/{number}")["messages"]
    return messages


async def look_up(data: Path, calls: list[Call]) -> list[Found]:
    """What the ledger has of each call: found by its recipient, for it may never have been answered."""
    store = SqliteStore(data / "waypost.db")
    messages = await listed(store, account_id=AccountId("1"))
    found = []
    for call in calls:
        own = [message for message in messages if message.recipient == call.recipient]
        call.message_id = call.message_id or own[0].message_id
        found.append(
            Found(
                own,
                [leg for message in own for leg in await store.find_legs(message.message_id)],
                [attempt for message in own for attempt in await store.find_attempts(message.message_id)],
                [
                    callback
                    for message in own
                    for callback in await store.list_callbacks(message_id=message.message_id)
                ],
            )
        )
    assert len(messages) == len(calls)
    assert sum((await store.backlog()).values()) == 0
    await store.close()
    return found
