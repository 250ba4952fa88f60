"""Statuses reach the customer in the order of publishing, whatever fails, by whichever process."""

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.claims import claim_due
from tests.delivery.pushes import GOOD, Pushes, Receiver, pushing
from tests.delivery.stages import RepeatingStore
from tests.storage.databases import FIRST
from waypost.delivery.notifier import Notifier
from waypost.storage.records import CallbackState, Stage

MESSAGES = [str(int(FIRST) + number * 1000) for number in range(4)]
BAD = [(500, b""), (200, b'{"code":1}'), (200, b"no JSON")]
CONNECTIONS = 4
_ROUNDS = 60

rounds = st.lists(
    st.tuples(
        # By which handle which messages' statuses are published, and what the next pushes are answered.
        st.lists(st.tuples(st.booleans(), st.sampled_from(MESSAGES)), max_size=8),
        st.lists(st.sampled_from([GOOD, GOOD, *BAD]), max_size=4),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=4,
)


@given(story=rounds, batch=st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_no_status_overtakes_an_earlier_one(
    story: list[tuple[list[tuple[bool, str]], list[tuple[int, bytes]], int]], batch: int
) -> None:
    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            schedule = (1.0,) * _ROUNDS
            async with pushing(
                Path(folder) / "waypost.db",
                batch=batch,
                concurrency_per_url=CONNECTIONS,
                retry_schedule=schedule,
            ) as pushes:
                other = pushes.another_handle()
                try:
                    await play(pushes, other, story)
                finally:
                    await other[0].close()

    asyncio.run(main())


async def play(
    pushes: Pushes,
    other: tuple[RepeatingStore, Notifier],
    story: list[tuple[list[tuple[bool, str]], list[tuple[int, bytes]], int]],
) -> None:
    own = pushes.store, pushes.notifier
    published: defaultdict[str, list[int]] = defaultdict(list)
    number = 0
    for publications, answers, seconds in story:
        pushes.receiver.answers.extend(answers)
        for by_other, message in publications:
            pushes.store = other[0] if by_other else own[0]
            await pushes.publish(message)
            number += 1
            published[message].append(number)
        pushes.store = own[0]
        await asyncio.gather(settle(pushes, *own), settle(pushes, *other))
        pushes.clock.move_to(pushes.clock.now() + seconds * 1000)
    for _ in range(_ROUNDS):
        if not (await own[0].backlog())[Stage.CALLBACK]:
            break
        pushes.clock.move_to(pushes.clock.now() + 10_000)
        await asyncio.gather(settle(pushes, *own), settle(pushes, *other))
    check(pushes.receiver, published)
    assert set(await pushes.states()) <= {CallbackState.DELIVERED}


async def settle(pushes: Pushes, store: RepeatingStore, notifier: Notifier) -> None:
    """Pushes what one of the two claims."""
    while works := await claim_due(store, Stage.CALLBACK, 3, pushes.clock.now()):
        await notifier.process(works, lambda *works: None)


def check(receiver: Receiver, published: dict[str, list[int]]) -> None:
    assert receiver.at_once <= 1
    came: defaultdict[str, list[int]] = defaultdict(list)
    for push in receiver.pushes:
        for one in push.objects:
            seen = came[one["MessageId"]]
            # Whatever comes anew is the next; a repeat is of what came last.
            known = published[one["MessageId"]]
            new = [number for number in known if number not in seen]
            assert one["n"] in seen or one["n"] == new[0]
            seen.append(one["n"])
    for message, numbers in published.items():
        assert list(dict.fromkeys(came[message])) == numbers
