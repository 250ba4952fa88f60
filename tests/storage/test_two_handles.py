"""Two handles on one database: what a cluster relies on. Each promise has a twin that breaks it, and must be
caught."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.model.messages import message
from tests.storage.databases import FIRST, LANE, NOW, enqueue, leg, write
from waypost.model.identifiers import AccountId, MessageId, MessageIds
from waypost.model.message.leg import LegState
from waypost.model.message.sms_limits import SmsCount
from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.changes import (
    AddMessage,
    Change,
    ClaimNonce,
    Count,
    CountSms,
    Enqueue,
    Finish,
    PutLeg,
    Refusal,
    RequireUnsuppressed,
    Suppress,
)
from waypost.storage.records import Lease, Stage, Work
from waypost.storage.sqlite import SqliteStore
from waypost.storage.sqlite import guards as guards_module
from waypost.storage.sqlite.transactions import Transactions

LEASE = 60.0


class RealTime:
    """Real time as the stores see it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Pair:
    """Two handles on one database."""

    def __init__(self, path: Path) -> None:
        self.time = RealTime()
        self.one, self.two = (SqliteStore(path, real_seconds=self.time, durable=False) for _ in range(2))

    async def close(self) -> None:
        for store in (self.one, self.two):
            # A promise that was caught half-way may have closed one already.
            with suppress(OSError, RuntimeError):
                await store.close()


Promise = Callable[[Pair], Coroutine[Any, Any, None]]


async def claim(store: SqliteStore, limit: int = 1, lease: float = LEASE) -> list[Work]:
    return await store.claim(Stage.DISPATCH, {LANE: limit}, NOW, lease)


async def a_row_is_claimed_by_one_of_them(pair: Pair) -> None:
    await enqueue(pair.one, *[NOW] * 40)
    claims = await asyncio.gather(*(claim(store, 3) for _ in range(10) for store in (pair.one, pair.two)))
    rows = [work.seq for works in claims for work in works]
    assert len(rows) == len(set(rows)) == 40


async def a_lease_that_ran_out_is_claimed_by_the_other_and_the_first_is_refused(pair: Pair) -> None:
    await enqueue(pair.one, NOW)
    [first] = await claim(pair.one)
    pair.time.now += LEASE - 1
    assert await claim(pair.two) == []
    pair.time.now += 2
    [second] = await claim(pair.two)
    assert second.seq == first.seq
    follow = Enqueue(Stage.TIMER, "", MessageId(FIRST), "{}", NOW)
    assert await write(pair.one, Finish(first), follow, works=[first]) is Refusal.LEASE_LOST
    assert (await pair.two.backlog())[Stage.TIMER] == 0
    assert await write(pair.two, Finish(second), works=[second]) is None


async def a_living_holder_keeps_its_row_and_a_dead_ones_is_free_at_once(pair: Pair) -> None:
    await enqueue(pair.one, NOW)
    [held] = await claim(pair.one)
    assert await claim(pair.two) == []
    await pair.one.close()
    pair.two._transactions._alive_until = {}
    [freed] = await claim(pair.two)
    assert freed.seq == held.seq
    pair.one = SqliteStore(pair.two._path, real_seconds=pair.time, durable=False)


async def a_node_that_joins_is_believed_to_live_at_once(pair: Pair) -> None:
    await enqueue(pair.two, NOW)
    # Who lives was just looked up.
    assert len(await claim(pair.two)) == 1
    await enqueue(pair.one, NOW)
    assert len(await claim(pair.one)) == 1
    assert await claim(pair.two) == []


NONCE = b"0123456789abcdef"


async def a_nonce_used_on_one_is_refused_on_the_other_across_slices_too(pair: Pair) -> None:
    def use(slice_: int) -> ClaimNonce:
        return ClaimNonce("key", NONCE, slice_, range(slice_ - 2, slice_ + 3))

    assert await write(pair.one, use(100)) is None
    for slice_ in (100, 101, 99, 102, 98):
        assert await write(pair.two, use(slice_)) is Refusal.NONCE_USED
    assert await write(pair.two, use(103)) is None
    both = [Change([ClaimNonce("key", b"x" * 16, 100, range(98, 103))])]
    outcomes = await asyncio.gather(*(store.apply(both) for store in (pair.one, pair.two)))
    assert sorted(str(outcome) for [outcome] in outcomes) == ["None", "Refusal.NONCE_USED"]


