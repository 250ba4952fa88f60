"""Paging of lists: whatever is added between two pages, no row twice and none missed."""

import asyncio
import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.operation_calls import carry_out, members
from tests.api.test_send_chatapp_message import account
from tests.model.messages import message
from tests.storage.databases import write
from waypost.messaging.acceptance import first_leg
from waypost.model.configuration import Configuration, Entry, Space
from waypost.model.fallback.policies import FallbackPolicy, FallbackRule
from waypost.model.identifiers import (
    NO_MESSAGE,
    AccountId,
    MessageIds,
    SpaceId,
    first_of,
    last_of_same_moment,
)
from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.model.templates.template import Template
from waypost.storage.changes import AddMessage, PutLeg
from waypost.storage.contract import Transaction
from waypost.storage.sqlite import SqliteStore

START = 1_800_000_000_000
DIRECTORY = Configuration(account("1"))
# Milliseconds since the message before, and whether the filtered sender sent it.
additions = st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=8)


def test_the_stretch_of_a_millisecond_holds_all_its_ids() -> None:
    # Where the running number starts again, the ids go on in the next millisecond.
    ids = MessageIds(1000, node=99, seed=9_994)
    made = [ids.next(START) for _ in range(5)]
    assert all(first_of(START) <= one <= last_of_same_moment(made[0]) for one in made)
    assert last_of_same_moment(made[0]) < first_of(START + 1)
    assert first_of(START) > last_of_same_moment(first_of(START - 1))


LIST = {
    "ChannelType": "viber",
    "BusinessNumber": "20001",
    "CustSpaceId": "space-1",
    "StartTime": str(START),
    "Page": json.dumps({"Index": 1, "Size": 1000}),
}


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
            await write(self._store, AddMessage(one), PutLeg(first_leg(one, DIRECTORY)))
            self.sent += [one.message_id] if ours else []

    async def page(self, number: int, size: int) -> list[str]:
        params = LIST | {"Page": json.dumps({"Index": number, "Size": size})}
        result = await carry_out(
            "ListChatappMessage",
            params,
            DIRECTORY,
            self._store,
            now=self.now,
            next_message_id=self._ids.next,
        )
        return [row["MessageId"] for row in members(result.answer)["Data"]]


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


def test_a_group_is_listed_whole_where_the_running_number_began_again(tmp_path: Path) -> None:
    async def main() -> None:
        store = SqliteStore(tmp_path / "waypost.db")
        ids = MessageIds(1, seed=9_994)
        group, *made = [ids.next(START) for _ in range(10)]
        others = [ids.next(START) for _ in range(2)]
        for one in [*made, *others]:
            sent = message(
                message_id=one,
                accepted_at=START,
                space_id="space-1",
                sender="20001",
                group_id=group if one in made else NO_MESSAGE,
            )
            await write(store, AddMessage(sent), PutLeg(first_leg(sent, DIRECTORY)))
        listed = await carry_out(
            "ListChatappMessage", LIST | {"GroupMessageId": group}, DIRECTORY, store, now=START
        )
        assert [row["MessageId"] for row in members(listed.answer)["Data"]] == made
        await store.close()

    asyncio.run(main())


class Growing:
    """An account whose configuration and suppression list grow while they are listed."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._entries: list[Entry] = [*account("1")]
        self._now = START
        self.names: list[str] = []

    async def add(self, names: list[str]) -> None:
        """Makes one thing of each kind under each name, one after the other."""
        for name in names:
            self._now += 1
            unique = f"{name}{len(self.names)}"
            self.names.append(unique)
            self._entries += [
                msgspec.structs.replace(_TEMPLATE, code=unique, name=unique, created_at=self._now),
                Space(id=SpaceId(unique), account_id=AccountId("1"), name=unique, created_at=self._now),
                FallbackRule(
                    id=unique,
                    account_id=AccountId("1"),
                    name=unique,
                    channel="sms",
                    sender="x",
                    created_at=self._now,
                ),
                FallbackPolicy(
                    id=unique, account_id=AccountId("1"), name=unique, steps=(), created_at=self._now
                ),
            ]
            entry = msgspec.structs.replace(_SUPPRESSION, recipient=unique, at=self._now)
            await self._store.transact(partial(_put, entry))

    async def page(self, operation: str, shown: str, number: int, size: int) -> list[str]:
        """One page of a list: its rows by what they show."""
        params = {
            "Page": json.dumps({"Index": number, "Size": size}),
            "PageIndex": str(number),
            "PageSize": str(size),
        }
        configuration = Configuration(self._entries)
        answer = members((await carry_out(operation, params, configuration, self._store, now=START)).answer)
        return [row[shown] for row in answer["ListTemplate" if "ListTemplate" in answer else "Data"]]


_TEMPLATE = Template(
    code="",
    name="",
    language="en",
    account_id=AccountId("1"),
    space_id=None,
    channel="viber",
    message_type="text",
    content={"text": "x"},
    status="pass",
    components=({"Type": "BODY", "Text": "x"},),
)
_SUPPRESSION = Suppression(
    account_id=AccountId("1"),
    channel="viber",
    sender="20001",
    recipient="",
    reason=OptOutReason.CALL,
    at=START,
)


def _put(entry: Suppression, transaction: Transaction) -> None:
    transaction.suppressions.add(entry)


LISTS = [
    ("ListChatappTemplate", "TemplateCode"),
    ("ListInstance", "InstanceId"),
    ("ListFallbackRules", "RuleId"),
    ("ListFallbackPolicies", "FallBackId"),
    ("ListSuppressions", "To"),
]
names = st.lists(st.text(st.sampled_from("abz"), min_size=1, max_size=2), max_size=4)


@pytest.mark.parametrize(("operation", "shown"), LISTS)
@settings(max_examples=15, deadline=None)
@given(before=names, between=st.lists(names, max_size=4), size=st.integers(1, 3))
def test_nor_in_the_other_lists(
    operation: str, shown: str, before: list[str], between: list[list[str]], size: int
) -> None:
    async def main(folder: str) -> None:
        store = SqliteStore(Path(folder) / "waypost.db")
        growing = Growing(store)
        await growing.add(before)
        read: list[str] = []
        number = 0
        while True:
            number += 1
            page = await growing.page(operation, shown, number, size)
            read += page
            if len(page) < size:
                break
            if number <= len(between):
                await growing.add(between[number - 1])
        assert [row for row in read if row in growing.names] == growing.names
        assert len(read) == len(set(read))
        await store.close()

    with TemporaryDirectory() as folder:
        asyncio.run(main(folder))
