"""Answered calls are gathered and written with one change; what is too much is dropped and counted."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from tests.api.signed_calls import v3_call
from waypost.api import call_recorder
from waypost.api.authentication import prepare_key
from waypost.api.call_recorder import AcceptedCallLine, CallBounds, CallRecorder
from waypost.api.caller import Caller
from waypost.api.errors.catalogue import ApiError
from waypost.api.http_messages import HttpRequest
from waypost.api.members import Answer
from waypost.api.operations.catalogue import EVERY
from waypost.api.pending_call import PendingCall
from waypost.clock import MovableClock, steady_seconds
from waypost.model import codes
from waypost.model.configuration import Configuration
from waypost.model.identifiers import AccountId
from waypost.storage.call_records import UNAUTHENTICATED, CallRecord
from waypost.storage.contract import Store, StoreUnavailableError

REFUSED = ApiError(codes.missing("To"))
BOUNDS = CallBounds(per_account=1000, unauthenticated=100)


class Writes:
    """A store that keeps what is written to it, or is away."""

    def __init__(self) -> None:
        self.call_records = self
        self.changes: list[list[CallRecord]] = []
        self.trimmed: list[tuple[str, int]] = []
        self.is_away = False

    def transact(self, change: Callable[[Any], Any]) -> "asyncio.Future[Any]":
        future = asyncio.get_running_loop().create_future()
        if self.is_away:
            future.set_exception(StoreUnavailableError("full"))
        else:
            future.set_result(change(self))
        return future

    def add(self, records: list[CallRecord]) -> None:
        self.changes.append(records)

    def trim(self, share: str, most: int) -> int:
        self.trimmed.append((share, most))
        return 0


class Lines:
    """Keeps what is written to the log of accepted calls, by turns of the loop."""

    def __init__(self) -> None:
        self.is_on = True
        self.turns: list[list[AcceptedCallLine]] = []

    def write(self, lines: Sequence[AcceptedCallLine]) -> None:
        self.turns.append(list(lines))


class Recorder:
    """A recorder, and the calls that it is to record."""

    def __init__(self) -> None:
        self.writes = Writes()
        self.lines = Lines()
        self.recorder = CallRecorder(
            cast(Store, self.writes), MovableClock(), lambda: Configuration([]), BOUNDS, self.lines
        )

    async def refuse(self, account: str, number: int = 1) -> None:
        """Refuses calls of an account, or without a right signature."""
        for _ in range(number):
            signed = v3_call("To=x&Content=secret")
            headers = [(name.encode(), value.encode()) for name, value in signed.headers.items()]
            request = HttpRequest("POST", "/", b"To=x&Content=secret", headers, "192.0.2.1")
            call = PendingCall(request, lambda answer: None, "R", steady_seconds(), action="Send")
            if account:
                call.key = prepare_key("key", "secret", True, Caller(AccountId(account), None))
            self.recorder.refused(call, REFUSED)
        await asyncio.sleep(0)

    @property
    def shares(self) -> list[str]:
        [records] = self.writes.changes
        return [record.share for record in records]


async def test_what_is_gathered_is_written_with_one_change() -> None:
    made = Recorder()
    await made.refuse("1", 3)
    await made.refuse(UNAUTHENTICATED, 2)
    assert made.writes.changes == []
    await made.recorder.flush()
    assert made.shares == ["1", "1", "1", "", ""]
    assert made.recorder.dropped == 0
    await made.recorder.flush()
    assert len(made.writes.changes) == 1, "nothing is written twice, and nothing for nothing"


async def test_neither_an_account_nor_all_that_is_unsigned_has_more_than_its_part() -> None:
    made = Recorder()
    await made.refuse(UNAUTHENTICATED, call_recorder.MOST_UNAUTHENTICATED + 7)
    await made.refuse("1", call_recorder.MOST_OF_AN_ACCOUNT + 5)
    await made.refuse("2", 4)
    assert made.recorder.dropped == 12
    await made.recorder.flush()
    counts = {share: made.shares.count(share) for share in ("", "1", "2")}
    assert counts == {"": call_recorder.MOST_UNAUTHENTICATED, "1": call_recorder.MOST_OF_AN_ACCOUNT, "2": 4}


async def test_a_batch_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_recorder, "MOST_OF_A_BATCH", 5)
    made = Recorder()
    for account in "12345678":
        await made.refuse(account)
    await made.recorder.flush()
    assert (made.shares, made.recorder.dropped) == (list("12345"), 3)


async def test_what_was_dropped_is_in_the_log_at_most_every_ten_seconds() -> None:
    made = Recorder()
    with capture_logs() as lines:
        for _ in range(3):
            await made.refuse("1", call_recorder.MOST_OF_AN_ACCOUNT + 2)
            await made.recorder.flush()
    assert [line["calls"] for line in lines if line["event"] == "calls.not_recorded"] == [2]
    assert made.recorder.dropped == 6


async def test_a_database_that_is_away_costs_the_records_and_nothing_else() -> None:
    made = Recorder()
    made.writes.is_away = True
    await made.refuse("1", 3)
    await made.recorder.flush()
    assert made.recorder.dropped == 3
    made.writes.is_away = False
    await made.refuse("1")
    await made.recorder.flush()
    assert made.shares == ["1"]


async def test_a_share_is_trimmed_at_first_and_then_each_time_a_twentieth_was_added() -> None:
    made = Recorder()
    trims = []
    for _ in range(4):
        await made.refuse("1", 25)
        await made.recorder.flush()
        trims.append(list(made.writes.trimmed))
    # A twentieth is 50; with it the bound of 1,000 holds until the next time.
    first, then = [("1", 950)], [("1", 950), ("1", 950)]
    assert trims == [first, first, then, then]


async def test_the_line_of_a_call_has_who_what_and_how_long_and_nothing_of_its_parameters() -> None:
    made = Recorder()
    with capture_logs() as lines:
        await made.refuse("1")
    [line] = [line for line in lines if line["event"] == "call"]
    assert set(line) == {"event", "log_level", "request_id", "account", "operation", "code", "ms"}
    assert (line["account"], line["operation"], line["code"], line["log_level"]) == (
        "1",
        "Send",
        REFUSED.code,
        "info",
    )
    assert "secret" not in str(lines)


async def test_few_of_the_calls_that_anybody_can_make_have_a_line() -> None:
    made = Recorder()
    with capture_logs() as lines:
        await made.refuse(UNAUTHENTICATED, call_recorder.MOST_UNAUTHENTICATED)
        await made.refuse("1", call_recorder.MOST_UNAUTHENTICATED_LINES + 1)
    accounts = [line["account"] for line in lines if line["event"] == "call"]
    assert accounts.count("") == call_recorder.MOST_UNAUTHENTICATED_LINES
    assert accounts.count("1") == call_recorder.MOST_UNAUTHENTICATED_LINES + 1


async def test_accepted_calls_of_one_turn_are_logged_at_once() -> None:
    made = Recorder()

    def accept(number: int) -> None:
        for place in range(number):
            request = HttpRequest("POST", "/", b"", [], "192.0.2.1")
            call = PendingCall(request, lambda answer: None, f"R{place}", steady_seconds(), action="Send")
            call.key = prepare_key("key", "secret", True, Caller(AccountId("1"), None))
            call.endpoint = EVERY["SendChatappMessage"]
            made.recorder.accepted(call, Answer(), by_message=True)

    accept(2)
    await asyncio.sleep(0)
    accept(1)
    await asyncio.sleep(0)
    assert [[line[:3] for line in turn] for turn in made.lines.turns] == [
        [("R0", "1", "Send"), ("R1", "1", "Send")],
        [("R0", "1", "Send")],
    ]
    made.lines.is_on = False
    accept(1)
    await asyncio.sleep(0)
    assert len(made.lines.turns) == 2
    await made.recorder.flush()
    assert made.writes.changes == [], "they are on record in their messages"
