"""A row that cannot be understood holds nothing else up."""

from tests.claims import claim_due
from tests.delivery.stages import Stages
from waypost.model.message.lanes import dispatch_lane
from waypost.model.message.leg import LegState
from waypost.storage.changes import Change, Enqueue
from waypost.storage.records import Stage


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
