"""Two calls about one thing at once: nothing answered OK is lost, nothing deleted comes back."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_send_chatapp_message import account
from waypost.api.caller import Caller, Origin
from waypost.api.errors.catalogue import ApiError
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.fallback import fallback_policies, fallback_rules
from waypost.api.operations.spaces import instances
from waypost.model.configuration import Configuration, Entry, Sender, Space
from waypost.model.fallback.policies import FallbackPolicy, FallbackRule, PolicyStep
from waypost.storage.rows import entry_key
from waypost.storage.secrets import SecretBox
from waypost.storage.sqlite import SqliteStore

RULE = FallbackRule(id="R_1", account_id="1", name="old", channel="sms", sender="Brand", created_at=1)
POLICY = FallbackPolicy(
    id="S_9", account_id="1", name="old", steps=(PolicyStep(channel="sms", sender="Brand"),), created_at=1
)
SPACE = Space(id="cams-9", account_id="1", name="old", details={"CountryId": "SG"}, created_at=1)
Update = Callable[[Request], Result]
CHANGES: list[tuple[Entry, Update, dict[str, str], dict[str, str], Mapping[str, Any]]] = [
    (
        RULE,
        fallback_rules.update,
        {"RuleId": "R_1", "RuleName": "new"},
        {"RuleId": "R_1", "ChannelType": "sms"},
        {"RuleName": "new", "SenderId": "Brand"},
    ),
    (
        POLICY,
        fallback_policies.update,
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
        instances.update,
        {"InstanceId": "cams-9", "InstanceName": "new", "InstanceDescription": "told"},
        {"InstanceId": "cams-9", "InstanceName": "new", "ContactMail": "a@b.c"},
        {"InstanceName": "new", "InstanceDescription": "told"},
    ),
]
each_change = pytest.mark.parametrize(
    ("entry", "update", "first", "second", "after"), CHANGES, ids=["rule", "policy", "space"]
)


@asynccontextmanager
async def opened(folder: Path, entry: Entry) -> AsyncIterator[tuple[SqliteStore, Callable[..., Request]]]:
    """A store with the entry, and calls that all come in before any of them is carried out."""
    store = SqliteStore(folder / "waypost.db")
    entries = [*account("1"), Sender(channel="sms", id="Brand", account_id="1", route="sms"), entry]
    await store.transact(lambda tx: tx.put_entries(entries, "api"))
    configuration = Configuration(entries)

    def call(given: dict[str, str]) -> Request:
        origin, box = Origin("", False, 0.0), SecretBox(bytes(32))
        return Request(given, Caller("1", None), configuration, store, 2, str, 120, origin, box)

    yield store, call
    await store.close()


@each_change
async def test_of_two_changes_both_hold(
    tmp_path: Path,
    entry: Entry,
    update: Update,
    first: dict[str, str],
    second: dict[str, str],
    after: Mapping[str, Any],
) -> None:
    async with opened(tmp_path, entry) as (store, call):
        changes = [update(call(given)).write for given in (first, second)]
        answers = [await store.transact(change) for change in changes if change is not None]
        told = answers[-1]
        assert told is not None
        assert {name: told["Data"][name] for name in after} == after


@each_change
async def test_what_is_deleted_meanwhile_stays_deleted(
    tmp_path: Path,
    entry: Entry,
    update: Update,
    first: dict[str, str],
    second: dict[str, str],
    after: Mapping[str, Any],
) -> None:
    async with opened(tmp_path, entry) as (store, call):
        change = update(call(first)).write
        assert change is not None
        await store.transact(lambda tx: tx.remove_entries([entry_key(entry)]))
        with pytest.raises(ApiError, match=r"Unknown\.ResourceOwnerId"):
            await store.transact(change)
        assert await store.transact(lambda tx: tx.entry(entry_key(entry))) is None
