"""Turns of connections: in the order in which they became ready, and one page at a time."""

import asyncio

from waypost.server.turns import Turns


class Worker:
    """A connection with some steps to do, each in a turn of its own."""

    def __init__(
        self, name: str, turns: Turns, done: asyncio.Queue[str], steps: int, page_waits: int = 0
    ) -> None:
        self.name = name
        self._turns = turns
        self._done = done
        self._steps = steps
        self._page_waits = page_waits

    def go_on(self) -> None:
        self._done.put_nowait(self.name)
        self._steps -= 1
        if self._page_waits:
            self._turns.begin_page(self._make_page())
        if self._steps:
            self._turns.run_later(self)

    async def _make_page(self) -> None:
        for _ in range(self._page_waits):
            await asyncio.sleep(0)
        self._done.put_nowait(f"{self.name}'s page")


async def taken(done: asyncio.Queue[str], count: int) -> list[str]:
    async with asyncio.timeout(10):
        return [await done.get() for _ in range(count)]


async def test_all_go_on_in_turn() -> None:
    turns, done = Turns(), asyncio.Queue[str]()
    for name in "abc":
        turns.run_later(Worker(name, turns, done, steps=3))
    assert "".join(await taken(done, 9)) == "abcabcabc"


async def test_a_page_is_made_before_the_next_turn() -> None:
    turns, done = Turns(), asyncio.Queue[str]()
    for name in "ab":
        turns.run_later(Worker(name, turns, done, steps=2, page_waits=5))
    assert await taken(done, 8) == ["a", "a's page", "b", "b's page"] * 2


async def test_a_page_that_waits_for_something_does_not_hold_the_others_up() -> None:
    turns, done, never = Turns(), asyncio.Queue[str](), asyncio.Event()

    async def wait() -> None:
        await never.wait()

    class LongPoll:
        def go_on(self) -> None:
            turns.begin_page(wait())

    turns.run_later(LongPoll())
    turns.run_later(Worker("b", turns, done, steps=1))
    assert await taken(done, 1) == ["b"]
    assert len(turns.pages) == 1
    never.set()
    await asyncio.wait(turns.pages)


async def test_a_worker_that_fails_takes_no_turn_of_others() -> None:
    turns, done, faults = Turns(), asyncio.Queue[str](), list[str]()
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: faults.append(str(context["exception"]))
    )

    class Broken:
        def go_on(self) -> None:
            raise ValueError("broken")

    turns.run_later(Broken())
    turns.run_later(Worker("b", turns, done, steps=1))
    assert await taken(done, 1) == ["b"]
    assert faults == ["broken"]
