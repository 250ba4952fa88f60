"""What pages hear of changes: what they show alone, at most once a second; and one rendering for all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from waypost.sandbox.page_changes import MOST_REQUESTS_A_SECOND, SHORTEST_S, PageChanges
from waypost.sandbox.shared_answers import SharedAnswers

CHANGE = b"event: change\ndata: {}\n\n"


class Page:
    """A page that is open, with the changes that it heard of."""

    def __init__(self, changes: PageChanges, subject: str = "") -> None:
        self._stream = changes.stream(subject)
        self.heard = 0
        self._task = asyncio.ensure_future(self._read(self._stream))

    async def _read(self, stream: AsyncIterator[bytes]) -> None:
        async for text in stream:
            self.heard += text == CHANGE

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._stream.aclose()  # type: ignore[attr-defined]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        # What is waited for is not always an event of ours.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_page_hears_of_its_subject_alone() -> None:
    changes = PageChanges()
    whole, mine, other = Page(changes), Page(changes, "message-1"), Page(changes, "calls")
    await until(lambda: len(changes._watchers) == 3)
    changes.note(["message-1", "4915112345678"])
    await until(lambda: whole.heard == 1 and mine.heard == 1)
    changes.note_all()
    await until(lambda: other.heard == 1)
    assert (whole.heard, mine.heard, other.heard) == (2, 2, 1)
    for page in (whole, mine, other):
        await page.close()


async def test_many_changes_are_few() -> None:
    changes = PageChanges()
    page = Page(changes)
    await until(lambda: changes.is_watched)
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began < 0.5:
        changes.note(["a"])
        await asyncio.sleep(0.001)
    assert page.heard == 1
    # The last one is not lost.
    await until(lambda: page.heard == 2)
    assert loop.time() - began >= SHORTEST_S
    await page.close()


async def test_many_pages_hear_of_changes_less_often() -> None:
    changes = PageChanges()
    pages = [Page(changes) for _ in range(8)]
    await until(lambda: len(changes._watchers) == 8)
    began = asyncio.get_running_loop().time()
    changes.note(["a"])
    await until(lambda: all(page.heard == 1 for page in pages))
    changes.note(["a"])
    await until(lambda: all(page.heard == 2 for page in pages))
    assert asyncio.get_running_loop().time() - began >= 8 / MOST_REQUESTS_A_SECOND
    for page in pages:
        await page.close()


async def test_more_subjects_than_are_kept_are_everybodys_matter() -> None:
    changes = PageChanges()
    page = Page(changes, "none of these")
    await until(lambda: changes.is_watched)
    changes.note(str(n) for n in range(2000))
    await until(lambda: page.heard == 1)
    await page.close()


async def test_nothing_is_noted_while_no_page_is_open() -> None:
    watched: list[bool] = []
    changes = PageChanges(watched.append)
    changes.note(["a"])
    changes.note_all()
    first = Page(changes)
    await until(lambda: changes.is_watched)
    second = Page(changes)
    await until(lambda: len(changes._watchers) == 2)
    await first.close()
    assert watched == [True]
    changes.note(["a"])
    await second.close()
    assert (watched, second.heard) == ([True, False], 0)


async def test_a_sandbox_that_ends_ends_the_streams() -> None:
    changes = PageChanges()
    page = Page(changes)
    await until(lambda: changes.is_watched)
    changes.close()
    await asyncio.wait_for(page._task, 10)


class Renderings:
    """Makes answers, and counts them."""

    def __init__(self) -> None:
        self.made = 0
        self.go_on = asyncio.Event()

    async def __call__(self, _: Request) -> Response:
        self.made += 1
        await self.go_on.wait()
        return PlainTextResponse(str(self.made))


def request(path: str = "/view/live", *, query: str = "", language: str = "en", root: str = "") -> Request:
    scope: dict[str, Any] = {
        "type": "http",
        "path": path,
        "root_path": root,
        "query_string": query.encode(),
        "headers": [(b"accept-language", language.encode())],
    }
    return Request(scope)


async def test_all_who_look_at_the_same_have_one_rendering_until_something_changes() -> None:
    changes, make = PageChanges(), Renderings()
    shared = SharedAnswers(changes)
    page = Page(changes)
    await until(lambda: changes.is_watched)
    ten = [asyncio.ensure_future(shared.of(request(), make)) for _ in range(10)]
    await asyncio.sleep(0)
    ten[0].cancel()
    make.go_on.set()
    assert {(await each).body for each in ten[1:]} == {b"1"}
    for other in (
        request("/view/calls"),
        request(query="calls=3"),
        request(language="zh"),
        request(root="/@b"),
    ):
        await shared.of(other, make)
    assert make.made == 5
    changes.note_all()
    await until(lambda: page.heard == 1)
    await shared.of(request(), make)
    assert make.made == 6
    await page.close()


async def test_nothing_is_shared_while_nobody_would_hear_of_a_change() -> None:
    changes, make = PageChanges(), Renderings()
    make.go_on.set()
    shared = SharedAnswers(changes)
    assert [(await shared.of(request(), make)).body for _ in range(2)] == [b"1", b"2"]


async def test_a_rendering_that_failed_is_made_again() -> None:
    changes = PageChanges()
    shared = SharedAnswers(changes)
    page = Page(changes)
    await until(lambda: changes.is_watched)

    async def fail(_: Request) -> Response:
        raise LookupError

    with pytest.raises(LookupError):
        await shared.of(request(), fail)
    make = Renderings()
    make.go_on.set()
    assert (await shared.of(request(), make)).body == b"1"
    await page.close()