async def a_stop_noted_on_one_holds_on_the_other(pair: Pair) -> None:
    required = RequireUnsuppressed(AccountId("1"), "viber", "20001", "380501112233")
    assert await write(pair.two, required) is None
    stop = Suppression(
        account_id=AccountId("1"),
        channel="viber",
        sender="20001",
        recipient="380501112233",
        reason=OptOutReason.STOP_WORD,
        detail="stop",
        at=NOW,
    )
    await write(pair.one, Suppress(stop))
    assert await write(pair.two, required) is Refusal.SUPPRESSED


async def two_processes_share_a_limit_on_sms(pair: Pair) -> None:
    def count(hour: int, recipient: str = "380501112233") -> CountSms:
        return CountSms(
            [
                SmsCount(AccountId("1"), "recipient", recipient, hour, 5),
                SmsCount(AccountId("1"), "account", "", hour, 9),
            ]
        )

    for _ in range(2):
        for store in (pair.one, pair.two):
            assert await write(store, count(7)) is None
    batch = [Change([count(7)]) for _ in range(3)]
    outcomes = await asyncio.gather(*(store.apply(batch) for store in (pair.one, pair.two)))
    assert sum(outcome is None for each in outcomes for outcome in each) == 1
    assert {outcome for each in outcomes for outcome in each} == {None, Refusal.CAPPED}
    # Others have as much as the account has left; in the next hour there is as much again.
    outcome = await pair.two.apply([Change([count(7, f"38050111224{number}")]) for number in range(6)])
    assert outcome == [None, None, None, None, Refusal.CAPPED, Refusal.CAPPED]
    assert await write(pair.one, count(8)) is None


async def an_update_is_never_lost(pair: Pair) -> None:
    await write(pair.one, AddMessage(message(message_id=FIRST)), PutLeg(leg(FIRST)))

    async def bring_on(store: SqliteStore) -> None:
        """Counts one attempt of the leg, as a decision on what was read."""
        for _ in range(20):
            while True:
                record = (await store.load([MessageId(FIRST)]))[MessageId(FIRST)]
                [changed] = record.legs
                version = changed.version
                changed.attempts += 1
                changed.version += 1
                changed.state = LegState.SENT
                change = Change([PutLeg(changed)], (), MessageId(FIRST), version)
                [refusal] = await store.apply([change])
                if refusal is None:
                    break
                assert refusal is Refusal.CHANGED

    await asyncio.gather(bring_on(pair.one), bring_on(pair.two))
    [written] = await pair.one.find_legs(MessageId(FIRST))
    assert written.attempts == 40


async def ids_never_collide_and_rise_with_time(pair: Pair) -> None:
    assert pair.one.node().number != pair.two.node().number
    generators = [MessageIds(1, node=store.node().number, seed=7) for store in (pair.one, pair.two)]
    made = [
        [generator.next(NOW + moment) for generator in generators for _ in range(50)] for moment in range(20)
    ]
    flat = [id_ for of_moment in made for id_ in of_moment]
    assert len(set(flat)) == len(flat)
    for earlier, later in itertools.pairwise(made):
        assert max(earlier) < min(later)


async def counts_are_folded_once(pair: Pair) -> None:
    for store in (pair.one, pair.two):
        counted = TemplateCount(account_id=AccountId("1"), template_code="t", language="en", start=0, sent=1)
        await write(store, *[Count(counted)] * 5)
    for _ in range(3):
        await asyncio.gather(pair.one.fold_template_counts(), pair.two.fold_template_counts())
        [count] = await pair.two.template_counts(AccountId("1"), "t", 0, 1)
        assert count.sent == 10


async def what_one_writes_is_seen_by_the_other(pair: Pair) -> None:
    await pair.two.changed_elsewhere()
    await enqueue(pair.two, NOW)
    assert not await pair.two.changed_elsewhere()
    await enqueue(pair.one, NOW)
    assert await pair.two.changed_elsewhere()
    assert not await pair.two.changed_elsewhere()


PROMISES: list[Promise] = [
    a_row_is_claimed_by_one_of_them,
    a_lease_that_ran_out_is_claimed_by_the_other_and_the_first_is_refused,
    a_living_holder_keeps_its_row_and_a_dead_ones_is_free_at_once,
    a_node_that_joins_is_believed_to_live_at_once,
    a_nonce_used_on_one_is_refused_on_the_other_across_slices_too,
    a_stop_noted_on_one_holds_on_the_other,
    two_processes_share_a_limit_on_sms,
    an_update_is_never_lost,
    ids_never_collide_and_rise_with_time,
    counts_are_folded_once,
    what_one_writes_is_seen_by_the_other,
]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_two_handles_keep(tmp_path: Path, promise: Promise) -> None:
    pair = Pair(tmp_path / "waypost.db")
    await promise(pair)
    await pair.close()


