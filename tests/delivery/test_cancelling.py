"""A campaign is stopped: what no provider has ends, once and for all, and the rest is left alone."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.delivery.stages import BUSY, NO_ANSWER, NOT_ON_VIBER, Stages, Taken
from tests.model.messages import SMS, fallback
from waypost.delivery.cancelling import Canceller
from waypost.messaging.cancellation import Extent, accepted_by_now, carry_out, survey
from waypost.model.fallback.chain import Fallback, StepCondition
from waypost.model.identifiers import AccountId
from waypost.model.message.cancellation import CancelFilter, Cancellation
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import ReceiptKind
from waypost.storage.backlogs import Place
from waypost.storage.changes import Change, PutAttempt
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

EVERYTHING = CancelFilter(account_id=AccountId("1"))


@pytest.fixture
def other(stages: Stages, runner: asyncio.Runner) -> Iterator[SqliteStore]:
    """A second handle on the database, as another process has it."""
    store = SqliteStore(stages.path, durable=False)
    yield store
    runner.run(store.close())


async def record(stages: Stages, filters: CancelFilter = EVERYTHING) -> Cancellation:
    now = stages.clock.now()
    before = accepted_by_now(stages.store, now)
    id_ = await stages.store.transact(lambda t: t.cancellations.add(filters, before, "cli/root", now))
    found = await stages.store.cancellations.find(id_)
    assert found is not None
    return found


async def end(stages: Stages, filters: CancelFilter = EVERYTHING, **more: Any) -> Extent:
    """Ends the legs without publishing that, as up to a kill."""
    return await carry_out(stages.store, await record(stages, filters), stages.clock.now, **more)


async def cancel(stages: Stages, filters: CancelFilter = EVERYTHING) -> Cancellation:
    recorded = await record(stages, filters)
    await Canceller(stages.store, stages.context).carry_out(recorded)
    done = await stages.store.cancellations.find(recorded.id)
    assert done is not None
    assert done.state == "done"
    return done


async def test_what_waits_ends_as_failed_with_its_own_code_and_its_timers_are_dropped(stages: Stages) -> None:
    messages = [await stages.accept(task_id="sale") for _ in range(5)]
    done = await cancel(stages)
    assert (done.cancelled, done.with_provider) == (5, 0)
    for message in messages:
        assert await stages.states(message) == [LegState.FAILED]
        [body] = await stages.callback_bodies(message)
        assert (body["Status"], body["ErrorCode"]) == ("Failed", "CANCELLED")
        assert body["TaskId"] == "sale"
        assert "cancelled before a provider had it: failed" in await stages.timeline(message)
    assert await stages.journal_rows() == 0
    await stages.pass_time(7 * 86_400)
    assert stages.viber.taken == []


async def test_what_a_provider_has_or_may_have_is_left_and_counted(stages: Stages) -> None:
    sent = await stages.send()
    stages.viber.answers.append(NO_ANSWER)
    in_doubt = await stages.send(label="transaction")
    waiting = await stages.accept()
    done = await cancel(stages)
    assert (done.cancelled, done.with_provider) == (1, 2)
    assert await stages.states(waiting) == [LegState.FAILED]
    await stages.receipt(stages.viber.taken[0], ReceiptKind.DELIVERED)
    assert await stages.states(sent) == [LegState.DELIVERED]
    assert await stages.states(in_doubt) == [LegState.IN_DOUBT]


async def test_a_leg_that_a_provider_has_ends_in_its_time_when_its_fallback_is_cancelled(
    stages: Stages,
) -> None:
    message = await stages.send(fallback=fallback(duration=60))
    stages.sms.answers.append(BUSY)
    await stages.pass_time(60)
    assert await stages.states(message) == [LegState.SENT, LegState.QUEUED]
    assert (await cancel(stages)).cancelled == 1
    assert await stages.states(message) == [LegState.SENT, LegState.FAILED]
    await stages.pass_time(7 * 86_400)
    assert await stages.states(message) == [LegState.EXPIRED, LegState.FAILED]
    assert await stages.journal_rows() == 0


async def test_what_a_provider_refused_for_now_is_not_tried_again(stages: Stages) -> None:
    stages.viber.answers.append(BUSY)
    message = await stages.send()
    assert await stages.states(message) == [LegState.QUEUED]
    assert (await cancel(stages)).cancelled == 1
    await stages.pass_time(86_400)
    assert len(stages.viber.taken) == 1
    assert await stages.statuses(message) == [(0, "Failed")]


async def test_nothing_falls_back_after_it(stages: Stages) -> None:
    message = await stages.accept(fallback=fallback(duration=60))
    await cancel(stages)
    await stages.pass_time(86_400)
    assert await stages.states(message) == [LegState.FAILED]
    assert stages.sms.taken == []


async def test_what_a_provider_has_does_not_fall_back_after_it(stages: Stages) -> None:
    silent = await stages.send(fallback=fallback(duration=60))
    failing = await stages.send(fallback=fallback(duration=60))
    assert (await cancel(stages)).with_provider == 2
    await stages.receipt(stages.viber.taken[1], ReceiptKind.FAILED)
    await stages.pass_time(7 * 86_400)
    assert stages.sms.taken == []
    for message in (silent, failing):
        assert len(await stages.legs(message)) == 1
        assert "no fallback: the message was cancelled" in await stages.timeline(message)


async def test_what_was_delivered_and_waits_to_be_read_does_not_fall_back_after_it(stages: Stages) -> None:
    step = replace(SMS, condition=StepCondition.UNREAD, wait=60)
    sent = [await stages.send(fallback=Fallback("S_000001", "", 60, (step,))) for _ in range(2)]
    for taken in stages.viber.taken[:]:
        await stages.receipt(taken, ReceiptKind.DELIVERED)
    assert (await cancel(stages)).with_provider == 0
    later = await stages.send(fallback=Fallback("S_000001", "", 60, (step,)))
    await stages.receipt(stages.viber.taken[-1], ReceiptKind.DELIVERED)
    await stages.pass_time(7 * 86_400)
    assert [taken.message_id for taken in stages.sms.taken] == [later.message_id]
    assert [await stages.states(message) for message in sent] == [[LegState.DELIVERED]] * 2


async def test_what_is_refused_for_now_after_it_is_not_tried_again(stages: Stages) -> None:
    async def cancel_meanwhile(_: Taken) -> None:
        stages.viber.on_send = None
        await cancel(stages)

    stages.viber.on_send = cancel_meanwhile
    stages.viber.answers.append(BUSY)
    message = await stages.send()
    assert await stages.statuses(message) == [(0, "Failed")]
    [leg] = await stages.legs(message)
    assert (leg.failure, leg.code) == (SendFailure.CANCELLED, "CANCELLED")
    await stages.pass_time(7 * 86_400)
    assert len(stages.viber.taken) == 1
    assert await stages.journal_rows() == 0


async def test_what_is_in_doubt_is_not_sent_again_after_it(stages: Stages) -> None:
    stages.viber.answers.append(NO_ANSWER)
    message = await stages.send(label="transaction", fallback=fallback(duration=3600))
    await cancel(stages)
    await stages.pass_time(7 * 86_400)
    assert len(stages.viber.taken) == 1
    assert stages.sms.taken == []
    assert "not sent again: the message was cancelled" in await stages.timeline(message)
    assert await stages.journal_rows() == 0


async def test_the_timer_of_a_fallback_finds_it_cancelled_before_that_is_published(stages: Stages) -> None:
    message = await stages.accept(fallback=fallback(duration=60))
    await end(stages)
    # Only timers run meanwhile, as while the route is paused.
    stages.clock.move_to(stages.ms(61))
    await stages.settle([Stage.TIMER])
    assert await stages.states(message) == [LegState.FAILED]
    assert "no fallback: the message was cancelled" in await stages.timeline(message)


async def test_a_fallback_that_waits_is_cancelled_too(stages: Stages) -> None:
    stages.viber.answers.append(NOT_ON_VIBER)
    message = await stages.accept(fallback=fallback(duration=60))
    works = await stages.store.claim(
        Stage.DISPATCH, {"viber 1 transaction": 1, "viber 1 promotion": 1}, stages.clock.now(), 60
    )
    await stages.dispatcher.process(works, lambda *works: None)
    assert await stages.states(message) == [LegState.FAILED, LegState.QUEUED]
    assert (await cancel(stages)).cancelled == 1
    await stages.pass_time(86_400)
    assert stages.sms.taken == []
    assert await stages.statuses(message) == [(0, "Failed"), (1, "Failed")]
    assert [leg.failure for leg in await stages.legs(message)] == [
        SendFailure.NOT_ON_CHANNEL,
        SendFailure.CANCELLED,
    ]


async def test_filters_narrow_each_other(stages: Stages) -> None:
    both = await stages.accept(task_id="sale", template_code="T1")
    for more in ({"task_id": "sale"}, {"template_code": "T1"}, {"group_id": "g", "task_id": "news"}, {}):
        await stages.accept(**more)

    async def cancelled(**filters: str) -> int:
        narrowed = CancelFilter(account_id=AccountId("1"), **filters)  # type: ignore[arg-type]
        extent = await survey(stages.store, narrowed, stages.clock.now())
        return extent.waiting

    assert await cancelled(task_id="sale") == 2
    assert await cancelled(template_code="T1") == 2
    assert await cancelled(group_id="g") == 1
    assert await cancelled(space_id="nobodys") == 0
    assert await cancelled() == 5
    narrowed = CancelFilter(account_id=AccountId("1"), task_id="sale", template_code="T1")
    assert (await cancel(stages, narrowed)).cancelled == 1
    assert await stages.states(both) == [LegState.FAILED]


async def test_of_another_account_nothing_is_cancelled(stages: Stages) -> None:
    message = await stages.accept()
    assert (await cancel(stages, CancelFilter(account_id=AccountId("2")))).cancelled == 0
    assert await stages.states(message) == [LegState.QUEUED]


async def test_what_is_accepted_after_it_is_sent(stages: Stages) -> None:
    recorded = await record(stages)
    stages.clock.move_to(stages.ms(1))
    later = await stages.accept()
    assert await carry_out(stages.store, recorded, stages.clock.now) == (0, 0)
    await stages.settle()
    assert await stages.states(later) == [LegState.SENT]


async def test_a_claim_that_was_made_before_sends_nothing_after_it(
    stages: Stages, other: SqliteStore
) -> None:
    message = await stages.accept()
    # Another process has claimed the row, and has read the message: its decision comes too late.
    lanes = {lane: 10 for lane, _ in await other.lanes(Stage.DISPATCH)}
    works = await other.claim(Stage.DISPATCH, lanes, stages.clock.now(), 60)
    assert len(works) == 1
    loaded = other.load

    async def load_and_be_late(ids: Any) -> Any:
        records = await loaded(ids)
        stages.dispatcher._store.load = loaded  # type: ignore[method-assign]
        await end(stages)
        return records

    stages.dispatcher._store.load = load_and_be_late  # type: ignore[assignment, method-assign]
    await stages.dispatcher.process(works, lambda *works: None)
    assert stages.viber.taken == []
    assert await stages.statuses(message) == [(0, "Failed")]
    assert await stages.journal_rows() == 0


async def test_each_is_published_once_by_whoever_is_first(stages: Stages, other: SqliteStore) -> None:
    messages = [await stages.accept() for _ in range(20)]
    recorded = await record(stages)
    await carry_out(stages.store, recorded, stages.clock.now)
    lanes = {lane: 10 for lane, _ in await other.lanes(Stage.DISPATCH)}
    works = await stages.store.claim(Stage.DISPATCH, lanes, stages.clock.now(), 60)
    again = Canceller(other, stages.context)
    await asyncio.gather(
        stages.dispatcher.process(works, lambda *works: None),
        again.carry_out(recorded),
        Canceller(stages.store, stages.context).carry_out(recorded),
    )
    for message in messages:
        assert await stages.statuses(message) == [(0, "Failed")]
    assert await stages.journal_rows() == 0


async def test_two_that_carry_out_the_same_count_each_leg_once(stages: Stages, other: SqliteStore) -> None:
    for _ in range(30):
        await stages.accept()
    recorded = await record(stages)
    now = stages.clock.now
    one, two = await asyncio.gather(
        carry_out(stages.store, recorded, now, chunk=4), carry_out(other, recorded, now, chunk=7)
    )
    assert one.waiting + two.waiting == 30
    found = await other.cancellations.find(recorded.id)
    assert found is not None
    assert found.cancelled == 30


async def test_a_crash_in_the_middle_is_finished_at_the_next_start(tmp_path: Path) -> None:
    stages = Stages(tmp_path / "waypost.db")
    messages = [await stages.accept() for _ in range(30)]
    recorded = await record(stages)
    reader = stages.store.cancellations.waiting
    legs = reader(EVERYTHING, recorded.before, "viber 1 promotion", Place(), 7).legs
    assert legs.size == 7
    await stages.store.transact(lambda t: t.cancellations.end_legs(recorded.id, legs, stages.clock.now()))
    await stages.restart()
    [left] = await stages.store.cancellations.open()
    assert left.state == "ending"
    await Canceller(stages.store, stages.context).carry_out(left)
    assert await stages.store.cancellations.open() == []
    for message in messages:
        assert await stages.statuses(message) == [(0, "Failed")]
    assert await stages.journal_rows() == 0
    await stages.close()


async def test_a_late_receipt_of_an_earlier_attempt_wins(stages: Stages) -> None:
    stages.viber.answers.append(BUSY)
    message = await stages.send()
    await end(stages)
    # The provider had said that it did not take it, and delivered it all the same.
    [attempt] = await stages.attempts(message)
    await stages.store.apply([Change([PutAttempt(replace(attempt, provider_id="viber-0"))])])
    await stages.receipt(stages.viber.taken[0], ReceiptKind.DELIVERED)
    assert await stages.states(message) == [LegState.DELIVERED]
    await cancel(stages)
    assert [status for _, status in await stages.statuses(message)] == ["Delivered"]
    await stages.pass_time(3600)
    assert await stages.journal_rows() == 0
