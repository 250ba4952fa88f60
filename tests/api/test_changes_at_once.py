"""Concurrent calls on one object: no change answered OK is lost, and nothing deleted comes back."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.api.configuration_nodes import commit_in_order, nodes
from tests.api.operation_calls import members
from tests.api.test_send_chatapp_message import account
from tests.storage.stored_entries import AUTHOR, remove
from waypost.api.configuration_calls import MOST_DECISIONS
from waypost.api.errors.catalogue import ApiError
from waypost.model.configuration import Entry, Sender, Space
from waypost.model.entries import entry_key
from waypost.model.entry_changes import ReplaceEntry
from waypost.model.fallback.policies import FallbackPolicy, FallbackRule, PolicyStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.storage.sqlite.transactions import Closure

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
CHANGES: list[tuple[Entry, str, dict[str, str], dict[str, str], Mapping[str, Any]]] = [
    (
        RULE,
        "UpdateFallbackRule",
        {"RuleId": "R_1", "RuleName": "new"},
        # A change of its own, so that the two are in each other's way in either order.
        {"RuleId": "R_1", "ChannelType": "sms", "SenderId": "Other"},
        {"RuleName": "new", "SenderId": "Other"},
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


each_number_of_nodes = pytest.mark.parametrize("how_many", [1, 2], ids=["one node", "two nodes"])


def stored(entry: Entry) -> list[Entry]:
    """An account with what the entry needs, and the entry."""
    return [
        *account("1"),
        *(
            Sender(channel="sms", id=id_, account_id=AccountId("1"), route="sms")
            for id_ in ("Brand", "Other")
        ),
        entry,
    ]


@each_number_of_nodes
@each_change
async def test_of_two_changes_both_hold(
    tmp_path: Path,
    entry: Entry,
    update: str,
    first: dict[str, str],
    second: dict[str, str],
    after: Mapping[str, Any],
    how_many: int,
) -> None:
    async with nodes(tmp_path, stored(entry), how_many) as started:
        calls = [
            (started[0], await started[0].decide(update, first)),
            (started[-1], await started[-1].decide(update, second)),
        ]
        answers = await asyncio.gather(*(node.commit(call) for node, call in calls))
        # Of two nodes either may be first; the one that was decided again has both changes.
        data = [members(answer)["Data"] for answer in (answers if how_many == 2 else answers[1:])]
        assert after in [{name: each[name] for name in after} for each in data]
        assert sum(node.decisions for node in started) == 3, "the second call was decided again"


@each_number_of_nodes
@each_change
async def test_what_is_deleted_meanwhile_stays_deleted(
    tmp_path: Path,
    entry: Entry,
    update: str,
    first: dict[str, str],
    second: dict[str, str],
    after: Mapping[str, Any],
    how_many: int,
) -> None:
    async with nodes(tmp_path, stored(entry), how_many) as started:
        call = await started[0].decide(update, first)
        await remove(started[-1].store, entry)
        with pytest.raises(ApiError, match=r"Unknown\.ResourceOwnerId"):
            await started[0].commit(call)
        assert entry_key(entry) not in map(entry_key, await started[0].store.configuration.entries())


async def test_of_many_changes_at_once_each_is_decided_at_most_twice(tmp_path: Path) -> None:
    async with nodes(tmp_path, stored(RULE)) as [node]:
        names = [f"user-{number}" for number in range(MOST_DECISIONS * 4)]
        calls = [await node.decide("CreateUser", {"UserName": name}) for name in names]
        assert await commit_in_order((node, call) for call in calls) == ["OK"] * len(calls)
        assert node.decisions == 2 * len(calls) - 1
        assert len(node.settled) == len(calls)
        assert len(node.store.nonces_in(0)) == len(calls), "the nonce of each is stored"
        assert len(node.configuration.current().principals.users_of(AccountId("1"))) == len(calls)


async def test_a_call_whose_configuration_never_stays_the_same_is_to_come_again(tmp_path: Path) -> None:
    async with nodes(tmp_path, stored(RULE), 2) as [node, other]:

        def overtake() -> None:
            [rule] = node.configuration.current().fallbacks.rules_of(AccountId("1"))
            changed = msgspec.structs.replace(rule, name=f"{rule.name}+")
            change = Closure(lambda tx: tx.configuration.apply([ReplaceEntry(rule, changed, "api")], AUTHOR))
            assert other.store._transactions.run([change]) == [True]

        node.on_decision = overtake
        call = await node.decide("UpdateFallbackRule", {"RuleId": "R_1", "RuleName": "new"})
        with pytest.raises(ApiError, match=r"System\.LimitControl") as raised:
            await node.commit(call)
        assert int(raised.value.headers["x-acs-retry-after"]) > 0
        assert node.decisions == MOST_DECISIONS
        assert node.settled == [], "the gateway stores its nonce, as that of any refused call"
        assert node.store.nonces_in(0) == []
