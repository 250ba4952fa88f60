"""`waypost db backup` under load, and the backup restored elsewhere."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.beside import make_key, states
from tests.cli.configs import write_config
from tests.cli.listener import listening
from tests.processes import run_waypost, start_sandbox, start_serve, until
from tests.sdk.callers import FREE, Sandbox


def _rows(data: Path) -> dict[str, Any]:
    done = run_waypost("messages", "list", "--data", str(data), "--json", "--limit", "100000")
    assert done.returncode == 0, done.stderr
    return {row["message_id"]: row["state"] for row in json.loads(done.stdout)}


@pytest.mark.long
def test_calls_go_on_and_all_that_was_answered_before_is_in_the_backup(tmp_path: Path) -> None:
    first, second, backup = tmp_path / "first", tmp_path / "second", tmp_path / "backup.db"
    answered: list[str] = []
    stop = threading.Event()
    with start_sandbox(first) as running:

        def send_on(caller: int) -> None:
            client = Sandbox(running)
            number = 0
            while not stop.is_set():
                number += 1
                answered.append(client.send(**FREE, to=f"4915{caller}{number:06d}7777"))

        callers = [threading.Thread(target=send_on, args=(caller,)) for caller in range(3)]
        for caller in callers:
            caller.start()
        try:
            until(lambda: len(answered) > 100, within=60)
            before = list(answered)
            done = run_waypost("db", "backup", str(backup), "--data", str(first), "--json")
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["bytes"] == backup.stat().st_size
            after = len(answered)
            until(lambda: len(answered) > after + 20, what="calls go on")
        finally:
            stop.set()
            for caller in callers:
                caller.join()
        assert after > len(before), "calls were answered meanwhile"
        again = run_waypost("db", "backup", str(backup), "--data", str(first))
        assert (again.returncode, "exists; name another file" in again.stderr) == (2, True)

    done = run_waypost("db", "restore", str(backup), "--data", str(second), "--waiting", "send")
    assert done.returncode == 0, done.stderr
    assert "put the key file of the backup's time" in done.stderr
    over = run_waypost("db", "restore", str(backup), "--data", str(second), "--waiting", "send")
    assert (over.returncode, "exists. Restore into another folder" in over.stderr) == (2, True)
    for name in ("secret.key", "clock.json"):
        if (first / name).exists():
            (second / name).write_bytes((first / name).read_bytes())
    assert set(before) <= set(_rows(second))
    with start_sandbox(second) as running:
        running.advance(7200)
        states = _rows(second)
    assert set(states.values()) <= {"read", "delivered", "expired"}, "all work is finished"
    assert set(before) <= set(states)


@pytest.mark.long
def test_what_the_first_service_sent_after_the_backup_is_not_sent_again(tmp_path: Path) -> None:
    with listening({"status": 0, "message_token": "1"}) as viber:
        more = "[delivery]\nretry_schedule = [0.05]\nreceipt_grace = 0\n"
        config = write_config(tmp_path, viber=viber.url, more=more)
        backup, elsewhere = tmp_path / "backup.db", tmp_path / "elsewhere"
        key = make_key(config)
        with start_serve(config) as running:
            viber.status = 503
            sent = run_waypost(
                *("send", "--to", "4915112345678", "--text", "hi", "--ttl", "30", "--label", "transaction"),
                *("--endpoint", running.address, "--access-key-id", key.id),
                *("--access-key-secret", key.secret),
            )
            message_id = sent.stdout.strip()
            assert run_waypost("db", "backup", str(backup), "--config", str(config)).returncode == 0
            viber.status = 200
            until(lambda: states(config)[message_id] == "sent", what="it is sent after the backup")

        undecided = run_waypost("db", "restore", str(backup), "--data", str(elsewhere))
        assert undecided.returncode == 1
        assert "still to be sent when the backup was made: 1;" in undecided.stderr
        done = run_waypost("db", "restore", str(backup), "--data", str(elsewhere), "--waiting", "drop")
        assert done.returncode == 0, done.stderr
        (elsewhere / "secret.key").write_bytes((tmp_path / "data" / "secret.key").read_bytes())
        viber.got.clear()
        with start_serve(config, environment={"WAYPOST_STORE__DATA": str(elsewhere)}):
            # Half a minute is the shortest time to live.
            until(
                lambda: states(data=elsewhere)[message_id] == "expired",
                within=60,
                what="it ends unsent",
                interval=0.5,
            )
        assert viber.got == []
