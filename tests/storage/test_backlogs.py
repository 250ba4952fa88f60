"""How much waits: bounded in each lane, whatever waits there."""

import pytest

from tests.storage.databases import NOW, enqueue
from waypost.storage import backlogs
from waypost.storage.backlogs import Backlog
from waypost.storage.contract import Store
from waypost.storage.records import Stage


async def test_each_lane_has_what_is_due_and_since_when(store: Store) -> None:
    await enqueue(store, NOW - 5, NOW, NOW + 1, lane="a 1 promotion")
    await enqueue(store, NOW + 1, lane="b 1 promotion")
    await enqueue(store, NOW - 9, lane="c 1 transaction")
    await enqueue(store, NOW, stage=Stage.TIMER, lane="")
    assert store.backlogs.of_stage(Stage.DISPATCH, NOW) == [
        Backlog("a 1 promotion", 2, NOW - 5),
        Backlog("c 1 transaction", 1, NOW - 9),
    ]
    assert store.backlogs.of_stage(Stage.TIMER, NOW) == [Backlog("", 1, NOW)]
    assert store.backlogs.of_stage(Stage.CALLBACK, NOW) == []


async def test_no_more_is_counted_than_the_bound(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlogs, "MOST_COUNTED", 3)
    monkeypatch.setattr(backlogs, "MOST_LANES", 2)
    for lane in ("a 1 promotion", "b 1 promotion", "c 1 promotion"):
        await enqueue(store, *range(NOW - 5, NOW), lane=lane)
    # The lane without a name, which timers have, is looked at in every stage.
    assert store.backlogs.of_stage(Stage.DISPATCH, NOW) == [Backlog("a 1 promotion", 3, NOW - 5)]
