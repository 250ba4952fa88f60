"""A row that cannot be understood holds nothing else up."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.claims import claim_due
from tests.delivery.stages import Stages
from tests.model.messages import ACCEPTED_AT
from tests.storage.databases import THIRD
from waypost.delivery import dispatcher
from waypost.model.identifiers import MessageId
from waypost.model.message.lanes import dispatch_lane
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import Receipt, ReceiptKind
from waypost.storage.changes import Change, Enqueue
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import Stage, Work


async def test_one_bad_row_does_not_stop_the_others(stages: Stages) -> None:
    bad = await stages.accept(recipient="380500000001")
    good = await stages.accept(recipient="380500000002")
    now = stages.clock.now()
    lane = dispatch_lane("viber", bad)
    broken = Enqueue(Stage.DISPATCH, lane, bad.message_id, "no JSON", now - 1)
    await stages.store.apply([Change([broken])])
    works = await claim_due(stages.store, Stage.DISPATCH, 10, now)
    assert works[0].body == "no JSON"
    await stages.dispatcher.process(works, lambda work: None)
    assert await stages.states(good) == [LegState.SENT]
    assert await stages.states(bad) == [LegState.SENT]
    assert await stages.store.next_due(Stage.DISPATCH, now) == now + 60_000


async def test_what_is_written_as_under_way_is_sent_though_another_row_cannot_be_written(
    stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = await stages.accept(recipient="380500000001")
    broken = Enqueue(Stage.DISPATCH, dispatch_lane("viber", good), MessageId(THIRD), "{}", ACCEPTED_AT)
    await stages.store.apply([Change([broken])])
    works = await claim_due(stages.store, Stage.DISPATCH, 10, stages.clock.now())
    assert len(works) == 2

    async def away(store: Store, works: Sequence[Work]) -> None:
        raise StoreUnavailableError("database is locked")

    # The row without a message is removed after the attempt of the other is written.
    monkeypatch.setattr(dispatcher, "finish_orphans", away)
    with pytest.raises(StoreUnavailableError):
        await stages.dispatcher.process(works, lambda work: None)
    assert await stages.states(good) == [LegState.SENT]


async def test_a_report_that_fails_by_a_fault_of_ours_fails_alone(stages: Stages) -> None:
    await stages.send()
    [taken] = stages.viber.taken
    # No connector makes a watermark without a recipient.
    faulty = Receipt(route="viber", kind=ReceiptKind.READ, at=stages.clock.now(), watermark=1)
    good = stages.receipt_of(taken, ReceiptKind.DELIVERED)
    results = await asyncio.gather(
        stages.tracker.receive([faulty]), stages.tracker.receive([good]), return_exceptions=True
    )
    assert [type(result) for result in results] == [AssertionError, type(None)]
    [leg] = await stages.store.find_legs(MessageId(taken.message_id))
    assert leg.state is LegState.DELIVERED
