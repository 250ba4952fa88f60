"""`waypost recipients erase` beside a running sandbox."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.processes import Running, run_waypost, start_sandbox

NUMBER = "4915112345678"
SILENT = "4915112340002"
"""A phone of which nothing is reported, so that its message is under way for minutes."""


def _send(sandbox: Running, label: str = "promotion", to: str = NUMBER) -> "subprocess.CompletedProcess[str]":
    return run_waypost(
        "send", "--to", to, "--text", "private", "--label", label, "--endpoint", sandbox.address
    )


def _erase(data: Path, *options: str, number: str = NUMBER) -> "subprocess.CompletedProcess[str]":
    return run_waypost("recipients", "erase", f"+{number}", "--data", str(data), *options)


@pytest.mark.long
def test_a_person_is_erased_and_their_opt_out_still_refuses(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as sandbox:
        assert _send(sandbox, to=SILENT).returncode == 0
        under_way = _erase(tmp_path, number=SILENT)
        assert under_way.returncode == 1
        assert "still under way was left as it is (1 message or callback)" in under_way.stderr

        message_id = _send(sandbox).stdout.strip()
        sandbox.advance(60)
        sandbox.post(f"/sandbox/phones/{NUMBER}/reply", {"text": "STOP"})
        assert "Suppress" in _send(sandbox).stderr
        done = _erase(tmp_path, "--json")
        assert done.returncode == 0, done.stderr
        counts = json.loads(done.stdout)
        assert (counts["messages"], counts["inbound_messages"], counts["opt_outs"]) == (1, 1, 1)
        assert counts["callbacks"] >= 2
        assert counts["under_way"] == 0
        assert sandbox.get(f"/sandbox/messages/{message_id}")["to"] == ""

        assert "Suppress" in _send(sandbox).stderr, "the running service refuses as before"
        again = _erase(tmp_path)
        assert (again.returncode, "as before: 0\n" in again.stdout) == (0, True)
        assert _send(sandbox, "transaction").returncode == 0
        sandbox.advance(60)
        sandbox.post(f"/sandbox/phones/{NUMBER}/reply", {"text": "START"})
        assert _send(sandbox).returncode == 0, "an opt-in counts"
        sandbox.advance(60)
        _erase(tmp_path)
        sandbox.stop()
        assert NUMBER.encode() not in (tmp_path / "waypost.db").read_bytes()


@pytest.mark.parametrize("number", ["", "  ", "+1", "1234"])
def test_what_names_nobody_is_refused(number: str, tmp_path: Path) -> None:
    done = run_waypost("recipients", "erase", "--data", str(tmp_path), "--", number)
    assert (done.returncode, "names nobody" in done.stderr) == (2, True)


def test_an_account_that_is_not_there_is_named(tmp_path: Path) -> None:
    with start_sandbox(tmp_path):
        done = _erase(tmp_path, "--account", "7")
    assert done.returncode == 1
    assert "there is no account '7'; there are: 1, 2, 3" in done.stderr
