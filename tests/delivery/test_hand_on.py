"""What was just accepted is handed on from memory: only after its flush, only what was written, within the
width."""

import asyncio
from typing import Any

import pytest

from tests.delivery.free_routes import free_lanes
from tests.delivery.stages import Stages, Taken
from tests.model.messages import message
from tests.storage.databases import claim
from waypost.delivery import hand_on
from waypost.delivery.hand_on import HandOn
from waypost.delivery.routes import Route
from waypost.messaging.acceptance import Acceptance
from waypost.model.identifiers import MessageIds
from waypost.model.message.leg import LegState
from waypost.model.message.message import Message
from waypost.storage.changes import Change, Enqueue
from waypost.storage.records import Stage

WIDTH = 2


class HandedOn:
    """The hand-on over the stages of a test."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self.lanes = free_lanes(stages.store, stages.clock, WIDTH)
        routes = {"viber": Route("viber", stages.viber, "http://127.0.0.1:1/receipts/viber")}
        self.hand_on = HandOn(
            stages.store, stages.context, routes, stages.dispatcher, self.lanes, lease=3600.0
        )
        self._ids = MessageIds(1, seed=1)

    def accept(self, **changes: Any) -> tuple[Message, Acceptance]:
        now = self.stages.clock.now()
        accepted = message(message_id=self._ids.next(now), accepted_at=now, label="transaction", **changes)
        return accepted, self.hand_on.accept(accepted, self.stages.configuration)

    async def write(self, acceptance: Acceptance) -> None:
        [refusal] = await self.stages.store.apply([Change(acceptance.commands)])
        assert refusal is None
        if acceptance.settled is not None:
            acceptance.settled(True)

    def free_places(self) -> int:
        """How many places are free; they are taken."""
        count = 0
        while self.lanes.reserve("any 1 transaction", self.stages.clock.now()):
            count += 1
        return count


def is_claimed(acceptance: Acceptance) -> bool:
    return any(
        isinstance(command, Enqueue) and command.claimed is not None for command in acceptance.commands
    )


async def test_it_is_sent_after_it_is_durable_and_its_place_is_free_again(stages: Stages) -> None:
    handed = HandedOn(stages)
    accepted, acceptance = handed.accept()
    assert is_claimed(acceptance)
    assert stages.viber.taken == []
    await handed.write(acceptance)
    await handed.hand_on.stop()
    assert len(stages.viber.taken) == 1
    assert await stages.states(accepted) == [LegState.SENT]
    assert (await stages.store.backlog())[Stage.DISPATCH] == 0
    assert handed.free_places() == WIDTH


async def test_nobody_else_claims_it_while_it_is_under_way(stages: Stages) -> None:
    handed = HandedOn(stages)
    out, answered = asyncio.Event(), asyncio.Event()

    async def hang(_: Taken) -> None:
        out.set()
        await answered.wait()

    stages.viber.on_send = hang
    _, acceptance = handed.accept()
    await handed.write(acceptance)
    await out.wait()
    assert await claim(stages.store, now=stages.clock.now()) == []
    stopping = asyncio.create_task(handed.hand_on.stop())
    await asyncio.sleep(0)
    assert not stopping.done(), "a stop waits for what is under way"
    answered.set()
    await stopping


async def test_what_was_not_written_is_not_sent_and_frees_its_place(stages: Stages) -> None:
    handed = HandedOn(stages)
    _, acceptance = handed.accept()
    assert acceptance.settled is not None
    acceptance.settled(False)
    await handed.hand_on.stop()
    assert stages.viber.taken == []
    assert handed.free_places() == WIDTH


async def test_without_a_place_anybody_may_claim_it(stages: Stages) -> None:
    handed = HandedOn(stages)
    assert [is_claimed(handed.accept()[1]) for _ in range(WIDTH + 1)] == [True] * WIDTH + [False]


async def test_one_that_refers_to_another_or_has_a_fault_is_not_handed_on(stages: Stages) -> None:
    handed = HandedOn(stages)
    assert not is_claimed(handed.accept(fault="no such template")[1])
    assert handed.free_places() == WIDTH


async def test_a_fault_of_ours_costs_no_place_and_no_message(
    stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = HandedOn(stages)

    def fails(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as broken:
        broken.setattr(hand_on, "start_attempt", fails)
        accepted, acceptance = handed.accept()
    assert not is_claimed(acceptance)
    assert handed.free_places() == WIDTH
    await handed.write(acceptance)
    await stages.settle()
    assert await stages.states(accepted) == [LegState.SENT]
