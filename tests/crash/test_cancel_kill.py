"""`waypost messages cancel` is killed in the middle: a service that starts finishes it, each message once."""

import asyncio
import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.model.messages import fallback, message
from tests.processes import WAYPOST, environment_of, run_waypost, start_serve, until
from waypost.messaging.acceptance import acceptance
from waypost.model.configuration import Configuration
from waypost.model.entries import Account, Sender
from waypost.model.identifiers import AccountId, MessageIds
from waypost.storage.changes import Change
from waypost.storage.sqlite import SqliteStore

MESSAGES = 10_000

# Tomorrow, so that no worker of the service claims one meanwhile, and their time to live is not over.
ACCEPTED_AT = 4_000_000_000_000
ACME = AccountId("acme")


def count(path: Path, sql: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(sql).fetchone()[0])


async def fill(path: Path, messages: int) -> None:
    """A campaign that waits; the whole of it has a fallback."""
    store, ids = SqliteStore(path, durable=False), MessageIds(1, seed=0)
    configuration = Configuration(
        [Account(id=ACME), Sender(channel="viber", id="20001", account_id=ACME, route="viber-main")]
    )
    for first in range(0, messages, 100):
        accepted = [
            message(
                message_id=ids.next(ACCEPTED_AT + number),
                account_id=ACME,
                accepted_at=ACCEPTED_AT + number,
                task_id="sale",
                fallback=fallback(duration=3600),
            )
            for number in range(first, first + 100)
        ]
        await store.apply([Change(acceptance(one, configuration, 0).commands) for one in accepted])
    await store.close()


@pytest.mark.long
def test_a_cancel_that_is_killed_in_the_middle_is_finished_by_the_service(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    # Declares the account, and makes the database.
    with start_serve(config):
        pass
    path = tmp_path / "data" / "waypost.db"
    asyncio.run(fill(path, MESSAGES))
    command = ["messages", "cancel", "--task", "sale", "--yes", "--config", str(config)]
    with subprocess.Popen([*WAYPOST, *command], env=environment_of(None)) as cancelling:
        until(lambda: count(path, "SELECT coalesce(max(cancelled), 0) FROM cancellation") > 0)
        cancelling.kill()
    ended = count(path, "SELECT cancelled FROM cancellation")
    assert 0 < ended < MESSAGES, "it was killed too late"
    assert count(path, "SELECT count(*) FROM leg WHERE state = 'failed'") == ended
    with start_serve(config):
        until(lambda: count(path, "SELECT count(*) FROM cancellation WHERE done_at IS NOT NULL") == 1, 60)
    assert count(path, "SELECT cancelled FROM cancellation") == MESSAGES
    assert (
        count(path, "SELECT count(*) FROM leg WHERE state = 'failed' AND failure = 'cancelled'") == MESSAGES
    )
    assert count(path, "SELECT count(*) FROM leg") == MESSAGES
    assert count(path, "SELECT count(*) FROM callback") == MESSAGES
    assert count(path, "SELECT count(DISTINCT message_id) FROM callback") == MESSAGES
    assert count(path, "SELECT count(*) FROM journal") == 0


def test_the_command_counts_asks_and_prints_what_it_ended(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with start_serve(config):
        pass
    path = tmp_path / "data" / "waypost.db"
    asyncio.run(fill(path, 200))
    options = ("messages", "cancel", "--config", str(config))
    assert run_waypost(*options).returncode == 2
    assert "no account 'globex'" in run_waypost(*options, "--account", "globex", "--yes").stderr
    no = run_waypost(*options, "--task", "sale", stdin="n\n")
    assert no.returncode == 1
    assert "200 messages would be cancelled; 0 left" in no.stderr
    assert count(path, "SELECT count(*) FROM cancellation") == 0
    done = run_waypost(*options, "--account", "acme", "--task", "sale", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["cancelled"], answer["with_provider"]) == (200, 0)
    again = run_waypost(*options, "--account", "acme", "--yes")
    assert again.stdout.startswith("0 messages cancelled; 0 left")
