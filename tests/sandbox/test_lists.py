"""Everything can be listed, by pages that mean the same everywhere, and followed as events."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.processes import Running, start_sandbox
from tests.sdk.callers import FREE, Sandbox
from waypost.sandbox.event_feed import MOST_KEPT, MOST_READERS, EventFeed

PEOPLE = [f"49151123456{number:02}" for number in range(7)]

LISTS = {
    "messages": ("message_id", ""),
    "calls": ("id", ""),
    "callbacks": ("id", ""),
    "phones": ("id", ""),
}
"""List to the member by which its pages go on, and its filter."""


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    with start_sandbox(limit=0) as running:
        sandbox = Sandbox(running)
        for person in PEOPLE:
            sandbox.send(**FREE, to=person)
            sandbox.advance(5)
        sandbox.refused(**FREE, to="12")
        yield running


def entries(process: Running, what: str, query: str = "") -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = process.get(f"/sandbox/{what}{query}")[what]
    return listed


@pytest.mark.parametrize("what", LISTS)
def test_pages_backwards_and_forwards_have_everything_once(process: Running, what: str) -> None:
    key, _ = LISTS[what]
    everything = entries(process, what)
    assert len(everything) >= len(PEOPLE)
    is_newest_first = what in ("messages", "phones")
    for direction in ("before", "after"):
        # The first page backwards is the newest one; forwards it begins behind the oldest entry.
        oldest = everything[-1] if is_newest_first else everything[0]
        found = [oldest] if direction == "after" else []
        bound = f"&after={oldest[key]}" if direction == "after" else ""
        while True:
            answer = process.get(f"/sandbox/{what}?limit=2{bound}")
            page = answer[what]
            assert len(page) <= 2
            is_in_front = is_newest_first == (direction == "after")
            found = [*page, *found] if is_in_front else [*found, *page]
            if not answer["more"]:
                break
            edge = page[0] if is_in_front else page[-1]
            bound = f"&{direction}={edge[key]}"
        assert found == everything, direction


@pytest.mark.parametrize(
    ("what", "query", "count"),
    [
        ("calls", f"?to={PEOPLE[0]}", 1),
        ("calls", "?code=OK&account=1&operation=SendChatappMessage&key=sandbox", 7),
        ("calls", "?key=nobody", 0),
        ("callbacks", "?kind=ChatAppStatus&account=1&state=stored&limit=4", 4),
        ("callbacks", "?kind=ChatAppInbound", 0),
        ("callbacks", "?url=https://", 0),
        ("phones", f"?number=%2B{PEOPLE[3]}", 1),
        ("messages", f"?to={PEOPLE[3]}&limit=1", 1),
    ],
)
def test_lists_have_filters(process: Running, what: str, query: str, count: int) -> None:
    assert len(entries(process, what, query)) == count


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("calls?page=2", "there is no parameter page; there are: code, operation"),
        ("calls?before=x", "before must be a whole number"),
        ("calls?before=1&after=2", "before and after cannot be there both"),
        ("callbacks?limit=0", "limit must be a whole number from 1"),
        ("callbacks?state=lost", "state must be one of: "),
        ("phones?after=nobody", "after must be the id of an entry of this list"),
        ("messages?after=1", "after must be a MessageId: 25 digits"),
    ],
)
def test_a_query_that_is_not_understood_is_refused_with_a_sentence(
    process: Running, query: str, sentence: str
) -> None:
    assert sentence in process.get(f"/sandbox/{query}")["error"]


class Reader:
    """A reader of the events of a sandbox."""

    def __init__(self, process: Running, last_id: str = "") -> None:
        self._connection = http.client.HTTPConnection(process.endpoint, timeout=20)
        headers = {"Last-Event-ID": last_id} if last_id else {}
        self._connection.request("GET", "/sandbox/events", headers=headers)
        self.answer = self._connection.getresponse()
        if self.answer.status == 200:
            self.next_block()

    def next_block(self) -> dict[str, str]:
        """The fields of the next event or comment."""
        fields = {}
        while line := self.answer.readline().strip():
            name, _, value = line.decode().partition(": ")
            fields[name] = value
        return fields

    def until(self, kind: str, **members: Any) -> dict[str, str]:
        """The next event of a kind with such data."""
        while True:
            block = self.next_block()
            if block.get("event") == kind and json.loads(block["data"]).items() >= members.items():
                return block

    def close(self) -> None:
        self._connection.close()


def test_events_name_what_came_and_what_changed(process: Running) -> None:
    reader, sandbox = Reader(process), Sandbox(process)
    assert reader.answer.getheader("Content-Type", "").startswith("text/event-stream")
    message_id = sandbox.send(**FREE, to=PEOPLE[0])
    reader.until("message", message_id=message_id, state="queued", to=PEOPLE[0])
    reader.until("call", message_id=message_id, code="OK")
    sandbox.advance(5)
    reader.until("callback", message_id=message_id, state="stored")
    reader.until("clock")
    reader.until("message", message_id=message_id, state="read")
    reader.close()


def test_a_reader_goes_on_where_it_was(process: Running) -> None:
    reader, sandbox = Reader(process), Sandbox(process)
    first = sandbox.send(**FREE, to=PEOPLE[0])
    seen = reader.until("call", message_id=first)
    reader.close()
    missed = sandbox.send(**FREE, to=PEOPLE[1])
    again = Reader(process, seen["id"])
    again.until("call", message_id=missed)
    again.close()


def test_a_reader_with_an_id_of_another_run_has_lost_events(process: Running) -> None:
    reader = Reader(process, "0000-5")
    assert reader.next_block()["event"] == "lost"
    reader.close()


def test_more_readers_than_allowed_are_refused(process: Running) -> None:
    readers = [Reader(process) for _ in range(MOST_READERS)]
    refused = Reader(process)
    assert refused.answer.status == 503
    for reader in (*readers, refused):
        reader.close()


def test_a_stop_ends_the_streams() -> None:
    with start_sandbox() as process:
        reader = Reader(process)
        assert process.stop() == 0
        assert reader.answer.read() == b""
        reader.close()


async def test_nothing_is_kept_while_nobody_reads() -> None:
    watched: list[bool] = []
    feed = EventFeed(watched.append)

    def fail() -> object:
        raise AssertionError("nobody wants it")

    feed.publish("call", fail)
    assert watched == []


async def test_a_reader_that_stalls_is_cut_off_and_nothing_grows() -> None:
    feed = EventFeed()
    stream = feed.stream()
    await anext(stream)
    feed.publish("call", lambda: {"number": -1})
    assert b'"number":-1' in await anext(stream)
    for number in range(10 * MOST_KEPT):
        feed.publish("call", lambda number=number: {"number": number})  # type: ignore[misc]
    assert len(feed._kept) == MOST_KEPT
    rest = [event async for event in stream]
    assert [event.splitlines()[0] for event in rest] == [b"event: lost"]