def claims_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim that is not written."""
    monkeypatch.setattr("waypost.storage.sqlite.claims._CLAIM", "SELECT ?, ?, ?")


def leases_have_no_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds a row's id may finish it."""
    monkeypatch.setattr(
        guards_module,
        "_HELD",
        "SELECT w.key FROM json_each(?) AS w JOIN journal AS j ON j.seq = w.value ->> 0",
    )


def nobody_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """All holders count as alive."""
    monkeypatch.setattr(Transactions, "_living", lambda self, node: list(range(1, node.run + 100)))


def who_lives_is_looked_up_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that has joined since the last look counts as dead."""
    monkeypatch.setattr(Transactions, "_living", lambda self, node: [node.run])


def nonces_are_looked_up_and_then_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nonce is looked for in its own slice alone, before the transaction."""

    def insert(self: Transactions, claims: Any) -> int:
        rows = [(each.slice, each.access_key_id, each.digest) for each in claims]
        self._cursor.executemany("INSERT OR IGNORE INTO nonce VALUES (?, ?, ?)", rows)
        return self._cursor.rowcount

    monkeypatch.setattr(Transactions, "_insert_nonces", insert)


def opt_outs_in_a_filter_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is not looked at in the transaction."""
    for name in ("_LISTED", "_LISTED_OR_ERASED"):
        monkeypatch.setattr(guards_module, name, "SELECT key FROM json_each(?) WHERE 0")


def sms_are_counted_by_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process counted is not looked at."""
    monkeypatch.setattr(guards_module, "_COUNTED", "SELECT key, 0 FROM json_each(?) WHERE 0")


def decisions_are_written_on_any_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who writes last wins."""
    monkeypatch.setattr(guards_module, "_UNCHANGED", "SELECT key FROM json_each(?)")


def nodes_share_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every node is number 0."""
    monkeypatch.setattr(
        "waypost.storage.sqlite.node.Node._lock_number",
        lambda self: (0, __import__("os").open(self._lock_file(0), 0o102)),
    )


@pytest.mark.parametrize(
    ("promise", "broken"),
    [
        (a_row_is_claimed_by_one_of_them, claims_of_one_process),
        (
            a_lease_that_ran_out_is_claimed_by_the_other_and_the_first_is_refused,
            leases_have_no_fence,
        ),
        (a_living_holder_keeps_its_row_and_a_dead_ones_is_free_at_once, nobody_dies),
        (a_node_that_joins_is_believed_to_live_at_once, who_lives_is_looked_up_once_a_second),
        (
            a_nonce_used_on_one_is_refused_on_the_other_across_slices_too,
            nonces_are_looked_up_and_then_written,
        ),
        (a_stop_noted_on_one_holds_on_the_other, opt_outs_in_a_filter_alone),
        (two_processes_share_a_limit_on_sms, sms_are_counted_by_each_process),
        (an_update_is_never_lost, decisions_are_written_on_any_version),
        (ids_never_collide_and_rise_with_time, nodes_share_a_number),
    ],
    ids=lambda value: value.__name__,
)
async def test_a_twin_that_breaks_it_is_caught(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    promise: Promise,
    broken: Callable[[pytest.MonkeyPatch], None],
) -> None:
    broken(monkeypatch)
    pair = Pair(tmp_path / "waypost.db")
    with pytest.raises((AssertionError, ValueError)):
        await promise(pair)
    await pair.close()


async def test_an_earlier_claim_in_the_same_batch_does_not_refuse_the_present_one(tmp_path: Path) -> None:
    pair = Pair(tmp_path / "waypost.db")
    await enqueue(pair.one, NOW)
    [earlier] = await claim(pair.one)
    pair.time.now += LEASE + 1
    [present] = await claim(pair.one)
    finishes = [Change([Finish(work)], [work]) for work in (earlier, present, present)]
    assert await pair.one.apply(finishes) == [Refusal.LEASE_LOST, None, Refusal.LEASE_LOST]
    await pair.close()


async def test_a_lease_ends_for_its_own_handle_too(tmp_path: Path) -> None:
    pair = Pair(tmp_path / "waypost.db")
    lease = pair.one.lease(LEASE)
    assert isinstance(lease, Lease)
    await write(pair.one, Enqueue(Stage.DISPATCH, LANE, MessageId(FIRST), "{}", NOW, lease))
    assert await claim(pair.one) == []
    pair.time.now += LEASE + 1
    [again] = await claim(pair.one)
    assert again.fence > lease.fence
    await pair.close()
