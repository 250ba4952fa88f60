"""`waypost keys` on the folder of a running service, called by the official SDK."""

import json
import os
from pathlib import Path

import pytest
from alibabacloud_cams20200606.client import Client
from alibabacloud_cams20200606.models import SendChatappMessageRequest
from alibabacloud_ram20150501.client import Client as RamClient
from alibabacloud_ram20150501.models import AttachPolicyToUserRequest, CreateUserRequest
from alibabacloud_tea_openapi.models import Config
from Tea.exceptions import TeaException

from tests.cli.configs import write_config
from tests.processes import Running, run_waypost, start_sandbox, start_serve, until
from tests.sdk.key_pairs import code_by_v1, code_by_v3


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


def _call(running: Running, key: dict[str, str]) -> str:
    """The code that the SDK gets."""
    client = Client(
        Config(
            access_key_id=key["access_key_id"],
            access_key_secret=key["access_key_secret"],
            endpoint=running.endpoint,
            protocol="http",
        )
    )
    request = SendChatappMessageRequest(
        channel_type="viber",
        type="message",
        message_type="text",
        content='{"text":"hi"}',
        from_="20001",
        to="4915112345678",
        label="promotion",
    )
    try:
        return str(client.send_chatapp_message(request).body.code)
    except TeaException as refused:
        return str(refused.code)


def test_a_new_key_calls_and_can_be_switched(tmp_path: Path) -> None:
    config = str(write_config(tmp_path))
    with start_serve(Path(config)) as running:
        made = run_waypost(
            "keys", "create", "--account", "acme", "--user", "sender", "--config", config, "--json"
        )
        assert made.returncode == 0, made.stderr
        key = json.loads(made.stdout)
        assert (key["account_id"], key["user_id"]) == ("acme", "sender")
        until(lambda: _call(running, key) == "OK", what="the new key is known")

        listed = run_waypost("keys", "list", "--config", config, "--json")
        assert key["access_key_secret"] not in listed.stdout
        assert [(each["access_key_id"], each["enabled"]) for each in json.loads(listed.stdout)] == [
            (key["access_key_id"], True)
        ]
        for switch, code in (("disable", "InvalidAccessKeyId.Inactive"), ("enable", "OK")):
            assert run_waypost("keys", switch, key["access_key_id"], "--config", config).returncode == 0
            until(lambda code=code: _call(running, key) == code, what=f"{switch} is known")  # type: ignore[misc]


