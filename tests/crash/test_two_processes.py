"""Two processes on one file: one is stopped past its lease and woken, or killed while the other goes on."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.crash.node import NodeOptions
from tests.crash.nodes import NodeProcess, Provider, drained, judge, node, provider, until
from waypost.model.identifiers import MessageId
from waypost.model.message.leg import Attempt, AttemptOutcome, LegState
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

WIDTH = 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "waypost.db"


def options(
    of: Provider, *, in_doubt_wait: float, lease: float = 5, longest_request: float = 3
) -> NodeOptions:
    return NodeOptions(
        port=of.port, width=WIDTH, lease=lease, longest_request=longest_request, in_doubt_wait=in_doubt_wait
    )


@pytest.mark.long
def test_a_holder_that_was_stopped_past_its_lease_neither_sends_nor_overwrites(path: Path) -> None:
    with provider() as listening:
        # Both are in doubt at the same time, though on a busy machine the one is so seconds after the other;
        # nor does the first one's request time out before its process stops.
        options_ = options(listening, in_doubt_wait=15, lease=16, longest_request=15)
        with node(path, options_) as stopped, node(path, options_):
            asyncio.run(stop_and_wake(path, listening, stopped))


async def stop_and_wake(path: Path, listening: Provider, stopped: NodeProcess) -> None:
    store = SqliteStore(path)

    async def state(message_id: str) -> LegState:
        [leg] = await store.find_legs(MessageId(message_id))
        return leg.state

    async def attempts(message_id: str) -> list[Attempt]:
        return await store.find_attempts(MessageId(message_id))

    # One request is out; another one is written as under way, and its process stops before it leaves.
    listening.may_answer.clear()
    stopped.command("accept 1")
    listening.wait_for(1)
    stopped.command("stop-unsent")
    stopped.wait_for(2)
    stopped.wait_for_stop()
    listening.may_answer.set()
    answered, unsent = stopped.accepted

    found: list[LegState] = []

    async def are_taken_over() -> bool:
        found[:] = [await state(answered), await state(unsent)]
        return set(found) == {LegState.IN_DOUBT}

    try:
        await until(are_taken_over)
    except TimeoutError:
        pytest.fail(f"not taken over: {found}, {[await attempts(one) for one in (answered, unsent)]}")
    os.kill(stopped.process.pid, signal.SIGCONT)

    async def is_known() -> bool:
        ended = (AttemptOutcome.ACCEPTED, AttemptOutcome.REFUSED)
        return all([(await attempts(id_))[0].outcome in ended for id_ in (answered, unsent)])

    await until(is_known)
    # What its provider had answered counts; what never left is known, and changes neither leg nor journal.
    assert await state(answered) is LegState.SENT
    assert [one.provider_id for one in await attempts(answered)] == ["p1"]
    assert await state(unsent) is LegState.IN_DOUBT
    assert (await attempts(unsent))[0].text.startswith("not sent")
    assert len(listening.log) == 1
    assert (await store.backlog())[Stage.DISPATCH] == 2

    await drained(path)
    assert listening.submissions() == {answered: 1, unsent: 1}
    assert [await state(answered), await state(unsent)] == [LegState.SENT, LegState.SENT]
    await store.close()


def test_an_answer_that_came_while_its_process_was_stopped_counts(path: Path) -> None:
    with provider() as listening:
        # Its process stops before its request times out, on a busy machine too.
        options_ = options(listening, in_doubt_wait=5, lease=10, longest_request=9)
        with node(path, options_) as stopped:
            asyncio.run(stop_while_waiting(path, listening, stopped))


async def stop_while_waiting(path: Path, listening: Provider, stopped: NodeProcess) -> None:
    listening.may_answer.clear()
    stopped.command("accept 1")
    listening.wait_for(1)
    stopped.wait_for(1)
    # It waits in its event loop, and its timeout ends while it is stopped.
    stopped.process.send_signal(signal.SIGSTOP)
    stopped.wait_for_stop()
    listening.may_answer.set()
    expired = time.monotonic() + 3.5
    await until(lambda: is_after(expired))
    stopped.process.send_signal(signal.SIGCONT)
    await drained(path)
    store = SqliteStore(path)
    [attempt] = await store.find_attempts(MessageId(stopped.accepted[0]))
    assert (attempt.outcome, attempt.provider_id) == (AttemptOutcome.ACCEPTED, "p1")
    await store.close()


async def is_after(moment: float) -> bool:
    return time.monotonic() > moment


def test_a_graceful_stop_leaves_nothing_in_doubt(path: Path) -> None:
    with provider() as listening:
        options_ = options(listening, in_doubt_wait=0.5)
        listening.may_answer.clear()
        with node(path, options_) as ended:
            ended.command("accept 40")
            ended.wait_for(40)
            listening.wait_for(WIDTH)
            assert ended.process.stdin is not None
            ended.process.stdin.close()
            listening.may_answer.set()
            assert ended.process.wait(60) == 0
            accepted = ended.accepted
        with node(path, options_):
            asyncio.run(drained(path))
        assert asyncio.run(judge(path, listening, accepted)) == (0, 0)


@pytest.mark.long
def test_one_is_killed_while_the_other_goes_on(path: Path) -> None:
    with provider() as listening:
        options_ = options(listening, in_doubt_wait=0.5)
        with node(path, options_) as killed, node(path, options_) as living:
            for each in (killed, living):
                each.command("accept 300")
            killed.wait_for(50)
            # Some requests are out when it dies.
            listening.may_answer.clear()
            listening.wait_for(len(listening.log) + 1)
            killed.kill()
            listening.may_answer.set()
            living.wait_for(300)
            asyncio.run(drained(path))
            accepted = [*killed.accepted, *living.accepted]
            doubts = asyncio.run(judge(path, listening, accepted))
        print(f"{len(accepted)} messages; in doubt: {doubts.came} came, {doubts.never_left} never left")
        assert sum(doubts) <= 2 * WIDTH
