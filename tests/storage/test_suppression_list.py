"""The suppression list: which senders an entry covers, and the pages of the list."""

from typing import Any

import pytest

from tests.storage.databases import NOW, Database
from waypost.model.identifiers import AccountId
from waypost.model.message.suppression import ANY, OptOutReason, Suppression
from waypost.storage.contract import Store, Transaction

STOP, BY_PROVIDER, BY_CALL = OptOutReason.STOP_WORD, OptOutReason.PROVIDER, OptOutReason.CALL
PERSON = "380501112233"


def entry(
    channel: str = "viber",
    sender: str = "20001",
    recipient: str = PERSON,
    *,
    account_id: str = "1",
    reason: OptOutReason = STOP,
    detail: str = "STOP",
    at: int = NOW,
) -> Suppression:
    return Suppression(
        account_id=AccountId(account_id),
        channel=channel,
        sender=sender,
        recipient=recipient,
        reason=reason,
        detail=detail,
        at=at,
    )


async def add(store: Store, *entries: Suppression) -> list[bool]:
    return await store.transact(lambda tx: [tx.suppressions.add(one) for one in entries])


async def listed(store: Store, **changes: Any) -> list[Suppression]:
    filters = {"channel": ANY, "sender": ANY, "recipient": "", "skip": 0, "limit": 100}
    return await store.suppressions.page(changes.pop("account_id", "1"), **filters | changes)  # type: ignore[arg-type]


# An entry, the sender that has a promotion for its person, and whether the entry keeps it from them.
HOLDS = [
    (entry("viber", "20001"), ("viber", "20001"), True),
    (entry("viber", "20001"), ("viber", "20002"), False),
    (entry("viber", "20001"), ("sms", "20001"), False),
    (entry("viber", ANY), ("viber", "20002"), True),
    (entry("viber", ANY), ("whatsapp", "20002"), False),
    (entry(ANY, ANY), ("viber", "20001"), True),
    (entry(ANY, ANY), ("sms", "Shop"), True),
    (entry(ANY, ANY), ("whatsapp", "15550100001"), True),
    (entry(ANY, "Shop"), ("sms", "Shop"), True),
    (entry(ANY, "Shop"), ("sms", "Other"), False),
    # Ids of a channel's own are not phone numbers, whatever their digits.
    (entry(ANY, ANY), ("telegram", "20002"), False),
    (entry(ANY, ANY), ("messenger", "20004"), False),
    (entry("telegram", ANY), ("telegram", "20002"), True),
]


@pytest.mark.parametrize(("one", "sender", "holds"), HOLDS)
async def test_an_entry_holds_for(
    store: Store, one: Suppression, sender: tuple[str, str], holds: bool
) -> None:
    await add(store, one)
    assert await store.transact(lambda tx: tx.suppressions.holds(AccountId("1"), *sender, PERSON)) is holds
    assert set(await store.suppressions.among(AccountId("1"), *sender, [PERSON, "491"])) == (
        {PERSON} if holds else set()
    )
    assert not await store.transact(lambda tx: tx.suppressions.holds(AccountId("2"), *sender, PERSON))
    assert not await store.suppressions.among(AccountId("2"), *sender, [PERSON])


async def test_a_person_who_is_there_stays_for_the_first_reason(store: Store) -> None:
    assert await add(store, entry(reason=STOP), entry(reason=BY_CALL, at=NOW + 9)) == [True, False]
    assert await add(store, entry(reason=BY_PROVIDER)) == [False]
    assert await listed(store) == [entry(reason=STOP)]


