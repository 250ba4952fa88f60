"""`waypost audit`: each change of the configuration by call, by command and by file, with who made it."""

import getpass
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.configs import write_config
from tests.processes import run_waypost, start_sandbox, start_serve
from tests.sdk.callers import Sandbox
from tests.sdk.operations import own


def audit(*options: str) -> list[dict[str, Any]]:
    done = run_waypost("audit", "list", "--json", *options)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_a_call_is_on_record_with_its_user_its_key_and_its_address(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as process:
        sandbox = Sandbox(process)
        answer = own(sandbox, "CreateFallbackRule", RuleName="By call", ChannelType="viber", SenderId="20001")
        [row] = audit("--data", str(tmp_path), "--kind", "fallback_rule", "--account", "1")
    assert (row["who"], row["access_key_id"], row["address"], row["origin"]) == (
        "1",
        "sandbox",
        "127.0.0.1",
        "api",
    )
    assert row["request_id"] == answer["RequestId"]
    assert (row["before"], row["after"]["name"]) == ({}, "By call")


@pytest.mark.long
def test_a_command_is_on_record_with_the_user_of_the_operating_system(tmp_path: Path) -> None:
    config = str(write_config(tmp_path))
    made = run_waypost("keys", "create", "--account", "acme", "--id", "WPaudit", "--config", config, "--json")
    secret = json.loads(made.stdout)["access_key_secret"]
    run_waypost("keys", "disable", "WPaudit", "--config", config)
    changed, first = audit("--config", config, "--kind", "key")
    assert changed["who"] == first["who"] == f"cli/{getpass.getuser()}"
    assert (changed["before"], changed["after"]) == ({"enabled": True}, {"enabled": False})
    assert (first["entry_id"], first["after"]["secret"], first["address"]) == ("WPaudit", "***", None)
    shown = run_waypost("audit", "list", "--config", config).stdout
    assert "changed key WPaudit, by cli/" in shown
    assert "enabled: True -> False" in shown
    assert secret not in shown


@pytest.mark.long
def test_a_file_is_on_record_where_it_changes_something_and_only_there(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    for _ in range(2):
        with start_serve(path):
            pass
        rows = audit("--config", str(path), "--account", "acme")
        assert {row["who"] for row in rows} == {"file"}
        assert sorted(row["kind"] for row in rows) == ["account", "sender", "sender", "space", "user"]
    assert "signs-the-pushes" not in json.dumps(rows)
    path.write_text(
        path.read_text(encoding="utf-8").replace('name = "Acme"', 'name = "Acme Ltd"'), encoding="utf-8"
    )
    with start_serve(path):
        pass
    [row] = audit("--config", str(path), "--limit", "1")
    assert (row["before"], row["after"]) == ({"name": "Acme"}, {"name": "Acme Ltd"})


def test_a_kind_that_there_is_not_is_wrong_usage(tmp_path: Path) -> None:
    done = run_waypost("audit", "list", "--kind", "keys", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "there is no kind 'keys'; there are: account, user, key" in done.stderr
