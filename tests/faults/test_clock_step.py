"""The machine's clock is set an hour ahead or back under a real process: nothing is early or late by that."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.faults.databases import call, status_of
from tests.faults.faults import Faults
from tests.processes import start_sandbox, start_serve, until
from tests.upgrade.providers import BUSY, Providers

pytestmark = pytest.mark.long

HOUR_S = 3600
_SHORT_RETRIES = """
[delivery]
retry_schedule = [1]

[[accounts.acme.fallbacks]]
id = "S_000009"
name = "SMS"
rules = [{ name = "sms", channel = "sms", sender = "Acme" }]
"""


@pytest.fixture
def faults(tmp_path: Path) -> Iterator[Faults]:
    with closing(Faults(tmp_path)) as made:
        yield made


@pytest.fixture
def providers() -> Iterator[Providers]:
    with closing(Providers(1000)) as listening:
        yield listening


@pytest.mark.parametrize(
    "seconds", [HOUR_S, pytest.param(-HOUR_S, marks=pytest.mark.long)], ids=["ahead", "back"]
)
def test_no_fallback_is_early_and_no_retry_is_late(
    tmp_path: Path, faults: Faults, providers: Providers, seconds: int
) -> None:
    """A fallback that is due in five minutes, and a retry that is due in a second."""
    waiting, retried = "380500000601", "380500000602"
    providers.plans["viber", retried] = deque([BUSY] * 3)
    config = write_config(tmp_path, viber=f"{providers.url}/viber", more=_SHORT_RETRIES)
    config.write_text(
        config.read_text(encoding="utf-8").replace(
            "http://127.0.0.1:9/cgi-bin/sendsms", f"{providers.url}/sms/sendsms"
        ),
        encoding="utf-8",
    )
    key = make_key(config)
    signed = {"key": key.id, "secret": key.secret}
    by_sms = {"FallBackId": "S_000009", "FallBackContent": "hello", "FallBackDuration": "300"}
    with start_serve(config, environment=faults.environment) as running:
        assert call(running.port, waiting, **signed, **by_sms).code == "OK"
        assert call(running.port, retried, **signed).code == "OK"
        until(lambda: requested(providers, "viber") >= 2, what="the first attempts")
        faults.step_clock(seconds)
        # The retries go on by the second; an hour ahead would end the message, an hour back would hold them.
        until(lambda: retried in recipients(providers), what="the retry that passes")
        until(lambda: running.log.count("clock.stepped") == 1, what="the line of the log")
        status, health = status_of(f"{running.address}/healthz")
        assert (status, health["status"], health["reasons"]) == (200, "degraded", ["clock_step"])
        assert abs(health["details"]["clock_step"]["wall_clock_ahead_seconds"] - seconds) < 60
        assert status_of(f"{running.address}/readyz")[0] == 200
        # Callers' clocks agree with one of both.
        assert call(running.port, "380500000603", **signed).code == "OK" or seconds > 0
        passed = time.monotonic() + 2.0
        until(lambda: time.monotonic() > passed)
        assert requested(providers, "sms") == 0
        assert running.log.count("clock.stepped") == 1
        faults.step_clock(0)
        until(lambda: status_of(f"{running.address}/healthz")[1]["status"] == "ok", what="health")
        assert call(running.port, "380500000604", **signed).code == "OK"


def recipients(providers: Providers) -> list[str]:
    return [one.recipient for one in providers.taken]


def requested(providers: Providers, channel: str) -> int:
    return sum(1 for submission, _ in providers.asked if submission.channel == channel)


def test_a_sandbox_keeps_its_time_too(tmp_path: Path, faults: Faults) -> None:
    with start_sandbox(tmp_path / "data", environment=faults.environment) as sandbox:
        before = sandbox.get("/sandbox/clock")["now"]
        faults.step_clock(HOUR_S)
        assert 0 <= sandbox.get("/sandbox/clock")["now"] - before < 60_000
        faults.step_clock(-HOUR_S)
        assert 0 <= sandbox.get("/sandbox/clock")["now"] - before < 60_000


def test_a_signature_is_judged_by_the_clock_as_it_is_set_but_never_by_an_earlier_time(
    tmp_path: Path, faults: Faults
) -> None:
    """A call of an hour ago whose nonce is forgotten must not become valid again."""
    with start_sandbox(tmp_path / "data", environment=faults.environment) as sandbox:
        faults.step_clock(HOUR_S)
        assert call(sandbox.port, "491700000003").code != "OK"
        faults.step_clock(-HOUR_S)
        assert call(sandbox.port, "491700000003").code == "OK"
