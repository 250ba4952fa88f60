"""`waypost check`, and the same check at each start of `waypost serve`."""

import json
from pathlib import Path

import pytest

from tests.cli.configs import write_config
from tests.processes import run_waypost, start_serve

TWO_MISTAKES = '[log]\nlevel = "inof"\n[viber]\nautomatic_route = "viber-man"\n'
WARNING = '[[accounts.acme.senders]]\nchannel = "sms"\nid = "Acme Incorporated"\nroute = "sms-main"\n'
CUT = "accounts.acme.senders[sms Acme Incorporated].id is 'Acme Incorporated'"


def test_right_settings(tmp_path: Path) -> None:
    done = run_waypost("check", "--config", str(write_config(tmp_path)))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "no mistakes, no warnings\n"
    assert not (tmp_path / "data").exists()


def test_every_mistake_and_every_warning_is_printed(tmp_path: Path) -> None:
    config = write_config(tmp_path, more=WARNING + TWO_MISTAKES)
    done = run_waypost("check", "--config", str(config))
    assert done.returncode == 2
    first, second, warning = done.stdout.splitlines()
    assert first.startswith(f"{config}: log.level is 'inof'; ")
    assert second.endswith("did you mean 'viber-main'?")
    assert warning.startswith(f"warning: {config}: {CUT}")
    assert done.stderr == "2 mistakes, 1 warning\n"


def test_as_json(tmp_path: Path) -> None:
    config = write_config(tmp_path, more=WARNING)
    done = run_waypost(
        "check", "--config", str(config), "--json", environment={"WAYPOST_SERVER__PORT": "70000"}
    )
    assert done.returncode == 2
    mistake, warning = json.loads(done.stdout)
    assert mistake == {
        "severity": "error",
        "source": "WAYPOST_SERVER__PORT",
        "line": None,
        "key": "server.port",
        "sentence": "WAYPOST_SERVER__PORT: server.port is 70000; allowed is 0 to 65535",
    }
    assert (warning["severity"], warning["source"]) == ("warning", str(config))
    config.write_text("[server]\nport = \n", encoding="utf-8")
    done = run_waypost("check", "--config", str(config), "--json")
    assert [each["line"] for each in json.loads(done.stdout)] == [2]


def test_warnings_alone_end_with_0(tmp_path: Path) -> None:
    done = run_waypost("check", "--config", str(write_config(tmp_path, more=WARNING)))
    assert (done.returncode, done.stderr) == (0, "no mistakes, 1 warning\n")


def test_a_start_prints_every_mistake_and_ends_with_2(tmp_path: Path) -> None:
    config = write_config(tmp_path, more=TWO_MISTAKES)
    done = run_waypost("serve", "--config", str(config), "--port", "0")
    assert done.returncode == 2
    assert [line.startswith(f"waypost: {config}: ") for line in done.stderr.splitlines()] == [True, True]


def test_a_start_logs_every_warning(tmp_path: Path) -> None:
    with start_serve(write_config(tmp_path, more=WARNING)) as running:
        pass
    assert "settings.warning" in running.log
    assert CUT in running.log


@pytest.mark.parametrize("command", [("check",), ("serve", "--port", "0"), ("keys", "list")])
def test_no_secret_is_printed(tmp_path: Path, command: tuple[str, ...]) -> None:
    more = (
        "[accounts.two]\nstatus_url = 'htps://two.example/?token=hush'\n"
        "[routes.two]\nkind = 'whatsapp'\nurl = 'ftp://user:hush@meta.example'\ntoken = 7171717\n"
        "numbers = {}\napp_secret = ['hush']\nverify_token = 'v'\nsecret = 'hush/hush/hush/hush'\n"
        "proxy = 'https://user:hush@proxy.example'\n"
    )
    done = run_waypost(*command, "--config", str(write_config(tmp_path, more=more)))
    assert done.returncode == 2
    assert "routes.two" in done.stdout + done.stderr
    assert "hush" not in done.stdout + done.stderr
    assert "7171717" not in done.stdout + done.stderr
