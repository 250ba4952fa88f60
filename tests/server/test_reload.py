"""What of changed settings a running service takes over, and how the log follows its level."""

import subprocess
import sys
from io import StringIO

import msgspec
import pytest
import structlog

from waypost.config.loading import load
from waypost.config.settings import LogSettings, Settings
from waypost.server import logs
from waypost.server.reload import needing_restart, with_reloaded

DEFAULTS = load(None, {})


def changed(**sections: dict[str, object]) -> Settings:
    return msgspec.structs.replace(
        DEFAULTS,
        **{name: msgspec.structs.replace(getattr(DEFAULTS, name), **keys) for name, keys in sections.items()},
    )


def test_the_keys_that_need_a_restart_are_named() -> None:
    new = changed(
        server={"port": 1, "public_url": "https://x.example"},
        store={"data": "elsewhere"},
        delivery={"concurrency": 3, "sms_ttl": 100},
        log={"level": "debug", "format": "json"},
    )
    assert list(needing_restart(DEFAULTS, new)) == [
        "server.port",
        "server.public_url",
        "store.data",
        "delivery.sms_ttl",
        "log.format",
    ]
    assert list(needing_restart(DEFAULTS, DEFAULTS)) == []
    # What was not taken over still needs one at the next reload.
    assert "server.port" in list(needing_restart(with_reloaded(DEFAULTS, new), new))


def test_the_rest_is_taken_over() -> None:
    new = changed(
        delivery={"concurrency": 3, "sms_ttl": 100},
        log={"level": "debug", "format": "json"},
        retention={"content": 7, "calls": 9},
    )
    expected = changed(
        delivery={"concurrency": 3}, log={"level": "debug"}, retention={"content": 7, "calls": 9}
    )
    assert with_reloaded(DEFAULTS, new) == expected


def test_a_logger_that_is_in_use_follows_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    output = StringIO()
    monkeypatch.setattr("sys.stderr", output)
    try:
        logs.configure_logging(LogSettings(level="warning", format="json"))
        log = structlog.get_logger()
        log.info("first")
        log.warning("second")
        logs.set_level("debug")
        log.debug("third")
        logs.set_level("error")
        log.warning("fourth")
        log.error("fifth")
    finally:
        logs.set_level("info")
        structlog.reset_defaults()
    lines = [msgspec.json.decode(line)["event"] for line in output.getvalue().splitlines()]
    assert lines == ["second", "third", "fifth"]


_HANGUPS = """
import asyncio, os, signal
from waypost.server.hangup import hangup_requests

async def run():
    with hangup_requests() as requested:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.wait_for(requested.wait(), 10)
    os.kill(os.getpid(), signal.SIGHUP)

asyncio.run(run())
os.kill(os.getpid(), signal.SIGHUP)
print("alive")
"""


def test_a_hangup_is_an_event_and_afterwards_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", _HANGUPS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
