"""`waypost callbacks`: a dead letter is replayed to a receiver that is well again."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.cli.listener import listening
from tests.processes import run_waypost, start_sandbox, start_serve, until
from waypost.commands.key_entries import Pair

NOT_A_VIBER_USER = {"status": 9}
_IMPATIENT = "[callbacks]\nretry_schedule = [0.05]\ntimeout = 2.0\n"


def _send(address: str, key: Pair, to: str) -> str:
    done = run_waypost(
        *("send", "--to", to, "--text", "hi", "--endpoint", address),
        *("--access-key-id", key.id, "--access-key-secret", key.secret),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _list(config: str, *options: str) -> list[dict[str, Any]]:
    done = run_waypost("callbacks", "list", "--config", config, "--json", *options)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.long
def test_dead_letters_are_replayed(tmp_path: Path) -> None:
    with listening(NOT_A_VIBER_USER) as viber, listening({"code": 0}) as receiver:
        config = str(write_config(tmp_path, viber=viber.url, status_url=receiver.url, more=_IMPATIENT))
        key = make_key(Path(config))
        with start_serve(Path(config)) as running:
            receiver.status = 500
            first = _send(running.address, key, "4915112345678")
            second = _send(running.address, key, "4915112345679")
            until(lambda: running.log.count("callback.dead") == 2, what="both are dead letters")
            accepted, dead_letters = (
                [
                    line.partition("request_id=")[2].split()[0]
                    for line in running.log.splitlines()
                    if of in line
                ]
                for of in ("operation=SendChatappMessage", "callback.dead")
            )
            assert sorted(dead_letters) == sorted(accepted)

            dead = _list(config, "--dead")
            assert [(each["message_id"], each["state"], each["tries"]) for each in dead] == [
                (first, "dead", 2),
                (second, "dead", 2),
            ]
            assert dead[0]["error"] == "answered HTTP 500, not 200"
            assert dead[0]["body"]["Status"] == "Failed"
            assert _list(config, "--waiting", "--delivered", "--stored") == []

        # A URL that failed is left alone for some seconds by the process that saw it fail.
        with start_serve(Path(config)):
            receiver.status = 200
            receiver.got.clear()
            done = run_waypost("callbacks", "replay", str(dead[0]["id"]), "--config", config)
            assert (done.returncode, done.stdout) == (0, "1 callback waits to be pushed again\n")
            until(lambda: receiver.objects(), what="the replayed callback is pushed")
            assert [callback["MessageId"] for callback in receiver.objects()] == [first]

            done = run_waypost("callbacks", "replay", "--dead", "--config", config, "--json")
            assert json.loads(done.stdout) == {"waiting": [dead[1]["id"]], "refused": []}
            until(lambda: len(receiver.got) == 2, what="the other one is pushed")
            assert receiver.objects()[1]["MessageId"] == second

            done = run_waypost("callbacks", "replay", "--message", first, "--config", config)
            assert done.returncode == 0, done.stderr
            until(lambda: len(receiver.got) == 3, what="a delivered one is pushed again")
        assert [each["state"] for each in _list(config)] == ["delivered", "delivered"]
        at, _, signature = receiver.got[0].headers["X-Waypost-Signature"].partition(",v1=")
        signed = at.removeprefix("t=").encode() + b"." + receiver.got[0].body
        assert signature == hmac.new(b"signs-the-pushes", signed, hashlib.sha256).hexdigest()


@pytest.mark.long
def test_replay_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as sandbox:
        done = run_waypost("send", "--to", "4915112345678", "--text", "x", "--endpoint", sandbox.address)
        message_id = done.stdout.strip()
        sandbox.advance(5)
    data = ("--data", str(tmp_path))
    done = run_waypost("callbacks", "replay", "--message", message_id, *data)
    assert done.returncode == 1
    assert "account 1 has no URL for ChatAppStatus" in done.stderr
    done = run_waypost("callbacks", "replay", "1", "999", *data, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "waiting": [],
        "refused": [
            {"id": 1, "why": "account 1 has no URL for ChatAppStatus"},
            {"id": 999, "why": "there is no such callback"},
        ],
    }
    assert run_waypost("callbacks", "replay", "--message", "7", *data).returncode == 1
    assert run_waypost("callbacks", "replay", "--dead", *data).stdout.startswith("0 callbacks")
    for wrong in ((), ("1", "--dead"), ("--dead", "--message", "7"), ("1", "--account", "1")):
        assert run_waypost("callbacks", "replay", *wrong, *data).returncode == 2


@pytest.mark.long
def test_stored_callbacks_go_out_once_there_is_a_url(tmp_path: Path) -> None:
    """What was only stored while an account had no URL can be pushed later, and in its order."""
    with start_sandbox(tmp_path) as sandbox:
        run_waypost("send", "--to", "4915112345678", "--text", "x", "--endpoint", sandbox.address)
        sandbox.advance(5)
    data = ("--data", str(tmp_path))
    with listening({"code": 0}) as receiver, start_sandbox(tmp_path, callback_url=receiver.url):
        done = run_waypost("callbacks", "replay", "3", "1", "2", *data)
        assert done.returncode == 0, done.stderr
        until(lambda: len(receiver.objects()) == 3, what="they are pushed")
        assert [callback["Status"] for callback in receiver.objects()] == ["Sent", "Delivered", "Read"]
