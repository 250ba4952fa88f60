"""What another process changes in the configuration, a removal too, reaches a service within a second."""

import asyncio
import time
from pathlib import Path

import msgspec
import pytest

from tests.storage.stored_entries import apply
from waypost.clock import SystemClock
from waypost.config.loading import load
from waypost.config.paths import database_path
from waypost.model.access.principals import AccessKey
from waypost.model.configuration import Configuration
from waypost.model.entry_changes import ConfigurationUpdate, InsertEntry, RemoveEntry
from waypost.model.identifiers import AccountId
from waypost.server.app import Waypost
from waypost.storage.sqlite import SqliteStore

WITHIN_S = 1.0


class Observed(Waypost):
    """Signals each snapshot that it gets."""

    def __init__(self, folder: Path) -> None:
        defaults = load(None, {})
        settings = msgspec.structs.replace(
            defaults, store=msgspec.structs.replace(defaults.store, data=str(folder))
        )
        self.snapshots: asyncio.Queue[Configuration] = asyncio.Queue()
        super().__init__(settings, SystemClock(), "http://127.0.0.1:9")

    def _apply_configuration(self, configuration: Configuration, update: ConfigurationUpdate) -> None:
        super()._apply_configuration(configuration, update)
        self.snapshots.put_nowait(configuration)


@pytest.mark.quiet
async def test_a_key_that_another_process_makes_and_deletes(tmp_path: Path) -> None:
    service = Observed(tmp_path)
    await service.start()
    await service.snapshots.get()
    theirs = SqliteStore(database_path(service.settings))
    key = AccessKey(
        id="k", account_id=AccountId("1"), secret=service.secret_box.encrypt("s", "k"), created_at=1
    )
    for change, known in ((InsertEntry(key, "command"), True), (RemoveEntry(key), False)):
        started = time.monotonic()
        assert await apply(theirs, change)
        snapshot = await asyncio.wait_for(service.snapshots.get(), 30)
        assert time.monotonic() - started < WITHIN_S
        assert ("k" in snapshot.keys) is known
        assert (service.gate.keys.find("k") is not None) is known
    await theirs.close()
    await service.stop()
