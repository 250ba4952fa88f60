"""What a change of the configuration costs the event loop with 20,000 entries; the aim is under 2 ms.

The entries are keys, users, templates and spaces of many accounts, and then of one account. A change is
what a call writes: it replaces a key or a user, or makes or removes a template. What is measured is the CPU
time of the loop's thread from the change as a value to the snapshot that has it: the statements of the
transaction, the read of what changed, the new snapshot, and what is derived of it (prepared keys, limits).
The flush waits in a thread of its own. Beside it stands what a start costs: everything is read, and the
snapshot built of it.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from waypost.api.keyring import LiveKeyRing
from waypost.model.access.principals import AccessKey, User
from waypost.model.audit import Author
from waypost.model.configuration import Account, Configuration, Entry, Space
from waypost.model.entry_changes import (
    ConfigurationUpdate,
    EntryChange,
    InsertEntry,
    RemoveEntry,
    ReplaceEntry,
)
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.templates.template import Template
from waypost.server.call_limits import AccountLimits, create_throttle
from waypost.storage.declared_entries import declare_entries
from waypost.storage.live_configuration import LiveConfiguration
from waypost.storage.secrets import SecretBox
from waypost.storage.sqlite import SqliteStore

ENTRIES = 20_000
ACCOUNTS = (200, 1)
ROUNDS = 400
AUTHOR = Author(0, "a benchmark")
_ORIGIN = "api"
_BOX = SecretBox(bytes(32))


def main() -> None:
    for accounts in ACCOUNTS:
        asyncio.run(_run(accounts))


async def _run(accounts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "waypost.db")
        await declare_entries(store, _entries(accounts), _ORIGIN, now=1)
        keys, limits = LiveKeyRing(_BOX), AccountLimits(create_throttle(100))

        def derive(snapshot: Configuration, update: ConfigurationUpdate) -> None:
            keys.apply(snapshot, update)
            limits.apply(snapshot, update)

        configuration = LiveConfiguration(store, derive)
        started = time.thread_time()
        await configuration.refresh()
        anew = time.thread_time() - started
        for id_ in configuration.current().keys:
            keys.find(id_)
        costs = [await _cost(store, configuration, change) for change in _changes(configuration)]
        await store.close()
    median, percentile = statistics.median(costs), statistics.quantiles(costs, n=100)[98]
    print(
        f"{ENTRIES:,} entries of {accounts} accounts: a change takes {median * 1000:.2f} ms of the loop "
        f"(median of {len(costs)}; 99th percentile {percentile * 1000:.2f}, slowest "
        f"{max(costs) * 1000:.2f}); reading and building everything {anew * 1000:.0f} ms",
        flush=True,
    )


async def _cost(store: SqliteStore, configuration: LiveConfiguration, change: EntryChange) -> float:
    """Seconds of the loop's thread until the snapshot has a change."""
    started = time.thread_time()
    assert await store.transact(lambda tx: tx.configuration.apply([change], AUTHOR))
    assert await configuration.refresh()
    return time.thread_time() - started


def _changes(configuration: LiveConfiguration) -> Iterator[EntryChange]:
    """Changes of entries all over the accounts, each made when the ones before it are in the snapshot."""
    ids = sorted(configuration.current().keys)
    for place in range(ROUNDS // 4):
        current = configuration.current
        key = current().keys[ids[place * 37 % len(ids)]]
        yield ReplaceEntry(key, msgspec.structs.replace(key, enabled=not key.enabled), _ORIGIN)
        user = current().users[key.id.replace("key", "user")]
        yield ReplaceEntry(user, msgspec.structs.replace(user, updated_at=user.updated_at + 1), _ORIGIN)
        new = _template(key.account_id, f"new-{place}")
        yield InsertEntry(new, _ORIGIN)
        yield RemoveEntry(new)


def _entries(accounts: int) -> Iterator[Entry]:
    for number in range(accounts):
        yield Account(id=AccountId(str(number)), limit=50)
    for number in range((ENTRIES - accounts) // 4):
        account = AccountId(str(number % accounts))
        secret = _BOX.encrypt("secret", f"key-{number}")
        yield User(id=f"user-{number}", account_id=account, name=f"user {number}", created_at=1)
        yield AccessKey(
            id=f"key-{number}", account_id=account, user_id=f"user-{number}", secret=secret, created_at=1
        )
        yield Space(id=SpaceId(f"cams-{number}"), account_id=account, created_at=1)
        yield _template(account, f"template-{number}")


def _template(account: AccountId, code: str) -> Template:
    return Template(
        code=code,
        name=f"name of {code}",
        language="en",
        account_id=account,
        space_id=None,
        status="pass",
        channel="viber",
        message_type="text",
        content={"text": "Your code is $(code), valid for ten minutes."},
        components=({"Type": "BODY", "Text": "Your code is $(code), valid for ten minutes."},),
        created_at=1,
    )


if __name__ == "__main__":
    main()
