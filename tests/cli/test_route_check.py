"""`waypost routes test` on the folder of a running service, with providers on real sockets."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.cli.listener import Listener, listening
from tests.processes import run_waypost, start_serve

LINE = """
[routes.line-main]
kind = "line"
url = "http://127.0.0.1:9"
secret = "line-receipts-00001"
token = "a-token-of-the-channel"
channel_secret = ""
timeout = 1
"""


@pytest.fixture
def viber() -> Iterator[Listener]:
    with listening({"status": 0, "message_token": 4711}) as provider:
        yield provider


@pytest.mark.long
def test_a_message_is_sent_by_the_route_and_followed(tmp_path: Path, viber: Listener) -> None:
    config = write_config(tmp_path, viber=viber.url)
    with start_serve(config):
        done = run_waypost(
            *("routes", "test", "viber-main", "--to", "4915112345678", "--wait", "2", "--json"),
            *("--config", str(config)),
        )
        answer = json.loads(done.stdout)
        assert answer["credentials"][0]["verdict"] == "unknown"
        assert (answer["message"]["state"], done.returncode) == ("sent", 0)
        assert "receipt address" in answer["message"]["why"]
        [push] = viber.got
        assert b"A test of Waypost." in push.body
        # What the provider refuses is said in words.
        viber.answer = {"status": 9}
        done = run_waypost(
            *("routes", "test", "viber-main", "--to", "4915112345679", "--wait", "5"),
            *("--config", str(config)),
        )
        assert done.returncode == 1
        assert " failed: The recipient does not use this channel." in done.stdout


@pytest.mark.long
def test_what_nobody_sends_is_cancelled(tmp_path: Path, viber: Listener) -> None:
    config = write_config(tmp_path, viber=viber.url)
    with start_serve(config):
        pass
    done = run_waypost(
        *("routes", "test", "viber-main", "--to", "4915112345678", "--wait", "0"),
        *("--config", str(config)),
    )
    assert done.returncode == 1
    assert "is a service running" in done.stdout
    with start_serve(config):
        listed = run_waypost("messages", "list", "--config", str(config), "--json")
        assert [row["state"] for row in json.loads(listed.stdout)] == ["failed"]
    assert viber.got == []


@pytest.mark.long
def test_what_cannot_be_tested(tmp_path: Path) -> None:
    config = write_config(tmp_path, more=LINE)
    options = ("--config", str(config))
    unknown = run_waypost("routes", "test", "viber-min", *options)
    assert unknown.returncode == 1
    assert "there is no route 'viber-min'; there are: line-main, sms-main, viber-main" in unknown.stderr
    assert run_waypost("routes", "test", "viber-main", "--from", "20001", *options).returncode == 2
    away = run_waypost("routes", "test", "line-main", *options)
    assert away.returncode == 1
    assert away.stdout.startswith("line-main: credentials unknown: no answer: ")
    with start_serve(config):
        pass
    nobody = run_waypost("routes", "test", "line-main", "--to", "U1", *options)
    assert "no sender has the route 'line-main'" in nobody.stderr
