"""The file of the simulated phones: what it holds after each change, and once opened again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from waypost.sandbox.sandbox_store import Arrival, SandboxStore, ScheduledCallback


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "world.db"


@pytest.fixture
def store(path: Path) -> Iterator[SandboxStore]:
    opened = SandboxStore(path)
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


def callback(due: int, **changes: Any) -> ScheduledCallback:
    return msgspec.structs.replace(
        ScheduledCallback(due=due, recipient="380501112233", service_id=20001, body="{}"), **changes
    )


def pending(store: SandboxStore) -> list[tuple[int, str]]:
    return [(event.callback.due, event.callback.body) for event in store.undelivered()]


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
def test_a_message_comes_back_as_it_was(store: SandboxStore, changes: dict[str, Any]) -> None:
    message = arrival(**changes)
    assert store.add(message, []) == []
    assert store.arrivals("380501112233") == [message]


@pytest.mark.parametrize(
    "callback_to_keep",
    [
        callback(5),
        callback(5, service_id=None, url="http://127.0.0.1:1/receipts/r/s", body='{"a":"ü"}'),
        callback(5, service_id=None, url="http://127.0.0.1:1/?status=1", body=""),
    ],
)
def test_a_callback_comes_back_as_it_was(
    path: Path, store: SandboxStore, callback_to_keep: ScheduledCallback
) -> None:
    [event] = store.add(None, [callback_to_keep])
    assert event.callback == callback_to_keep
    assert store.undelivered() == [event]
    with closing(SandboxStore(path)) as opened_again:
        assert opened_again.undelivered() == [event]


def test_messages_are_of_their_phone_and_in_the_order_of_coming(store: SandboxStore) -> None:
    for text, recipient in (("a", "1"), ("b", "2"), ("c", "1")):
        store.add(arrival(text=text, recipient=recipient), [])
    assert [message.text for message in store.arrivals("1")] == ["a", "c"]
    assert [message.text for message in store.arrivals("2")] == ["b"]
    assert store.arrivals("3") == []


def test_callbacks_come_by_their_due_time_and_then_as_they_were_stored(store: SandboxStore) -> None:
    store.add(None, [callback(20, body="a"), callback(10, body="b"), callback(10, body="c")])
    store.add(arrival(), [callback(10, body="d"), callback(5, body="e")])
    assert pending(store) == [(5, "e"), (10, "b"), (10, "c"), (10, "d"), (20, "a")]


def test_a_callback_that_was_answered_is_gone_for_good(path: Path, store: SandboxStore) -> None:
    first, second, third = store.add(None, [callback(1, body=body) for body in "abc"])
    store.delete([first.id, third.id])
    assert store.undelivered() == [second]
    store.delete([first.id, 999])
    with closing(SandboxStore(path)) as opened_again:
        assert opened_again.undelivered() == [second]


def test_busy_answers_are_counted_for_each_message(path: Path, store: SandboxStore) -> None:
    assert store.busy_answers("one") == 0
    for _ in range(2):
        store.count_busy("one")
    store.count_busy("two")
    with closing(SandboxStore(path)) as opened_again:
        assert [opened_again.busy_answers(name) for name in ("one", "two", "three")] == [2, 1, 0]


def test_a_message_that_is_taken_in_the_end_starts_its_count_anew(store: SandboxStore) -> None:
    store.count_busy("one")
    store.count_busy("two")
    store.add(arrival(), [], "one")
    assert [store.busy_answers(name) for name in ("one", "two")] == [0, 1]


def test_a_message_and_its_callbacks_are_stored_as_one_or_not_at_all(path: Path, store: SandboxStore) -> None:
    unwritable = callback(2, body=object())
    with pytest.raises(sqlite3.Error):
        store.add(arrival(), [callback(1), unwritable], "busy")
    with closing(SandboxStore(path)) as opened_again:
        assert opened_again.arrivals("380501112233") == []
        assert opened_again.undelivered() == []


def test_what_was_stored_is_seen_by_another_connection_at_once(path: Path, store: SandboxStore) -> None:
    store.add(arrival(), [callback(1)])
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM message").fetchone() == (1,)
        assert other.execute("SELECT count(*) FROM event").fetchone() == (1,)
