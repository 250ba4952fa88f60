"""`waypost routes`: what is known of each, and pauses that a running service follows within a second."""

import getpass
import json
import time
from pathlib import Path
from typing import Any

from tests.beside import make_known_key
from tests.cli.configs import write_config
from tests.cli.listener import listening
from tests.processes import Running, run_waypost, start_serve, until


def routes(config: Path, *command: str) -> Any:
    done = run_waypost("routes", *command, "--config", str(config), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def row(config: Path, name: str = "viber-main") -> dict[str, Any]:
    [found] = [one for one in routes(config, "list") if one["route"] == name]
    assert isinstance(found, dict)
    return found


class Caller:
    """Sends by a key of the account."""

    def __init__(self, config: Path, running: Running) -> None:
        key = make_known_key(config, running)
        self._options = (
            *("--endpoint", running.address, "--access-key-id", key.id),
            *("--access-key-secret", key.secret),
        )

    def send(self, number: int = 0) -> None:
        to = f"49151123456{number:02d}"
        sent = run_waypost("send", "--to", to, "--text", "hi", "--ttl", "300", *self._options)
        assert sent.returncode == 0, sent.stderr


def test_a_pause_holds_a_running_service_and_fails_nothing(tmp_path: Path) -> None:
    with listening({"status": 0, "message_token": "1"}) as viber:
        config = write_config(tmp_path, viber=viber.url)
        with start_serve(config) as running:
            caller = Caller(config, running)
            assert (row(config)["state"], row(config)["breaker"]) == ("active", "closed")
            assert routes(config, "pause", "viber-main") == {
                "route": "viber-main",
                "paused": True,
                "changed": True,
            }
            assert not routes(config, "pause", "viber-main")["changed"]
            paused_at = time.monotonic()
            caller.send()
            until(lambda: row(config)["waiting"] == 1 or viber.got, within=10, what="the message is known")
            assert time.monotonic() - paused_at > 1 or not viber.got
            assert viber.got == [], "it waits"
            shown = row(config)
            assert (shown["state"], shown["paused_by"]) == ("paused", f"cli/{getpass.getuser()}")
            assert row(config, "sms-main")["state"] == "active"
            listed = run_waypost("routes", "list", "--config", str(config)).stdout
            assert f"paused by cli/{getpass.getuser()}" in listed
            resumed_at = time.monotonic()
            assert routes(config, "resume", "viber-main")["changed"]
            until(lambda: len(viber.got) == 1, within=10, what="it is sent")
            assert time.monotonic() - resumed_at < 5
            assert (row(config)["state"], row(config)["waiting"]) == ("active", 0)


def test_a_route_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    done = run_waypost("routes", "pause", "viber", "--config", str(config))
    assert (done.returncode, done.stderr) == (
        1,
        "waypost: there is no route 'viber'; there are: sms-main, viber-main\n",
    )
