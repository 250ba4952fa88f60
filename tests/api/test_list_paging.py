"""Paging of the list of messages: whatever is added between two pages, no row twice and none missed."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.test_send_chatapp_message import account
from tests.model.messages import message
from waypost.api.caller import Caller, Origin
from waypost.api.operations import list_chatapp_message
from waypost.api.operations.handling import Handled, Request
from waypost.model.directory import Directory
from waypost.model.identifiers import MessageIds, first_of, last_of_same_moment
from waypost.storage.secrets import SecretBox
from waypost.storage.sqlite import SqliteStore

START = 1_800_000_000_000
DIRECTORY = Directory(account("1"))
# Milliseconds since the message before, and whether the sender asked for sent it.
additions = st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=8)


def test_the_stretch_of_a_millisecond_holds_all_its_ids() -> None:
    ids = MessageIds(1000, seed=999_998)
    made = [ids.next(START) for _ in range(5)]
    assert all(first_of(START) <= one <= last_of_same_moment(made[0]) for one in made)
    assert last_of_same_moment(made[0]) < first_of(START + 1)
    assert first_of(START) > last_of_same_moment(first_of(START - 1))


class Sending:
    """An account that sends on while its list is read."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._ids = MessageIds(1)
        self.now = START
        self.sent: list[str] = []

    async def add(self, new: list[tuple[int, bool]]) -> None:
        for later, ours in new:
            self.now += later
            one = message(
                message_id=self._ids.next(self.now),
                accepted_at=self.now,
                space_id="space-1",
                sender="20001" if ours else "20009",
            )
            await self._store.transact(lambda tx, one=one: tx.add_message(one))  # type: ignore[misc]
            self.sent += [one.message_id] if ours else []

    async def page(self, number: int, size: int) -> list[str]:
        given = {
            "ChannelType": "viber",
            "BusinessNumber": "20001",
            "CustSpaceId": "space-1",
            "StartTime": str(START),
            "Page": json.dumps({"Index": number, "Size": size}),
        }
        caller, origin, box = Caller("1", None), Origin("127.0.0.1", False, 0.0), SecretBox(bytes(32))
        request = Request(given, caller, DIRECTORY, self._store, self.now, self._ids.next, 120, origin, box)
        handled = await list_chatapp_message.handle(request)
        assert isinstance(handled, Handled)
        return [row["MessageId"] for row in handled.answer["Data"]]


@settings(max_examples=40, deadline=None)
@given(before=additions, between=st.lists(additions, max_size=5), size=st.integers(1, 4))
def test_no_row_twice_and_none_missed(
    before: list[tuple[int, bool]], between: list[list[tuple[int, bool]]], size: int
) -> None:
    async def main(folder: str) -> None:
        store = SqliteStore(Path(folder) / "waypost.db")
        sending = Sending(store)
        await sending.add(before)
        read: list[str] = []
        number = 0
        while True:
            number += 1
            page = await sending.page(number, size)
            read += page
            if len(page) < size:
                break
            if number <= len(between):
                await sending.add(between[number - 1])
        assert read == sending.sent
        await store.close()

    with TemporaryDirectory() as folder:
        asyncio.run(main(folder))
