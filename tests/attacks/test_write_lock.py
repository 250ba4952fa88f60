"""Another process holds the database's write lock: calls are refused in time, everything else goes on."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.attacks.harness import MOST_GROWTH_MB, MOST_P99_MS, MOST_SLOWDOWN
from tests.cli.configs import write_config
from tests.faults.databases import (
    Reader,
    TimedCall,
    call,
    held_write_lock,
    peak_bytes,
    restart_peak,
    status_of,
)
from tests.processes import Running, run_waypost, start_sandbox, until

REFUSED_WITHIN_S = 3.0
# What a loaded machine may add to a wait.
SLACK_S = 5.0


@pytest.mark.parametrize(
    "stopped", [False, pytest.param(True, marks=pytest.mark.long)], ids=["held", "stopped"]
)
def test_calls_are_refused_in_time_and_reads_and_health_go_on(tmp_path: Path, stopped: bool) -> None:
    with start_sandbox(tmp_path) as sandbox:
        message = call(sandbox.port, "491700000003").message_id
        page = f"{sandbox.address}/sandbox/messages/{message}"
        before = [read_for_a_while(page), read_for_a_while(f"{sandbox.address}/livez")]
        resident = restart_peak(sandbox.process.pid)
        readers = [Reader(page), Reader(f"{sandbox.address}/livez")]
        with held_write_lock(tmp_path) as holder:
            if stopped:
                holder.send_signal(signal.SIGSTOP)
            held_at = time.monotonic()
            # Half of them come while the others wait already: all are refused with the first.
            calls = [TimedCall(sandbox.port, f"4917000{number:05d}") for number in range(20)]
            calls += [TimedCall(sandbox.port, f"4918000{number:05d}") for number in range(20)]
            for each in calls:
                assert each.wait().code == "ServiceUnavailable"
            until(lambda: status_of(f"{sandbox.address}/readyz")[0] == 503, what="readiness")
            until(lambda: time.monotonic() - held_at > 6, what="the time of two waits")
            again = call(sandbox.port, "491700000013")
            health = status_of(f"{sandbox.address}/healthz")
        during = [reader.stop() for reader in readers]
        seconds = [each.seconds for each in (*calls, again)]
        growth_mb = (peak_bytes(sandbox.process.pid) - resident) / 1e6
        print(f"refused within {max(seconds):.2f} s; p99 of reads {before} before, {during} during")
        assert again.code == "ServiceUnavailable"
        assert max(seconds) < REFUSED_WITHIN_S + SLACK_S
        assert (health[0], health[1]["status"]) == (200, "degraded")
        assert "database" in health[1]["reasons"]
        for reader, slowest, normal in zip(readers, during, before, strict=True):
            assert not reader.errors
            assert slowest * 1000 <= max(MOST_P99_MS, MOST_SLOWDOWN * normal * 1000)
        assert growth_mb < MOST_GROWTH_MB
        until(lambda: call(sandbox.port, "491700000023").code == "OK", what="an accepted call")
        until(lambda: status_of(f"{sandbox.address}/readyz")[0] == 200, what="readiness")
        assert sandbox.log.count("database.away") == 1
        assert sandbox.log.count("database.back") == 1
        assert "Traceback" not in sandbox.log


def read_for_a_while(url: str) -> float:
    reader = Reader(url)
    until(lambda: len(reader.seconds) > 50, what="fifty answers")
    return reader.stop()


def test_what_was_sent_when_the_lock_was_taken_is_settled_afterwards(tmp_path: Path) -> None:
    with start_sandbox(tmp_path) as sandbox:
        calls = [TimedCall(sandbox.port, f"49170000{number:02d}0003") for number in range(30)]
        with held_write_lock(tmp_path):
            codes = [each.wait().code for each in calls]
        accepted = [each.message_id for each in calls if each.code == "OK"]
        assert set(codes) <= {"OK", "ServiceUnavailable"}
        until(lambda: call(sandbox.port, "491700000023").code == "OK", what="an accepted call")
        sandbox.advance(600)
        for message_id in accepted:
            legs = sandbox.get(f"/sandbox/messages/{message_id}")["legs"]
            assert [leg["state"] for leg in legs] == ["delivered"]


def test_a_stop_ends_within_its_limit_while_the_lock_is_held(tmp_path: Path) -> None:
    with stopping_in(tmp_path, limit=6.0) as sandbox, held_write_lock(tmp_path):
        waiting = TimedCall(sandbox.port, "491700000003")
        begun = time.monotonic()
        assert sandbox.stop() in (0, 1)
        seconds = time.monotonic() - begun
        waiting.wait()
    assert seconds < 6.0 + SLACK_S


def test_a_start_while_the_lock_is_held_is_refused(tmp_path: Path) -> None:
    with start_sandbox(tmp_path):
        pass
    with held_write_lock(tmp_path), pytest.raises(AssertionError) as refused, start_sandbox(tmp_path):
        pass
    assert "ended with 2" in str(refused.value)
    assert "End the process that holds it" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_a_command_beside_it_names_the_reason(tmp_path: Path) -> None:
    config = str(write_config(tmp_path))
    assert run_waypost("keys", "create", "--account", "acme", "--config", config).returncode == 0
    with held_write_lock(tmp_path / "data"):
        refused = run_waypost("keys", "create", "--account", "acme", "--config", config)
        listed = run_waypost("keys", "list", "--config", config)
    assert (refused.returncode, "Another process holds it" in refused.stderr) == (1, True)
    assert "Traceback" not in refused.stderr
    assert listed.returncode == 0


@contextmanager
def stopping_in(data: Path, limit: float) -> Iterator[Running]:
    with start_sandbox(data, environment={"WAYPOST_SERVER__STOP_TIMEOUT": str(limit)}) as sandbox:
        yield sandbox
