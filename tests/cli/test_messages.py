"""`waypost messages` on the folder of a running sandbox."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.processes import run_waypost, start_sandbox


class Folder(NamedTuple):
    data: str
    first: str
    second: str
    theirs: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """Two messages of account 1, the second by SMS in the end, and one of account 2."""
    data: Path = tmp_path_factory.mktemp("messages")
    with start_sandbox(data) as sandbox:

        def send(*options: str) -> str:
            done = run_waypost("send", "--text", "hello", "--endpoint", sandbox.address, *options)
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()

        first = send("--to", "4915112345678", "--tag", "vip", "--task-id", "spring")
        second = send("--to", "4915112340001", "--fall-back-id", "S_000001")
        neighbour = ("--access-key-id", "neighbour", "--access-key-secret", "neighbour")
        theirs = send("--to", "4915112345678", "--from", "30001", *neighbour)
        sandbox.advance(5)
        yield Folder(str(data), first, second, theirs)


def test_list_is_newest_first_with_states(folder: Folder) -> None:
    done = run_waypost("messages", "list", "--data", folder.data, "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [(row["message_id"], row["account_id"], row["state"]) for row in rows] == [
        (folder.theirs, "2", "read"),
        (folder.second, "1", "delivered"),
        (folder.first, "1", "read"),
    ]
    assert set(rows[0]) == {
        *("message_id", "account_id", "accepted_at", "channel", "message_type", "from", "to", "state"),
        "redacted",
    }


@pytest.mark.parametrize("show", ["--show", pytest.param("--show-numbers", marks=pytest.mark.long)])
def test_numbers_are_masked_unless_they_are_to_be_shown(folder: Folder, show: str) -> None:
    for form in ((), ("--json",)):
        masked = run_waypost("messages", "list", "--data", folder.data, *form).stdout
        assert "4915112345678" not in masked
        assert "4915******678" in masked
        whole = run_waypost("messages", "list", "--data", folder.data, show, *form).stdout
        assert "4915112345678" in whole


@pytest.mark.long
def test_callbacks_are_masked_unless_they_are_to_be_shown(folder: Folder) -> None:
    for form in ((), ("--json",)):
        masked = run_waypost("callbacks", "list", "--data", folder.data, *form).stdout
        whole = run_waypost("callbacks", "list", "--data", folder.data, "--show", *form).stdout
        assert "4915112345678" not in masked
        assert ("4915112345678" in whole) == ("4915******678" in masked) == bool(form)


@pytest.mark.long
def test_list_of_one_account_a_limit_and_a_page(folder: Folder) -> None:
    def ids(*options: str) -> list[str]:
        done = run_waypost("messages", "list", "--data", folder.data, "--json", *options)
        return [row["message_id"] for row in json.loads(done.stdout)]

    assert ids("--account", "1") == [folder.second, folder.first]
    assert ids("--limit", "1") == [folder.theirs]
    assert ids("--before", folder.second) == [folder.first]
    done = run_waypost("messages", "list", "--data", folder.data, "--account", "7")
    assert (done.returncode, "there are: 1, 2, 3" in done.stderr) == (1, True)


def test_list_by_what_a_message_is_found_by(folder: Folder) -> None:
    shown = run_waypost("messages", "show", folder.first, "--data", folder.data, "--json")
    assert json.loads(shown.stdout)["tag"] == "vip"

    def ids(*options: str) -> list[str]:
        done = run_waypost("messages", "list", "--data", folder.data, "--json", *options)
        assert done.returncode == 0, done.stderr
        return [row["message_id"] for row in json.loads(done.stdout)]

    assert ids("--to", "+49 151 12345678") == [folder.theirs, folder.first]
    assert ids("--to", "4915112345678", "--from", "20001", "--channel", "viber") == [folder.first]
    assert ids("--channel", "sms", "--state", "delivered") == [folder.second]
    assert ids("--tag", "vip", "--task", "spring") == [folder.first]
    assert ids("--state", "failed", "--since", "2026-01-01") == []


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--state", "gone", "'gone' is no state; there are: queued, submitting"),
        ("--since", "then", "'then' is no time"),
    ],
)
def test_an_option_that_is_not_understood_is_2(folder: Folder, option: str, value: str, reason: str) -> None:
    done = run_waypost("messages", "list", "--data", folder.data, option, value)
    assert done.returncode == 2
    assert reason in done.stderr


def test_show_prints_the_timeline(folder: Folder) -> None:
    done = run_waypost("messages", "show", folder.second, "--data", folder.data)
    assert done.returncode == 0, done.stderr
    for text in (folder.second, "SRVC_NOT_VIBER_USER", "leg 1 sms", "fallback S_000001", "delivered"):
        assert text in done.stdout
    shown = json.loads(run_waypost("messages", "show", folder.second, "--data", folder.data, "--json").stdout)
    assert [(leg["channel"], leg["state"]) for leg in shown["legs"]] == [
        ("viber", "failed"),
        ("sms", "delivered"),
    ]


@pytest.mark.parametrize("message_id", ["2026112303460800000100000", "1", "x", "9" * 25])
def test_show_of_none_is_1(folder: Folder, message_id: str) -> None:
    done = run_waypost("messages", "show", message_id, "--data", folder.data)
    assert (done.returncode, done.stderr) == (1, f"waypost: there is no message {message_id}\n")
