"""What of a host's pushes goes into the next POST, and who waits for it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage.databases import FIRST
from waypost.delivery.options import CallbackOptions
from waypost.delivery.push_lines import Push, PushClaim, PushLines
from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.lanes import callback_lane
from waypost.storage.records import Callback, CallbackState, Stage, Work

HOST = "hooks.example:80"
BATCH = 4


def options(places: int = 100) -> CallbackOptions:
    return CallbackOptions(
        timeout=5, retry_schedule=(1.0,), batch=BATCH, concurrency_per_url=places, allow_private=True
    )


def lane_of(account: str) -> str:
    return callback_lane(AccountId(account), f"http://{HOST}/of/{account}")


def push(claim: PushClaim, seq: int, size: int = 1, kind: str = "ChatAppStatus", account: str = "1") -> Push:
    lane = lane_of(account)
    callback = Callback(
        message_id=MessageId(FIRST),
        account_id=AccountId(account),
        kind=kind,
        url=f"http://{HOST}/of/{account}",
        body="{}",
        state=CallbackState.WAITING,
        created_at=0,
    )
    work = Work(seq, Stage.CALLBACK, lane, MessageId(FIRST), 0, "{}", 0)
    return Push(work, [callback] * size, kind, claim)


def one_by_one(pushes: list[Push]) -> list[list[int]]:
    """The arrays that are filled by one push after the other, while it is of the kind and fits."""
    arrays: list[list[Push]] = []
    for each in pushes:
        latest = arrays[-1] if arrays else []
        size = sum(len(other.callbacks) for other in latest) + len(each.callbacks)
        if latest and latest[0].kind == each.kind and size <= BATCH:
            latest.append(each)
        else:
            arrays.append([each])
    return [[each.work.seq for each in array] for array in arrays]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, BATCH), st.sampled_from(["ChatAppStatus", "ChatAppInbound"]))))
def test_a_post_takes_what_fits_of_one_kind_in_order(made: list[tuple[int, str]]) -> None:
    async def arrays() -> None:
        claim = PushClaim(lambda *works: None)
        pushes = [push(claim, seq, size, kind) for seq, (size, kind) in enumerate(made)]
        lines = PushLines(options())
        if pushes:
            assert lines.add(lane_of("1"), pushes) == HOST
        begun = []
        while (next_ := lines.begin(HOST)) is not None:
            begun.append([each.work.seq for each in next_[1]])
        assert begun == one_by_one(pushes)

    asyncio.run(arrays())


async def test_lines_of_a_host_take_turns_and_the_last_places_are_for_other_accounts() -> None:
    claim = PushClaim(lambda *works: None)
    lines = PushLines(options(places=4))
    lines.add(lane_of("1"), [push(claim, seq, BATCH) for seq in range(4)])
    lines.add(lane_of("2"), [push(claim, 10 + seq, BATCH, account="2") for seq in range(2)])
    begun = []
    while (next_ := lines.begin(HOST)) is not None:
        begun.append(next_)
    assert [pushes[0].work.seq for _, pushes in begun] == [0, 10, 1], "the last place is for a third account"
    lines.add(lane_of("3"), [push(claim, 20, account="3")])
    third = lines.begin(HOST)
    assert third is not None
    assert third[0].account_id == "3"
    assert lines.begin(HOST) is None, "there is no place"
    for line, _ in begun:
        lines.end(line)
    assert [pushes[0].work.seq for _, pushes in iter(lambda: lines.begin(HOST), None)] == [11, 2]


async def test_whoever_claimed_waits_until_all_its_pushes_have_ended_and_learns_the_first_error() -> None:
    released: list[int] = []
    claim = PushClaim(lambda *works: released.extend(work.seq for work in works))
    pushes = [push(claim, seq) for seq in range(4)]
    claim.begin(len(pushes))
    waiting = asyncio.create_task(claim.wait())
    claim.end([pushes[0].work, pushes[1].work])
    claim.fail(1, OSError("first"))
    await asyncio.sleep(0)
    assert not waiting.done()
    claim.fail(1, OSError("second"))
    with pytest.raises(OSError, match="first"):
        await waiting
    assert released == [0, 1]
