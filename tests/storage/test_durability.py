"""What `transact` has committed survives a killed process, and no transaction is left half written."""

import asyncio
import sys
from pathlib import Path

from tests.storage.databases import Database
from waypost.storage.contract import Store, Transaction

ENOUGH = 400


async def write_until_killed(store: Store) -> None:
    """Ten writers; each writes two facts in one transaction and prints their name once they are durable."""

    async def writer(name: int) -> None:
        for place in range(10_000):

            def change(tx: Transaction, fact: str = f"{name}.{place}") -> None:
                tx.set_fact(fact, "first half")
                tx.set_fact(f"{fact}'", "second half")

            await store.transact(change)
            print(f"{name}.{place}", flush=True)

    await asyncio.gather(*(writer(name) for name in range(10)))


async def test_a_killed_process_loses_nothing_it_reported_as_written(
    database: Database, tmp_path: Path
) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.storage.store_process",
        type(database).__name__,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    lines = [await child.stdout.readline() for _ in range(ENOUGH)]
    child.kill()
    lines += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()

    store = database.open()
    written = [line.decode().strip() for line in lines if line.endswith(b"\n")]
    assert len(written) >= ENOUGH
    assert [name for name in written if await store.fact(name) != "first half"] == []
    # What was under way when it died was done as a whole or not at all.
    for writer in range(10):
        latest = sum(1 for name in written if name.startswith(f"{writer}."))
        for place in range(latest, latest + 3):
            halves = [await store.fact(f"{writer}.{place}"), await store.fact(f"{writer}.{place}'")]
            assert halves in ([None, None], ["first half", "second half"])
    await store.close()


async def test_what_was_written_is_there_when_the_database_is_opened_again(database: Database) -> None:
    store = database.open()
    await store.transact(lambda tx: tx.set_fact("a", "b"))
    await store.close()
    reopened = database.open()
    assert await reopened.fact("a") == "b"
    await reopened.close()
