"""A row that cannot be understood holds nothing else up."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
import pytest
from structlog.testing import capture_logs

from tests.claims import claim_due
from tests.delivery.stages import Stages
from tests.model.messages import ACCEPTED_AT
from tests.storage.databases import THIRD
from waypost.delivery import dispatcher
from waypost.model.identifiers import MessageId
from waypost.model.message.lanes import dispatch_lane
from waypost.model.message.leg import AttemptOutcome, LegState
from waypost.model.message.outcomes import Accepted, Receipt, ReceiptKind
from waypost.storage.changes import Change, Enqueue
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import MessageRecord, Stage, Work


async def test_one_bad_row_does_not_stop_the_others(stages: Stages) -> None:
    bad = await stages.accept(recipient="380500000001")
    good = await stages.accept(recipient="380500000002")
    now = stages.clock.now()
    lane = dispatch_lane("viber", bad)
    broken = Enqueue(Stage.DISPATCH, lane, bad.message_id, "no JSON", now - 1)
    await stages.store.apply([Change([broken])])
    works = await claim_due(stages.store, Stage.DISPATCH, 10, now)
    assert works[0].body == "no JSON"
    await stages.dispatcher.process(works, lambda *works: None)
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
        await stages.dispatcher.process(works, lambda *works: None)
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
    # The provider need not repeat the good one because of the other, which is kept.
    assert list(results) == [None, None]
    [leg] = await stages.store.find_legs(MessageId(taken.message_id))
    assert leg.state is LegState.DELIVERED
    assert await stages.store.next_due(Stage.RECEIPT, 0) == stages.clock.now() + 60_000


async def test_what_fails_for_a_day_is_logged_and_dropped(stages: Stages) -> None:
    await stages.send()
    faulty = Receipt(route="viber", kind=ReceiptKind.READ, at=stages.clock.now(), watermark=1)
    with capture_logs() as logs:
        await stages.hear(faulty)
        await stages.pass_time(2 * 86_400)
    assert (await stages.store.backlog()).get(Stage.RECEIPT, 0) == 0
    events = Counter(entry["event"] for entry in logs)
    # Once when it came, once for each try, and once for the end.
    assert (events["receipt.failed"], events["work.dead"]) == (32, 1)


async def test_a_message_that_cannot_be_read_holds_up_no_other(
    stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await stages.accept(recipient="380500000001")
    good = await stages.accept(recipient="380500000002")
    load = stages.store.load

    async def load_but_bad(ids: Iterable[MessageId]) -> dict[MessageId, MessageRecord]:
        if bad.message_id in (ids := list(ids)):
            raise msgspec.DecodeError("the row is damaged")
        return await load(ids)

    monkeypatch.setattr(stages.store, "load", load_but_bad)
    works = await claim_due(stages.store, Stage.DISPATCH, 10, stages.clock.now())
    await stages.dispatcher.process(works, lambda *works: None)
    assert await stages.states(good) == [LegState.SENT]
    assert await stages.states(bad) == [LegState.QUEUED]
    now = stages.clock.now()
    assert await stages.store.next_due(Stage.DISPATCH, now) == now + 60_000


async def test_an_acceptance_that_cannot_be_written_is_written_without_its_id(stages: Stages) -> None:
    # No connector makes an id with half a character.
    stages.viber.answers.append(Accepted("\ud800"))
    accepted = await stages.send(label="transaction")
    assert await stages.states(accepted) == [LegState.SENT]
    [attempt] = await stages.attempts(accepted)
    assert (attempt.outcome, attempt.provider_id) == (AttemptOutcome.ACCEPTED, None)
    await stages.pass_time(600)
    assert len(stages.viber.taken) == 1
