"""The suppression list and the tokens of calls, against models of them."""

import asyncio
from functools import partial
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.databases import NOW, Database
from waypost.model.message.suppression import ANY, OptOutReason, Suppression
from waypost.storage.client_tokens import UsedToken
from waypost.storage.contract import Store, Transaction

DAY = 86_400_000
Key = tuple[str, str, str, str]
Change = tuple[str, Key, OptOutReason]

_keys = st.tuples(
    st.sampled_from(["1", "2"]),
    st.sampled_from([ANY, "viber", "telegram"]),
    st.sampled_from([ANY, "20001", "20002"]),
    st.sampled_from(["491", "492"]),
)
_changes = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "remove for it"]), _keys, st.sampled_from(OptOutReason)),
    max_size=20,
)


def entry(key: Key, reason: OptOutReason, at: int) -> Suppression:
    account_id, channel, sender, recipient = key
    return Suppression(
        account_id=account_id, channel=channel, sender=sender, recipient=recipient, reason=reason, at=at
    )


@given(changes=_changes, question=_keys.filter(lambda key: ANY not in key[1:3]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_list_holds_whoever_was_put_there(
    store: Store, runner: asyncio.Runner, changes: list[Change], question: Key
) -> None:
    async def main() -> None:
        await store.clear()
        model: dict[Key, OptOutReason] = {}
        for place, change in enumerate(changes):
            expected = in_model(model, change)
            assert await store.transact(partial(in_store, change, NOW + place)) is expected
        account_id, channel, sender, recipient = question
        # A phone number is one on every channel that has them, an id of Telegram's only there.
        channels = {channel} if channel == "telegram" else {channel, ANY}
        meant = {(account_id, each, whose, recipient) for each in channels for whose in (sender, ANY)}
        held = await store.transact(lambda tx: tx.suppressions.holds(*question))
        assert held is bool(meant & model.keys())
        among = await store.suppressions.among(account_id, channel, sender, ["491", "492", "493"])
        assert (recipient in among) is held
        assert "493" not in among
        for account in ("1", "2"):
            rows = await store.suppressions.page(
                account, channel=ANY, sender=ANY, recipient="", skip=0, limit=100
            )
            listed = {(row.account_id, row.channel, row.sender, row.recipient): row.reason for row in rows}
            assert listed == {key: reason for key, reason in model.items() if key[0] == account}

    runner.run(main())


def in_model(model: dict[Key, OptOutReason], change: Change) -> bool:
    what, key, reason = change
    known = model.get(key)
    if what == "add":
        model.setdefault(key, reason)
        return known is None
    removed = known is not None if what == "remove" else known is reason
    if removed:
        del model[key]
    return removed


def in_store(change: Change, at: int, transaction: Transaction) -> bool:
    what, key, reason = change
    match what:
        case "add":
            return transaction.suppressions.add(entry(key, reason, at))
        case "remove":
            return transaction.suppressions.remove(*key)
        case _:
            return transaction.suppressions.remove(*key, reason)


def used(**changes: Any) -> UsedToken:
    first = UsedToken(account_id="1", action="Send", token="t", digest=b"d", answer="{}", at=NOW)
    return msgspec.structs.replace(first, **changes)


async def test_a_token_is_claimed_once_a_day(database: Database) -> None:
    store = database.open()

    async def claim(token: UsedToken) -> UsedToken | None:
        return await store.transact(lambda tx: tx.client_tokens.claim(token, token.at - DAY))

    assert await claim(used()) is None
    assert await claim(used(answer="other", at=NOW + 5)) == used()
    for other in (used(account_id="2"), used(action="Mass"), used(token="T")):
        assert await claim(other) is None
    assert await store.client_tokens.find("1", "Send", "t", NOW - 1) == used()
    assert await store.client_tokens.find("1", "Send", "t", NOW) is None
    await store.close()
    store = database.open()
    assert await claim(used(at=NOW + DAY - 1)) == used()
    assert await claim(used(at=NOW + DAY, digest=b"new")) is None
    assert await claim(used(at=NOW + DAY + 1)) == used(at=NOW + DAY, digest=b"new")
    assert await store.transact(lambda tx: tx.client_tokens.forget(NOW, 2)) == 2
    assert await store.transact(lambda tx: tx.client_tokens.forget(NOW, 2)) == 1
    assert await store.client_tokens.find("1", "Send", "t", NOW) is not None
    await store.close()
