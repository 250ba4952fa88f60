"""`waypost sandbox env`: what it prints, for a shell and for programs."""

import json
import shlex
from pathlib import Path

import pytest

from tests.processes import run_waypost


def test_a_shell_and_a_program_read_the_same(tmp_path: Path) -> None:
    arguments = ("sandbox", "env", "--port", "9443", "--data", str(tmp_path), "--name", "ci-42")
    printed = json.loads(run_waypost(*arguments, "--json").stdout)
    assert printed["endpoint"] == "127.0.0.1:9443"
    variables = printed["variables"]
    lines = [line for line in run_waypost(*arguments).stdout.splitlines() if not line.startswith("#")]
    assert all(line.startswith("export ") for line in lines)
    exported = dict(shlex.split(line)[1].split("=", 1) for line in lines)
    assert exported == variables
    assert variables["WAYPOST_ENDPOINT"] == "https://127.0.0.1:9443"
    assert variables["ALIBABA_CLOUD_ACCESS_KEY_ID"] == "ci-42@sandbox"
    assert variables["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] == "ci-42@sandbox"
    assert variables["SSL_CERT_FILE"] == str(tmp_path / "tls" / "bundle.pem")
    assert variables["NODE_EXTRA_CA_CERTS"] == str(tmp_path / "tls" / "authority.pem")


def test_without_data_it_is_the_user_s_own_folder(tmp_path: Path) -> None:
    done = run_waypost("sandbox", "env", "--json", environment={"XDG_STATE_HOME": str(tmp_path)})
    assert json.loads(done.stdout)["variables"]["CURL_CA_BUNDLE"] == str(tmp_path / "waypost/tls/bundle.pem")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--host", "0.0.0.0"), "the certificate is for localhost, 127.0.0.1 and ::1 alone"),
        (("--name", "a b"), "--name 'a b' is no name of a sandbox"),
        (("--port", "0"), "--port"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = run_waypost("sandbox", "env", "--data", str(tmp_path), *arguments)
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run_waypost("sandbox", "env", "--data", str(tmp_path / "file" / "data"))
    assert done.returncode == 2
    assert "no certificate can be kept there" in done.stderr


def test_options_of_the_sandbox_do_not_get_lost_before_it() -> None:
    done = run_waypost("sandbox", "--port", "9000", "env")
    assert (done.returncode, done.stdout) == (2, "")
    assert "options go behind `waypost sandbox env`" in done.stderr
