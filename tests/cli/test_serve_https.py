"""`waypost serve` with a certificate: HTTPS beside HTTP, reloaded on SIGHUP, refused when broken."""

import json
import signal
import ssl
from collections.abc import Callable
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from tests.cli.certificates import Pair, new_pair
from tests.cli.configs import write_config
from tests.processes import Running, run_waypost, start_serve, until
from waypost.commands.api_call import call_api


def config_with(folder: Path, pair: Pair | None, lines: str = "") -> Path:
    """Settings with a certificate beside them, by relative paths."""
    if pair is not None:
        pair.write(folder)
        lines = 'certificate = "server.pem"\ncertificate_key = "server.key"\n' + lines
    return write_config(folder, more=f"[server]\n{lines}")


def connect(running: Running, pair: Pair) -> HTTPSConnection:
    return HTTPSConnection("127.0.0.1", running.port, context=pair.trusting, timeout=10)


def status_of(connection: HTTPConnection, path: str = "/healthz") -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def is_trusted(running: Running, pair: Pair) -> bool:
    connection = connect(running, pair)
    try:
        return status_of(connection) == 200
    except ssl.SSLCertVerificationError:
        return False
    finally:
        connection.close()


def hang_up(running: Running, event: str) -> None:
    """Has it read its settings, and returns when the log says what came of it."""
    before = running.log.count(event)
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.log.count(event) > before, what=event)


def test_both_on_one_port_and_a_new_certificate_at_a_sighup(tmp_path: Path) -> None:
    first, second = new_pair("one"), new_pair("two")
    config = config_with(tmp_path, first)
    with start_serve(config) as running:
        open_before = connect(running, first)
        assert status_of(open_before) == 200
        assert running.get("/healthz")["status"] == "ok"
        second.write(tmp_path)
        assert is_trusted(running, first)
        hang_up(running, "settings.reloaded")
        assert is_trusted(running, second)
        assert not is_trusted(running, first)
        # An open connection goes on with what it has.
        assert status_of(open_before) == 200
        open_before.close()
        assert "settings.need_restart" not in running.log


def test_a_broken_pair_at_a_sighup_leaves_the_present_one(tmp_path: Path) -> None:
    pair = new_pair()
    config = config_with(tmp_path, pair)
    with start_serve(config) as running:
        (tmp_path / "server.key").write_bytes(new_pair().key)
        hang_up(running, "settings.refused")
        assert is_trusted(running, pair)
        assert "server.certificate cannot be used: the key in" in running.log


def test_https_comes_and_goes_at_a_sighup(tmp_path: Path) -> None:
    pair = new_pair()
    config = config_with(tmp_path, None)
    with start_serve(config) as running:
        with pytest.raises(OSError):  # noqa: PT011 - whichever way the handshake ends
            is_trusted(running, pair)
        config_with(tmp_path, pair)
        hang_up(running, "settings.reloaded")
        assert is_trusted(running, pair)
        config_with(tmp_path, None)
        hang_up(running, "settings.reloaded")
        with pytest.raises(OSError):  # noqa: PT011 - as above
            is_trusted(running, pair)


def _without_file(folder: Path) -> None:
    (folder / "server.key").unlink()


def _of_another(folder: Path) -> None:
    (folder / "server.key").write_bytes(new_pair().key)


def _no_pem(folder: Path) -> None:
    (folder / "server.pem").write_text("certificate", encoding="utf-8")


def _with_password(folder: Path) -> None:
    new_pair(password=b"secret").write(folder)


@pytest.mark.parametrize(
    ("break_pair", "sentence"),
    [
        (
            _without_file,
            "server.certificate cannot be used: {folder}/server.key cannot be read: No such",
        ),
        (_of_another, "the key in {folder}/server.key is not that of the certificate in {folder}/server.pem"),
        (_no_pem, "{folder}/server.pem and {folder}/server.key are no certificate and its key in PEM"),
        (_with_password, "the key has a password: write it without one"),
    ],
)
def test_a_broken_pair_is_a_mistake_that_check_and_serve_name(
    tmp_path: Path, break_pair: Callable[[Path], None], sentence: str
) -> None:
    config = config_with(tmp_path, new_pair())
    break_pair(tmp_path)
    for command in ("check", "serve"):
        done = run_waypost(command, "--config", str(config))
        assert done.returncode in (1, 2)
        assert sentence.format(folder=tmp_path) in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("line", "absent"),
    [('certificate = "a"', "certificate_key"), ('certificate_key = "a"', "certificate")],
)
def test_one_without_the_other_is_a_mistake(tmp_path: Path, line: str, absent: str) -> None:
    done = run_waypost("serve", "--config", str(config_with(tmp_path, None, line)))
    assert done.returncode == 2
    assert f"server.{absent} is empty; HTTPS needs both" in done.stderr


def test_a_stop_does_not_wait_for_a_handshake(tmp_path: Path) -> None:
    pair = new_pair()
    with start_serve(config_with(tmp_path, pair)) as running:
        half = HTTPConnection("127.0.0.1", running.port)
        half.connect()
        half.sock.sendall(b"\x16\x03\x01\x02\x00")
        idle = connect(running, pair)
        assert status_of(idle) == 200
        assert running.stop() == 0
        assert "stop.forced" not in running.log
        half.close()
        idle.close()


def test_a_call_over_https_is_secure_transport(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy may ask for HTTPS (`acs:SecureTransport`), and an answer's links then have that scheme."""
    pair = new_pair()
    config = config_with(tmp_path, pair)
    policy = (
        '{ Version = "1", Statement = [ { Effect = "Allow", Action = "cams:*", Resource = "*", '
        'Condition = { Bool = { "acs:SecureTransport" = ["true"] } } } ] }'
    )
    text = config.read_text(encoding="utf-8")
    config.write_text(f"[accounts.acme.users.careful.policies]\nall = {policy}\n{text}", encoding="utf-8")
    arguments = (
        "keys",
        "create",
        "--account",
        "acme",
        "--user",
        "careful",
        "--config",
        str(config),
        "--json",
    )
    made = json.loads(run_waypost(*arguments).stdout)
    key = (made["access_key_id"], made["access_key_secret"])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    with start_serve(config) as running:
        action, parameters = "SendChatappMessage", {"ChannelType": "pigeon"}
        https, http = (
            call_api(f"{scheme}://127.0.0.1:{running.port}", *key, action, parameters)
            for scheme in ("https", "http")
        )
    assert http[1]["Code"] == "Ram.PermissionDeny"
    assert https[1]["Code"] != "Ram.PermissionDeny"
    assert str(https[1]["Recommend"]).startswith("https://127.0.0.1:")
    assert str(http[1]["Recommend"]).startswith("http://127.0.0.1:")
