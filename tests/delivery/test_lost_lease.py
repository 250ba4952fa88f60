"""A holder that lost its lease: it neither sends nor overwrites, and what its provider had answered still
counts."""

import asyncio
from pathlib import Path

import pytest

from tests.claims import claim_due
from tests.delivery.stages import NO_ANSWER, Stages, Taken
from tests.model.messages import fallback
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import AttemptOutcome, LegState
from waypost.model.message.outcomes import Accepted, ReceiptKind, Refused
from waypost.storage.records import Stage


@pytest.fixture
def transaction() -> dict[str, object]:
    return {"label": "transaction", "fallback": fallback(duration=600)}


async def test_what_is_answered_after_the_lease_was_lost_is_followed(
    stages: Stages, transaction: dict[str, object]
) -> None:
    submitted, answered = asyncio.Event(), asyncio.Event()

    async def hang(_: Taken) -> None:
        submitted.set()
        await answered.wait()

    stages.viber.on_send = hang
    accepted = await stages.accept(**transaction)
    [work] = await claim_due(stages.store, Stage.DISPATCH, 1, stages.clock.now())
    sending = asyncio.create_task(stages.dispatcher.process([work], lambda *works: None))
    await submitted.wait()
    stages.viber.on_send = None

    other = Stages(stages.path)
    other.clock.move_to(stages.clock.now())
    # The first holder counts as dead, as after the end of its lease.
    other.store._transactions._living = lambda node: [node.run]  # type: ignore[method-assign]
    [taken_over] = await claim_due(other.store, Stage.DISPATCH, 1, other.clock.now())
    assert (taken_over.seq, taken_over.fence > work.fence) == (work.seq, True)
    await other.dispatcher.process([taken_over], lambda *works: None)
    assert await stages.states(accepted) == [LegState.IN_DOUBT]

    answered.set()
    await sending
    assert await stages.states(accepted) == [LegState.SENT]
    [attempt] = await stages.attempts(accepted)
    assert (attempt.outcome, attempt.provider_id) == (AttemptOutcome.ACCEPTED, "viber-0")
    # Nothing is sent a second time, and a receipt with the provider's id finds its way.
    await other.pass_time(300)
    assert len(stages.viber.taken) == 1
    await stages.receipt(stages.viber.taken[0], ReceiptKind.DELIVERED)
    assert await stages.states(accepted) == [LegState.DELIVERED]
    await other.close()


@pytest.mark.parametrize(
    "outcome", [Refused(SendFailure.BUSY, "", "busy"), Refused(SendFailure.OPTED_OUT, "", ""), NO_ANSWER]
)
async def test_a_late_answer_that_is_no_acceptance_changes_no_leg_and_no_journal_row(
    stages: Stages, transaction: dict[str, object], outcome: Refused
) -> None:
    submitted, answered = asyncio.Event(), asyncio.Event()

    async def hang(_: Taken) -> None:
        submitted.set()
        await answered.wait()

    stages.viber.on_send = hang
    stages.viber.answers.append(outcome)
    accepted = await stages.accept(**transaction)
    [work] = await claim_due(stages.store, Stage.DISPATCH, 1, stages.clock.now())
    sending = asyncio.create_task(stages.dispatcher.process([work], lambda *works: None))
    await submitted.wait()
    other = Stages(stages.path)
    other.store._transactions._living = lambda node: [node.run]  # type: ignore[method-assign]
    [taken_over] = await claim_due(other.store, Stage.DISPATCH, 1, other.clock.now())
    await other.dispatcher.process([taken_over], lambda *works: None)
    before = await stages.journal_rows()
    answered.set()
    await sending
    assert await stages.states(accepted) == [LegState.IN_DOUBT]
    assert await stages.journal_rows() == before
    await other.close()


async def test_a_request_is_not_begun_when_the_claim_is_about_to_end(stages: Stages) -> None:
    accepted = await stages.accept(label="transaction")
    [lane] = [lane for lane, _ in await stages.store.lanes(Stage.DISPATCH)]
    # The lease is shorter than the longest request.
    [work] = await stages.store.claim(Stage.DISPATCH, {lane: 1}, stages.clock.now(), 1.0)
    await stages.dispatcher.process([work], lambda *works: None)
    assert stages.viber.taken == []
    assert await stages.states(accepted) == [LegState.QUEUED]
    await stages.pass_time(10)
    assert len(stages.viber.taken) == 1
    assert isinstance(stages.viber.taken[0].outcome, Accepted)


async def test_two_processes_follow_one_message_and_lose_no_change(tmp_path: Path) -> None:
    one, two = Stages(tmp_path / "waypost.db"), Stages(tmp_path / "waypost.db")
    accepted = await one.send(fallback=fallback(duration=60))
    [taken] = one.viber.taken
    for both in (one, two):
        both.clock.move_to(one.clock.now() + 60_000)
    # A receipt arrives at one of them in the moment in which the other's fallback timer fires.
    works = await claim_due(two.store, Stage.TIMER, 9, two.clock.now())
    firing = [one.hear(one.receipt_of(taken, ReceiptKind.DELIVERED))]
    if works:
        await asyncio.gather(*firing, two._process[Stage.TIMER](works, lambda *works: None))
    else:
        await firing[0]
    await two.settle()
    states = await one.states(accepted)
    assert states[0] is LegState.DELIVERED
    # A second leg that was begun in that moment is given up before it leaves.
    assert states[1:] in ([], [LegState.FAILED])
    assert two.sms.taken == one.sms.taken == []
    await one.close()
    await two.close()