@pytest.mark.parametrize(
    ("reason", "removed"), [(None, True), (STOP, True), (BY_PROVIDER, False), (BY_CALL, False)]
)
async def test_a_person_is_taken_off_for_the_reason_they_are_there(
    store: Store, reason: OptOutReason | None, removed: bool
) -> None:
    await add(store, entry(reason=STOP))
    key = (AccountId("1"), "viber", "20001", PERSON)
    assert await store.transact(lambda tx: tx.suppressions.remove(*key, reason)) is removed
    assert await store.transact(lambda tx: tx.suppressions.holds(*key)) is not removed
    assert await store.transact(lambda tx: tx.suppressions.remove(*key)) is not removed


@pytest.mark.parametrize(
    "key",
    [
        ("2", "viber", "20001", PERSON),
        ("1", "sms", "20001", PERSON),
        ("1", "viber", ANY, PERSON),
        ("1", ANY, "20001", PERSON),
        ("1", "viber", "20001", "491"),
    ],
)
async def test_only_the_very_entry_is_taken_off(store: Store, key: tuple[AccountId, str, str, str]) -> None:
    await add(store, entry())
    assert not await store.transact(lambda tx: tx.suppressions.remove(*key))
    assert await listed(store) == [entry()]


async def test_a_change_sees_its_own_entries(store: Store) -> None:
    def change(tx: Transaction) -> list[bool]:
        before = tx.suppressions.holds(AccountId("1"), "viber", "20001", PERSON)
        tx.suppressions.add(entry())
        during = tx.suppressions.holds(AccountId("1"), "viber", "20001", PERSON)
        tx.suppressions.remove(AccountId("1"), "viber", "20001", PERSON)
        return [before, during, tx.suppressions.holds(AccountId("1"), "viber", "20001", PERSON)]

    assert await store.transact(change) == [False, True, False]


async def test_an_entry_of_a_change_that_failed_is_not_there(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        tx.suppressions.add(entry())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.transact(fails)
    assert not await store.suppressions.among(AccountId("1"), "viber", "20001", [PERSON])
    assert await listed(store) == []


async def test_the_list_outlives_the_process(database: Database) -> None:
    store = database.open()
    await add(store, entry(), entry(recipient="491"))
    await store.transact(lambda tx: tx.suppressions.remove(AccountId("1"), "viber", "20001", "491"))
    await store.close()
    reopened = database.open()
    assert set(await reopened.suppressions.among(AccountId("1"), "viber", "20001", [PERSON, "491"])) == {
        PERSON
    }
    assert await listed(reopened) == [entry()]
    await reopened.close()


ROWS = [
    entry("viber", "20001", "491", at=NOW + 2),
    entry("viber", "20002", "492", at=NOW + 1, reason=BY_CALL, detail=""),
    entry("sms", "Shop", "491", at=NOW + 3, reason=BY_PROVIDER, detail="551"),
    entry(ANY, ANY, "493", at=NOW + 1),
    entry("viber", "20001", "491", account_id="2"),
]


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        ({}, [1, 3, 0, 2]),
        ({"channel": "viber"}, [1, 0]),
        ({"sender": "20001"}, [0]),
        ({"recipient": "491"}, [0, 2]),
        ({"channel": "sms", "recipient": "491"}, [2]),
        ({"channel": "viber", "sender": "Shop"}, []),
        ({"account_id": "2"}, [4]),
        ({"account_id": "3"}, []),
        ({"limit": 2}, [1, 3]),
        ({"skip": 2}, [0, 2]),
        ({"skip": 1, "limit": 2}, [3, 0]),
        ({"recipient": "491", "skip": 1, "limit": 1}, [2]),
        ({"skip": 4}, []),
    ],
)
async def test_a_page_is_the_oldest_first(store: Store, filters: dict[str, Any], places: list[int]) -> None:
    assert await add(store, *ROWS) == [True] * len(ROWS)
    assert await listed(store, **filters) == [ROWS[place] for place in places]


async def test_a_cleared_store_holds_nobody(store: Store) -> None:
    await add(store, entry())
    await store.clear()
    assert not await store.suppressions.among(AccountId("1"), "viber", "20001", [PERSON])
    assert await listed(store) == []
