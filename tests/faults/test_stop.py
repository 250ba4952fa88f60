"""SIGTERM while everything hangs that can: the process ends within its limit, and nothing is lost."""

import json
import signal
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.faults.databases import TimedCall, call, held_write_lock, status_of
from tests.processes import ENDED_WITHIN, Running, run_waypost, start_serve, until
from tests.upgrade.providers import HANG, Providers

pytestmark = pytest.mark.long

STOP_TIMEOUT_S = 6.0
SLACK_S = 5.0
HANGING, QUICK = "380500000701", "380500000702"


@pytest.fixture
def providers() -> Iterator[Providers]:
    with closing(Providers(1000)) as listening:
        listening.plans["viber", HANGING] = deque([HANG])
        yield listening


@pytest.fixture
def silent_receiver() -> Iterator[socket.socket]:
    """A customer's URL that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.mark.parametrize("lock_is_held", [False, True], ids=["", "and a held write lock"])
def test_a_provider_a_callback_and_a_reader_that_hang(
    tmp_path: Path, providers: Providers, silent_receiver: socket.socket, lock_is_held: bool
) -> None:
    config = write_config(
        tmp_path,
        viber=f"{providers.url}/viber",
        status_url=f"http://127.0.0.1:{silent_receiver.getsockname()[1]}/status",
        more="[callbacks]\ntimeout = 30",
    )
    key = make_key(config)
    signed = {"key": key.id, "secret": key.secret}
    environment = {"WAYPOST_SERVER__STOP_TIMEOUT": str(STOP_TIMEOUT_S)}
    with start_serve(config, environment=environment) as running, slow_reader(running.port):
        accepted = [call(running.port, recipient, **signed) for recipient in (HANGING, QUICK)]
        assert [each.code for each in accepted] == ["OK", "OK"]
        until(lambda: len(providers.asked) == 2, what="both requests")
        if lock_is_held:
            with held_write_lock(tmp_path / "data"):
                waiting = TimedCall(running.port, "380500000703", **signed)
                seconds = stop_seconds(running)
                waiting.wait()
        else:
            seconds = stop_seconds(running)
        assert seconds < STOP_TIMEOUT_S + SLACK_S
        assert "Traceback" not in running.log
    for each in accepted:
        shown = run_waypost("messages", "show", each.message_id, "--config", str(config), "--json")
        assert json.loads(shown.stdout)["legs"][0]["state"] in ("submitting", "sent", "in_doubt")


def stop_seconds(running: Running) -> float:
    begun = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    until(lambda: "draining" in status_of(f"{running.address}/readyz")[1]["reasons"], what="readiness")
    assert running.process.wait(ENDED_WITHIN) in (0, 1)
    return time.monotonic() - begun


@contextmanager
def slow_reader(port: int) -> Iterator[None]:
    """A client that asks for a long page and does not read it."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /reference HTTP/1.1\r\nHost: waypost\r\n\r\n" * 20)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        yield
