"""`waypost serve`: it starts and stops, or prints in one sentence what to change."""

import secrets
from pathlib import Path

import pytest

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.cli.listener import listening
from tests.processes import run_waypost, start_serve, until

_ROUTE = """
[routes.sms-main]
kind = "kannel"
url = "http://127.0.0.1:9/cgi-bin/sendsms"
username = "waypost"
password = "kannel"
secret = "sms"
"""


def test_it_is_ready_logs_so_and_ends_with_0(tmp_path: Path) -> None:
    with start_serve(write_config(tmp_path)) as running:
        assert running.get("/healthz")["status"] == "ok"
        until(lambda: "/receipts/viber-main/<secret>" in running.log, what="the line of the log")
        assert "viber-receipts" not in running.log + running.output
    assert running.process.returncode == 0
    assert "stopped" in running.log


def test_logs_are_json_when_so_configured(tmp_path: Path) -> None:
    with start_serve(write_config(tmp_path), environment={"WAYPOST_LOG__FORMAT": "json"}) as running:
        pass
    lines = running.log.splitlines()
    assert lines
    assert all(line.startswith("{") and line.endswith("}") for line in lines)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ("", "no accounts are declared"),
        ("[accounts.acme]", "no routes are declared"),
        (f"[accounts.acme]\n{_ROUTE}", "no account has a sender"),
        ("[server]\nprot = 1", "prot"),
        ("[server]\nport = 70000", "server.port is 70000; allowed is 0 to 65535"),
        *(
            (f'[outbound]\nnameservers = ["{text}"]', f"outbound.nameservers[1] is '{text}'")
            for text in ("dns.example", "192.0.2.53:0", "192.0.2.53:x", "[2001:db8::53", "192.0.2.53:")
        ),
        ('[sms]\ncountries = ["DE", "UK"]', "sms.countries[2] is 'UK'"),
        ("[retention]\ncalls = -1", "retention.calls is -1; allowed is 0 to"),
        ("[calls]\nper_account = 99", "calls.per_account is 99; allowed is 100 to"),
        ("[calls]\nunauthenticated = 99", "calls.unauthenticated is 99; allowed is 100 to"),
        ("[sms]\nper_account = -1", "sms.per_account is -1; allowed is 0 to"),
        ("[server\n", "not TOML"),
        ('[accounts.acme]\nname = "${WAYPOST_TEST_NAME}"', "WAYPOST_TEST_NAME is not set"),
        (
            '[accounts.acme]\n[[accounts.acme.senders]]\nchannel = "sms"\nid = "A"\nroute = "none"',
            "names the route 'none'",
        ),
    ],
)
def test_settings_it_refuses(tmp_path: Path, settings: str, error: str) -> None:
    config = tmp_path / "waypost.toml"
    config.write_text(settings, encoding="utf-8")
    done = run_waypost("serve", "--config", str(config), "--port", "0", folder=tmp_path)
    assert done.returncode == 2
    assert error in done.stderr
    assert done.stderr.startswith("waypost: ")
    assert "Traceback" not in done.stderr


def test_without_a_file_the_error_names_what_is_missing(tmp_path: Path) -> None:
    assert "no accounts are declared" in run_waypost("serve", folder=tmp_path).stderr
    done = run_waypost("serve", "--config", "none.toml", folder=tmp_path)
    assert (done.returncode, "none.toml: cannot be read" in done.stderr) == (2, True)


def test_a_taken_port(tmp_path: Path) -> None:
    with listening({}) as listener:
        done = run_waypost("serve", "--config", str(write_config(tmp_path)), "--port", str(listener.port))
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {listener.port}" in done.stderr


def test_a_folder_that_another_process_holds(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with start_serve(config) as running:
        done = run_waypost("serve", "--config", str(config), "--port", "0")
        assert done.returncode == 2
        assert f"process {running.process.pid} holds this folder" in done.stderr


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "waypost.db").write_text("something else " * 100, encoding="utf-8")
    for command in (("serve", "--port", "0"), ("keys", "list")):
        done = run_waypost(*command, "--config", str(config))
        assert done.returncode == 2
        assert "cannot be used as the database" in done.stderr


def test_the_wrong_key_file(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    make_key(config)
    key_file = tmp_path / "data" / "secret.key"
    key_file.write_text(secrets.token_hex(32), encoding="utf-8")
    done = run_waypost("serve", "--config", str(config), "--port", "0")
    assert done.returncode == 2
    assert f"{key_file}: the secret of WP" in done.stderr
    key_file.write_text("not a key", encoding="utf-8")
    done = run_waypost("serve", "--config", str(config), "--port", "0")
    assert (done.returncode, str(key_file) in done.stderr) == (2, True)