def test_a_key_made_before_the_first_start_is_there(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    made = run_waypost("keys", "create", "--account", "acme", "--id", "acme-1", "--config", str(config))
    assert made.returncode == 0, made.stderr
    secret = made.stdout.split()[-1]
    assert "access key id      acme-1" in made.stdout
    assert os.stat(tmp_path / "data" / "secret.key").st_mode & 0o777 == 0o600
    assert secret.encode() not in b"".join(
        path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file()
    )
    with start_serve(config) as running:
        assert _call(running, {"access_key_id": "acme-1", "access_key_secret": secret}) == "OK"
    again = run_waypost("keys", "create", "--account", "acme", "--id", "acme-1", "--config", str(config))
    assert (again.returncode, "already" in again.stderr) == (1, True)


@pytest.mark.long
def test_what_is_not_there_is_1_and_the_known_ones_are_named(tmp_path: Path) -> None:
    config = str(write_config(tmp_path))
    done = run_waypost("keys", "create", "--account", "acne", "--config", config)
    assert (done.returncode, "there are: acme" in done.stderr) == (1, True)
    done = run_waypost("keys", "create", "--account", "acme", "--user", "root", "--config", config)
    assert (done.returncode, "it has: sender" in done.stderr) == (1, True)
    for switch in ("disable", "enable"):
        done = run_waypost("keys", switch, "nobody", "--config", config)
        assert (done.returncode, "waypost keys list" in done.stderr) == (1, True)


def test_wrong_usage_is_2(tmp_path: Path) -> None:
    config = str(write_config(tmp_path))
    for id_ in ("STS.abc", "a b", "x,y", "ab"):
        done = run_waypost("keys", "create", "--account", "acme", "--id", id_, "--config", config)
        assert (done.returncode, "--id takes" in done.stderr) == (2, True)
    done = run_waypost("keys", "list", "--data", str(tmp_path / "nowhere"))
    assert (done.returncode, "no Waypost database" in done.stderr) == (2, True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.long
def test_a_lost_key_file_is_not_made_anew(tmp_path: Path) -> None:
    with start_sandbox(tmp_path):
        pass
    (tmp_path / "secret.key").unlink()
    done = run_waypost("keys", "create", "--account", "1", "--data", str(tmp_path))
    assert (done.returncode, "the key file" in done.stderr) == (2, True)
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.long
def test_a_user_made_by_call_gets_a_key_by_command_and_is_there_after_a_restart(tmp_path: Path) -> None:
    config = write_config(tmp_path)

    def made(*more: str) -> dict[str, str]:
        done = run_waypost("keys", "create", "--account", "acme", *more, "--config", str(config), "--json")
        assert done.returncode == 0, done.stderr
        key: dict[str, str] = json.loads(done.stdout)
        return key

    owner = made()
    with start_serve(config) as running:
        ram = RamClient(
            Config(
                access_key_id=owner["access_key_id"],
                access_key_secret=owner["access_key_secret"],
                endpoint=running.endpoint,
                protocol="http",
            )
        )
        user = ram.create_user(CreateUserRequest(user_name="alice")).body.user
        ram.attach_policy_to_user(
            AttachPolicyToUserRequest(
                user_name="alice", policy_type="System", policy_name="AdministratorAccess"
            )
        )
        key = made("--user", "alice")
        assert key["user_id"] == user.user_id
    listed = run_waypost("keys", "list", "--config", str(config)).stdout
    assert "user alice" in listed
    with start_serve(config) as running:
        assert _call(running, key) == "OK"


@pytest.mark.long
def test_a_malformed_id_is_not_imported(tmp_path: Path) -> None:
    config = str(write_config(tmp_path))
    for id_ in ("STS.temporary", "a b", "xx", "ci@LTAI5tTheirs"):
        arguments = ("keys", "import", "--account", "acme", "--id", id_, "--config", config)
        done = run_waypost(*arguments, stdin="their+Secret/0123456789\n")
        assert (done.returncode, "--id takes 3 to 64" in done.stderr) == (2, True)


@pytest.mark.long
def test_a_key_that_programs_have_is_imported(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    arguments = ("keys", "import", "--account", "acme", "--id", "LTAI5tTheirs", "--config", str(config))
    for secret in ("", "short", "with spaces", "ü" * 30, "x" * 129):
        done = run_waypost(*arguments, stdin=f"{secret}\n")
        assert (done.returncode, "8 to 128" in done.stderr) == (2, True)
    done = run_waypost(*arguments, stdin="their+Secret/0123456789\n")
    assert (done.returncode, done.stdout) == (0, "LTAI5tTheirs is stored\n")
    key = {"access_key_id": "LTAI5tTheirs", "access_key_secret": "their+Secret/0123456789"}
    with start_serve(config) as running:
        for code in (code_by_v3, code_by_v1):
            assert code(running, key["access_key_id"], key["access_key_secret"], "20001") == "OK"
            assert code(running, key["access_key_id"], "another+Secret/0123456789", "20001") == (
                "SignatureDoesNotMatch"
            )
        listed = json.loads(run_waypost("audit", "list", "--config", str(config), "--json").stdout)
        assert "LTAI5tTheirs" in json.dumps(listed)
        assert "their+Secret" not in json.dumps(listed)
        again = run_waypost(*arguments, stdin="another+Secret/0123456789\n")
        assert (again.returncode, "already" in again.stderr) == (1, True)
        assert _call(running, key) == "OK"


@pytest.mark.long
def test_a_rotated_key_ends_after_its_grace_and_a_deleted_one_at_once(tmp_path: Path) -> None:
    config = str(write_config(tmp_path))

    def printed(*arguments: str) -> dict[str, str]:
        done = run_waypost("keys", *arguments, "--config", config, "--json")
        assert done.returncode == 0, done.stderr
        pair: dict[str, str] = json.loads(done.stdout)
        return pair

    old = printed("create", "--account", "acme", "--user", "sender")
    with start_serve(Path(config)) as running:
        until(lambda: _call(running, old) == "OK", what="the key is known")
        new = printed("rotate", old["access_key_id"], "--grace", "1h")
        assert new["user_id"] == "sender"
        until(lambda: _call(running, new) == "OK", what="the new key is known")
        assert _call(running, old) == "OK"
        third = printed("rotate", new["access_key_id"], "--grace", "0s")
        until(lambda: _call(running, new) == "InvalidAccessKeyId.Inactive", what="the end without grace")
        assert _call(running, third) == "OK"
        run_waypost("keys", "enable", new["access_key_id"], "--config", config)
        until(lambda: _call(running, new) == "OK", what="it is switched on again")
        done = run_waypost("keys", "delete", new["access_key_id"], "--config", config)
        assert (done.returncode, done.stdout) == (0, f"{new['access_key_id']} is deleted\n")
        until(lambda: _call(running, new) == "InvalidAccessKeyId.NotFound", what="the key is gone")
    listed = run_waypost("keys", "list", "--config", config)
    assert (" until " in listed.stdout, listed.stderr) == (True, "2 access keys\n")
    for arguments in (("rotate", "nobody"), ("delete", "nobody")):
        done = run_waypost("keys", *arguments, "--config", config)
        assert (done.returncode, "waypost keys list" in done.stderr) == (1, True)
    done = run_waypost("keys", "rotate", old["access_key_id"], "--grace", "soon", "--config", config)
    assert (done.returncode, "24h" in done.stderr) == (2, True)
