"""The file that the outside world is kept in: what it holds after each change, and once opened again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from waypost.sandbox.memory import Arrival, Event, Memory, Telling


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "world.db"


@pytest.fixture
def kept(path: Path) -> Iterator[Memory]:
    opened = Memory(path)
    yield opened
    opened.close()


def arrival(**changes: Any) -> Arrival:
    usual = Arrival(
        channel="viber",
        sender="20001",
        recipient="380501112233",
        text="héllo 你好 \U0001f600",
        media="https://a.example/i",
        seq=7,
        reference=None,
        token="5379697806260881548",
        tracking_data="order:9",
        received_at=1000,
        delivered_at=None,
        read_at=None,
    )
    return msgspec.structs.replace(usual, **changes)


def callback(due: int, **changes: Any) -> Telling:
    return msgspec.structs.replace(
        Telling(due=due, recipient="380501112233", service_id=20001, body="{}"), **changes
    )


def pending(kept: Memory) -> list[tuple[int, str]]:
    return [(event.telling.due, event.telling.body) for event in kept.untold()]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seq": None, "reference": "2027-0-1"},
        {"received_at": None},
        {"delivered_at": 2000, "read_at": 3000},
        {"text": "", "media": "", "tracking_data": ""},
    ],
)
def test_a_message_comes_back_as_it_was(kept: Memory, changes: dict[str, Any]) -> None:
    message = arrival(**changes)
    assert kept.keep(message, []) == []
    assert kept.arrivals("380501112233") == [message]


@pytest.mark.parametrize(
    "callback_to_keep",
    [
        callback(5),
        callback(5, service_id=None, url="http://127.0.0.1:1/receipts/r/s", body='{"a":"ü"}'),
        callback(5, service_id=None, url="http://127.0.0.1:1/?status=1", body=""),
    ],
)
def test_a_callback_comes_back_as_it_was(path: Path, kept: Memory, callback_to_keep: Telling) -> None:
    [event] = kept.keep(None, [callback_to_keep])
    assert event.telling == callback_to_keep
    assert kept.untold() == [event]
    with closing(Memory(path)) as opened_again:
        assert opened_again.untold() == [event]


def test_messages_are_of_their_phone_and_in_the_order_of_coming(kept: Memory) -> None:
    for text, recipient in (("a", "1"), ("b", "2"), ("c", "1")):
        kept.keep(arrival(text=text, recipient=recipient), [])
    assert [message.text for message in kept.arrivals("1")] == ["a", "c"]
    assert [message.text for message in kept.arrivals("2")] == ["b"]
    assert kept.arrivals("3") == []


def test_callbacks_come_by_their_due_time_and_then_as_they_were_kept(kept: Memory) -> None:
    kept.keep(None, [callback(20, body="a"), callback(10, body="b"), callback(10, body="c")])
    kept.keep(arrival(), [callback(10, body="d"), callback(5, body="e")])
    assert pending(kept) == [(5, "e"), (10, "b"), (10, "c"), (10, "d"), (20, "a")]


def test_a_callback_that_was_answered_is_gone_for_good(path: Path, kept: Memory) -> None:
    first, second, third = kept.keep(None, [callback(1, body=body) for body in "abc"])
    kept.forget([first.id, third.id])
    assert kept.untold() == [second]
    kept.forget([first.id, 999])
    with closing(Memory(path)) as opened_again:
        assert opened_again.untold() == [second]


def test_busy_answers_are_counted_for_each_message(path: Path, kept: Memory) -> None:
    assert kept.busy_answers("one") == 0
    for _ in range(2):
        kept.count_busy("one")
    kept.count_busy("two")
    with closing(Memory(path)) as opened_again:
        assert [opened_again.busy_answers(name) for name in ("one", "two", "three")] == [2, 1, 0]


def test_a_message_that_is_taken_in_the_end_starts_its_count_anew(kept: Memory) -> None:
    kept.count_busy("one")
    kept.count_busy("two")
    kept.keep(arrival(), [], "one")
    assert [kept.busy_answers(name) for name in ("one", "two")] == [0, 1]


def test_a_message_and_its_callbacks_are_kept_as_one_or_not_at_all(path: Path, kept: Memory) -> None:
    unwritable = callback(2, body=object())
    with pytest.raises(sqlite3.Error):
        kept.keep(arrival(), [callback(1), unwritable], "busy")
    with closing(Memory(path)) as opened_again:
        assert opened_again.arrivals("380501112233") == []
        assert opened_again.untold() == []


def test_cleared_it_is_empty_and_gives_no_place_twice(path: Path, kept: Memory) -> None:
    [before] = kept.keep(arrival(), [callback(1)])
    kept.count_busy("one")
    kept.clear()
    assert kept.untold() == []
    assert kept.arrivals("380501112233") == []
    assert kept.busy_answers("one") == 0
    [after] = kept.keep(None, [callback(1)])
    assert after.id > before.id
    # Whoever was still at the old one takes nothing of the new one away.
    kept.forget([before.id])
    assert kept.untold() == [Event(after.id, after.telling)]


def test_what_was_kept_is_seen_from_outside_at_once(path: Path, kept: Memory) -> None:
    kept.keep(arrival(), [callback(1)])
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM message").fetchone() == (1,)
        assert other.execute("SELECT count(*) FROM event").fetchone() == (1,)
