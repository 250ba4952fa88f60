"""`waypost sandbox --retention`: what is old is removed as its clock moves on; without it all is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.processes import run_waypost, start, until

DAY_S = 86_400
NUMBER = "4915112345678"


def _messages(data: Path) -> list[dict[str, Any]]:
    done = run_waypost("messages", "list", "--data", str(data), "--json", "--show")
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


@pytest.mark.long
def test_the_content_goes_and_then_the_message(tmp_path: Path) -> None:
    with start(["sandbox", "--port", "0", "--data", str(tmp_path), "--retention"]) as sandbox:
        sent = run_waypost("send", "--to", NUMBER, "--text", "private", "--endpoint", sandbox.address)
        message_id = sent.stdout.strip()
        sandbox.advance(60)
        assert [(row["to"], row["redacted"]) for row in _messages(tmp_path)] == [(NUMBER, False)]

        sandbox.advance(31 * DAY_S)
        until(lambda: _messages(tmp_path)[0]["redacted"], what="the content is removed")
        assert [(row["to"], row["state"]) for row in _messages(tmp_path)] == [("", "read")]
        assert sandbox.get(f"/sandbox/messages/{message_id}")["content"] == {}
        shown = run_waypost("messages", "show", message_id, "--data", str(tmp_path)).stdout
        assert "its content and number were removed" in shown
        listed = run_waypost("callbacks", "list", "--data", str(tmp_path), "--json", "--show").stdout
        assert NUMBER not in listed
        replayed = run_waypost("callbacks", "replay", "--message", message_id, "--data", str(tmp_path))
        assert replayed.returncode == 1
        assert "its content was removed" in replayed.stderr

        sandbox.advance(150 * DAY_S)
        until(lambda: not _messages(tmp_path), what="the message is removed")


@pytest.mark.long
def test_a_sandbox_keeps_everything_unless_it_is_to_remove_it(tmp_path: Path) -> None:
    with start(["sandbox", "--port", "0", "--data", str(tmp_path)]) as sandbox:
        sent = run_waypost("send", "--to", NUMBER, "--text", "kept", "--endpoint", sandbox.address)
        sandbox.advance(400 * DAY_S)
        assert sandbox.get(f"/sandbox/messages/{sent.stdout.strip()}")["content"] == {"text": "kept"}
