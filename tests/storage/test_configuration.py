"""Configuration with its version, facts, and nonces."""

from tests.storage.databases import VALID, write
from waypost.model.access.principals import AccessKey, AccountPolicy, Attachment, PolicyVersion, Role, User
from waypost.model.configuration import Account, Entry, ReceiptSettings, Sender, Space
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.senders.viber_senders import Pause, ViberRequest, ViberService
from waypost.model.templates.template import Template
from waypost.storage.changes import ClaimNonce
from waypost.storage.contract import Store, Transaction
from waypost.storage.rows import entry_key

ENTRIES: list[Entry] = [
    Account(id=AccountId("1"), name="Acme", limit=500),
    User(id="clerk", account_id=AccountId("1"), policies={"p": {"Version": "1", "Statement": []}}),
    AccessKey(id="key", account_id=AccountId("1"), user_id="clerk", secret=b"\x00\xff", created_at=7),
    Space(id=SpaceId("cams-1"), account_id=AccountId("1"), default=True),
    Sender(channel="viber", id="20001", account_id=AccountId("1"), route="r"),
    FallbackPolicy(id="S_1", account_id=AccountId("1"), steps=(PolicyStep(channel="sms", sender="Acme"),)),
    Template(
        code="welcome",
        name="Welcome",
        language="en",
        account_id=AccountId("1"),
        space_id=None,
        status="pass",
        channel="viber",
        message_type="text",
        content={"text": "Hello $(name)"},
    ),
    ReceiptSettings(account_id=AccountId("1"), space_id=SpaceId("cams-1"), queue=True),
    ReceiptSettings(
        account_id=AccountId("1"), channel="viber", sender_id="20001", http=False, status_url="https://a/"
    ),
    ViberRequest(
        id="7",
        account_id=AccountId("1"),
        space_id=SpaceId("cams-1"),
        type="open",
        record={"Logo": []},
        created_at=1,
        updated_at=2,
    ),
    ViberService(
        id="25644",
        account_id=AccountId("1"),
        space_id=SpaceId("cams-1"),
        record={},
        pauses=(Pause(1, 2), Pause(3)),
    ),
    Role(
        id="3001",
        account_id=AccountId("1"),
        name="courier",
        trust='{"Version":"1"}',
        attached=(Attachment("Custom", "senders", 8),),
        created_at=9,
    ),
    AccountPolicy(
        account_id=AccountId("1"),
        name="senders",
        versions=(PolicyVersion("v1", "{}", 5),),
        default="v1",
        created_at=5,
    ),
]


async def test_every_kind_of_entry_comes_back(store: Store) -> None:
    await store.transact(lambda tx: tx.put_entries(ENTRIES, "file"))
    found = await store.entries()
    assert sorted(map(repr, found)) == sorted(map(repr, ENTRIES))


async def test_an_entry_put_again_replaces_the_one_before(store: Store) -> None:
    await store.transact(lambda tx: tx.put_entries([Account(id=AccountId("1"), name="before")], "file"))
    await store.transact(lambda tx: tx.put_entries([Account(id=AccountId("1"), name="now")], "command"))
    assert await store.entries() == [Account(id=AccountId("1"), name="now")]
    assert await store.entry_keys("file") == set()
    assert await store.entry_keys("command") == {("account", "1")}


async def test_entries_are_known_by_who_declared_them_and_removed_by_their_key(store: Store) -> None:
    await store.transact(lambda tx: tx.put_entries(ENTRIES[:3], "file"))
    await store.transact(lambda tx: tx.put_entries(ENTRIES[3:], "command"))
    assert await store.entry_keys("file") == {("account", "1"), ("user", "clerk"), ("key", "key")}
    assert await store.entry_keys("command") == {
        ("space", "cams-1"),
        ("sender", "viber/20001"),
        ("fallback", "S_1"),
        ("template", "1/welcome/en"),
        ("receipts", "space/cams-1"),
        ("receipts", "viber/20001"),
        ("viber_request", "7"),
        ("viber_service", "25644"),
        ("role", "1/courier"),
        ("policy", "1/senders"),
    }
    await store.transact(lambda tx: tx.remove_entries([("user", "clerk"), ("user", "nobody")]))
    assert len(await store.entries()) == len(ENTRIES) - 1
    assert await store.entry_keys("file") == {("account", "1"), ("key", "key")}


async def test_the_version_moves_with_every_change_of_the_configuration_and_with_nothing_else(
    store: Store,
) -> None:
    versions = [await store.configuration_version()]
    await store.transact(lambda tx: tx.put_entries(ENTRIES, "file"))
    versions.append(await store.configuration_version())
    await store.transact(lambda tx: tx.remove_entries([("user", "clerk")]))
    versions.append(await store.configuration_version())
    assert versions == sorted(set(versions))
    await store.transact(lambda tx: tx.set_fact("a", "b"))
    await store.clear()
    assert await store.configuration_version() == versions[-1]


async def test_a_fact_is_what_was_set_last(store: Store) -> None:
    assert await store.fact("a") is None
    await store.transact(lambda tx: tx.set_fact("a", "1"))
    await store.transact(lambda tx: tx.set_fact("a", "2"))
    assert await store.fact("a") == "2"


D, E = b"d" * 16, b"e" * 16


async def test_a_nonce_is_known_in_its_slice_and_for_its_key(store: Store) -> None:
    await store.transact(lambda tx: tx.write(ClaimNonce("key", D, 3, VALID)))
    assert store.nonce_used("key", D, [2, 3, 4])
    assert not store.nonce_used("key", D, [2, 4])
    assert not store.nonce_used("key", D, [])
    assert not store.nonce_used("key", E, [3])
    assert not store.nonce_used("other", D, [3])


async def test_nonces_are_listed_and_forgotten_by_slice(store: Store) -> None:
    for digest, slice_ in ((D, 3), (E, 3), (D, 5)):
        await write(store, ClaimNonce("key", digest, slice_, range(slice_, slice_ + 1)))
    assert store.nonce_slices() == [3, 5]
    assert sorted(store.nonces_in(3)) == [("key", D, 3), ("key", E, 3)]
    await store.forget_nonces(5, 1)
    assert store.nonce_slices() == [3, 5]
    assert len(store.nonces_in(3)) == 1
    await store.forget_nonces(5, 9)
    assert store.nonce_slices() == [5]
    assert store.nonces_in(3) == []
    assert store.nonce_used("key", D, [5])


async def test_an_entry_is_found_by_its_key_within_a_transaction(store: Store) -> None:
    await store.transact(lambda tx: tx.put_entries(ENTRIES, "file"))
    for entry in ENTRIES:
        key = entry_key(entry)
        assert await store.transact(lambda tx, key=key: tx.entry(key)) == entry  # type: ignore[misc]
    assert await store.transact(lambda tx: tx.entry(("space", "nobody's"))) is None


async def test_the_entries_of_a_kind_that_an_account_has_are_seen_within_a_transaction(store: Store) -> None:
    await store.transact(lambda tx: tx.put_entries(ENTRIES, "file"))
    other = User(id="neighbour", account_id=AccountId("2"))

    def look(tx: Transaction) -> list[Entry]:
        tx.put_entries([other], "command")
        return [
            *tx.entries_of("user", AccountId("1")),
            *tx.entries_of("user", AccountId("2")),
            *tx.entries_of("role", AccountId("2")),
        ]

    assert await store.transact(look) == [ENTRIES[1], other]
