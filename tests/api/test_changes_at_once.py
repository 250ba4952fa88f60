"""Concurrent calls on one object: no change answered OK is lost, and nothing deleted comes back."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api.operation_calls import carry_out, members
from tests.api.test_send_chatapp_message import account
from waypost.api.errors.catalogue import ApiError
from waypost.model.configuration import Configuration, Entry, Sender, Space
from waypost.model.fallback.policies import FallbackPolicy, FallbackRule, PolicyStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.storage.rows import entry_key
from waypost.storage.sqlite import SqliteStore

RULE = FallbackRule(
    id="R_1", account_id=AccountId("1"), name="old", channel="sms", sender="Brand", created_at=1
)
POLICY = FallbackPolicy(
    id="S_9",
    account_id=AccountId("1"),
    name="old",
    steps=(PolicyStep(channel="sms", sender="Brand"),),
    created_at=1,
)
SPACE = Space(
    id=SpaceId("cams-9"), account_id=AccountId("1"), name="old", details={"CountryId": "SG"}, created_at=1
)
Call = Callable[[str, dict[str, str]], Awaitable[Any]]
CHANGES: list[tuple[Entry, str, dict[str, str], dict[str, str], Mapping[str, Any]]] = [
    (
        RULE,
        "UpdateFallbackRule",
        {"RuleId": "R_1", "RuleName": "new"},
        {"RuleId": "R_1", "ChannelType": "sms"},
        {"RuleName": "new", "SenderId": "Brand"},
    ),
    (
        POLICY,
        "UpdateFallbackPolicy",
        {"FallBackId": "S_9", "PolicyName": "new"},
        {"FallBackId": "S_9", "Steps": '[{"ChannelType":"sms","SenderId":"Brand","Wait":60}]'},
        {
            "PolicyName": "new",
            "Steps": [
                {
                    "RuleId": "",
                    "RuleName": "",
                    "ChannelType": "sms",
                    "SenderId": "Brand",
                    "Condition": "undelivered",
                    "Wait": 60,
                }
            ],
        },
    ),
    (
        SPACE,
        "UpdateInstance",
        {"InstanceId": "cams-9", "InstanceName": "new", "InstanceDescription": "told"},
        {"InstanceId": "cams-9", "InstanceName": "new", "ContactMail": "a@b.c"},
        {"InstanceName": "new", "InstanceDescription": "told"},
    ),
]
each_change = pytest.mark.parametrize(
    ("entry", "update", "first", "second", "after"), CHANGES, ids=["rule", "policy", "space"]
)


@asynccontextmanager
async def opened(folder: Path, entry: Entry) -> AsyncIterator[tuple[SqliteStore, Call]]:
    """A store with the entry, and calls that all come in before any of them is carried out."""
    store = SqliteStore(folder / "waypost.db")
    entries = [
        *account("1"),
        Sender(channel="sms", id="Brand", account_id=AccountId("1"), route="sms"),
        entry,
    ]
    await store.transact(lambda tx: tx.put_entries(entries, "api"))
    configuration = Configuration(entries)

    async def call(operation: str, params: dict[str, str]) -> Any:
        return await carry_out(operation, params, configuration, store, now=2)

    yield store, call
    await store.close()


@each_change
async def test_of_two_changes_both_hold(
    tmp_path: Path,
    entry: Entry,
    update: str,
    first: dict[str, str],
    second: dict[str, str],
    after: Mapping[str, Any],
) -> None:
    async with opened(tmp_path, entry) as (store, call):
        changes = [(await call(update, params)).write for params in (first, second)]
        answers = [await store.transact(change) for change in changes if change is not None]
        answer = answers[-1]
        assert answer is not None
        data = members(answer)["Data"]
        assert {name: data[name] for name in after} == after


@each_change
async def test_what_is_deleted_meanwhile_stays_deleted(
    tmp_path: Path,
    entry: Entry,
    update: str,
    first: dict[str, str],
    second: dict[str, str],
    after: Mapping[str, Any],
) -> None:
    async with opened(tmp_path, entry) as (store, call):
        change = (await call(update, first)).write
        assert change is not None
        await store.transact(lambda tx: tx.remove_entries([entry_key(entry)]))
        with pytest.raises(ApiError, match=r"Unknown\.ResourceOwnerId"):
            await store.transact(change)
        assert await store.transact(lambda tx: tx.entry(entry_key(entry))) is None
