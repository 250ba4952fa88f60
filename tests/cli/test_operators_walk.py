"""An operator's walk through a running service: settings, a refused call, a provider that is down, a person
who wants to be forgotten, a backup, and a year later."""

import json
import signal
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest

from tests.beside import states
from tests.cli.configs import write_config
from tests.cli.listener import Listener, listening
from tests.faults.databases import open_url
from tests.processes import Running, run_waypost, start, start_serve, until

PERSON, ANOTHER = "4915112345678", "4915112345679"
_IMPATIENT = "[delivery]\nretry_schedule = [0.05]\n"
_NEW_ACCOUNT = """
[accounts.other]
spaces = ["cams-other0000main"]
[[accounts.other.senders]]
channel = "viber"
id = "30001"
route = "viber-main"
"""


class Walk:
    """The operator's commands, beside a service with one file of settings."""

    def __init__(self, config: Path, running: Running) -> None:
        self.config = config
        self.running = running
        self.key: dict[str, Any] = {}

    def run(self, *arguments: str, code: int = 0) -> Any:
        done = run_waypost(*arguments, "--config", str(self.config), "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def call(self, action: str, *parameters: str) -> dict[str, Any]:
        done = run_waypost("call", action, *parameters, *self._credentials())
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def send(self, to: str) -> str:
        done = run_waypost("send", "--to", to, "--text", "private", "--ttl", "600", *self._credentials())
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def reload(self, event: str) -> None:
        before = self.running.log.count(event)
        self.running.process.send_signal(signal.SIGHUP)
        until(lambda: self.running.log.count(event) > before, what=event)

    def _credentials(self) -> tuple[str, ...]:
        pair = self.key["access_key_id"], self.key["access_key_secret"]
        return "--endpoint", self.running.address, "--access-key-id", pair[0], "--access-key-secret", pair[1]


def change_the_settings(walk: Walk) -> None:
    right = walk.config.read_text("utf-8")
    walk.config.write_text(right.replace('channel = "viber"', 'channel = "vyber"'), "utf-8")
    checked = run_waypost("check", "--config", str(walk.config))
    assert (checked.returncode, "viber" in checked.stdout + checked.stderr) == (2, True)
    walk.reload("settings.refused")
    assert walk.call("ListInstance")["Code"] == "OK"
    walk.config.write_text(right + _NEW_ACCOUNT, "utf-8")
    assert run_waypost("check", "--config", str(walk.config)).returncode == 0
    walk.reload("settings.reloaded")
    made = walk.run("keys", "create", "--account", "other")
    assert {row["kind"] for row in walk.run("audit", "list", "--account", "other")} >= {
        "account",
        "sender",
        "key",
    }
    owner, walk.key = walk.key, made
    until(lambda: walk.call("ListInstance").get("Code") == "OK", what="the new account calls")
    walk.key = owner


def find_a_refused_call(walk: Walk) -> None:
    refused = walk.call("SendChatappMessage", "ChannelType=viber", f"To={PERSON}", "Lable=promotion")
    assert refused["Code"].startswith("Missing")
    request_id = refused["RequestId"]
    shown = until(lambda: _shown(walk, request_id), what="the call is on record")
    assert (shown["code"], "Lable" in json.dumps(shown), PERSON in json.dumps(shown)) == (
        refused["Code"],
        True,
        False,
    )


def _shown(walk: Walk, request_id: str) -> Any:
    done = run_waypost("calls", "show", request_id, "--config", str(walk.config), "--json")
    return json.loads(done.stdout) if done.returncode == 0 else None


def lose_a_provider_and_get_it_back(walk: Walk, viber: Listener) -> None:
    viber.status = 503
    waiting = walk.send(ANOTHER)
    until(lambda: "provider.down" in walk.running.log, within=30, what="the line that it is down")
    viber.status = 200

    def is_back() -> bool:
        walk.send(ANOTHER)
        return "provider.back" in walk.running.log

    until(is_back, within=30, what="the line that it is back")
    assert walk.running.log.count("provider.down") == 1
    until(lambda: states(walk.config)[waiting] == "sent", what="what waited is sent")


def forget_a_person(walk: Walk, viber: Listener) -> str:
    viber.answer = {"status": 0, "message_token": 777}
    message_id = walk.send(PERSON)
    until(lambda: states(walk.config)[message_id] == "sent", what="it is with the provider")
    # What is under way is left as it is, and the command says so.
    assert walk.run("recipients", "erase", PERSON, code=1)["under_way"]
    for status in (0, 1):
        receipt = {
            "message_token": 777,
            "message_status": status,
            "message_time": 1_800_000_000 + status,
            "phone_number": PERSON,
            "service_id": 20001,
        }
        url = f"{walk.running.address}/receipts/viber-main/viber-receipts-0001"
        with open_url(Request(url, data=json.dumps(receipt).encode())) as taken:
            assert taken.status == 200
    until(lambda: states(walk.config)[message_id] == "read", what="the receipts")
    counts = walk.run("recipients", "erase", f"+{PERSON}")
    assert (counts["messages"], counts["under_way"]) == (1, 0)
    shown = run_waypost("messages", "list", "--config", str(walk.config), "--json", "--show").stdout
    assert (message_id in shown, PERSON in shown) == (True, False)
    return message_id


def restore_elsewhere(walk: Walk, folder: Path) -> Path:
    backup, elsewhere = folder / "backup.db", folder / "elsewhere"
    walk.run("db", "backup", str(backup))
    done = run_waypost("db", "restore", str(backup), "--data", str(elsewhere), "--waiting", "drop")
    assert done.returncode == 0, done.stderr
    (elsewhere / "secret.key").write_bytes((folder / "data" / "secret.key").read_bytes())
    return elsewhere


def let_a_year_pass(elsewhere: Path) -> None:
    """With the sandbox on the restored folder, since its clock can be moved."""

    def is_empty() -> bool:
        done = run_waypost("messages", "list", "--data", str(elsewhere), "--json")
        assert done.returncode == 0, done.stderr
        rows: list[Any] = json.loads(done.stdout)
        return not rows

    assert not is_empty()
    with start(["sandbox", "--port", "0", "--data", str(elsewhere), "--retention"]) as sandbox:
        sandbox.advance(400 * 86_400)
        until(lambda: not states(data=elsewhere), within=30, what="all messages are removed")
    assert is_empty()


@pytest.mark.long
def test_an_operators_walk(tmp_path: Path) -> None:
    with listening({"status": 0, "message_token": "1"}) as viber:
        config = write_config(tmp_path, viber=viber.url, more=_IMPATIENT)
        key = json.loads(
            run_waypost("keys", "create", "--account", "acme", "--config", str(config), "--json").stdout
        )
        with start_serve(config) as running:
            walk = Walk(config, running)
            walk.key = key
            change_the_settings(walk)
            find_a_refused_call(walk)
            lose_a_provider_and_get_it_back(walk, viber)
            forgotten = forget_a_person(walk, viber)
            elsewhere = restore_elsewhere(walk, tmp_path)
    assert states(config, data=elsewhere)[forgotten] == "read"
    let_a_year_pass(elsewhere)
