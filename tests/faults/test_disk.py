"""A disk that hangs, fails or is full under a real process: calls are refused in time, no `OK` is lost."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from bench.signed import requests

from tests.attacks.harness import MOST_GROWTH_MB, MOST_P99_MS
from tests.beside import make_key
from tests.cli.configs import write_config
from tests.crash.callers import answer_to, connect
from tests.faults.databases import Reader, TimedCall, call, peak_bytes, restart_peak, status_of
from tests.faults.faults import Disk, Faults
from tests.processes import ENDED_WITHIN, Running, run_waypost, start_sandbox, start_serve, until

pytestmark = pytest.mark.long

REFUSED_WITHIN_S = 3.0
SLACK_S = 5.0
STOP_TIMEOUT_S = 4.0


@pytest.fixture
def faults(tmp_path: Path) -> Iterator[Faults]:
    with closing(Faults(tmp_path)) as made:
        yield made


@pytest.mark.quiet
@pytest.mark.parametrize("disk", [Disk.FLUSH_HANGS, Disk.FLUSH_FAILS, Disk.FULL])
def test_calls_are_refused_in_time_and_no_ok_is_lost(tmp_path: Path, faults: Faults, disk: Disk) -> None:
    data = tmp_path / "data"
    with start_sandbox(data, environment=faults.environment) as sandbox:
        accepted = [call(sandbox.port, "491700000003", Label="transaction")]
        # With all that is to be done for it: what is written next is a call.
        wait_until_delivered(sandbox, accepted[0].message_id)
        sandbox.advance(600)
        reader = Reader(f"{sandbox.address}/livez")
        resident = restart_peak(sandbox.process.pid)
        faults.set_disk(disk)
        calls = [TimedCall(sandbox.port, f"4917{number:04d}0003") for number in range(30)]
        until(lambda: status_of(f"{sandbox.address}/readyz")[0] == 503, what="readiness")
        calls += [TimedCall(sandbox.port, f"4918{number:04d}0003") for number in range(30)]
        codes = [each.wait().code for each in calls]
        growth_mb = (peak_bytes(sandbox.process.pid) - resident) / 1e6
        assert set(codes) == {"ServiceUnavailable"}
        assert max(each.seconds for each in calls) < REFUSED_WITHIN_S + SLACK_S
        faults.set_disk(Disk.SOUND)
        until(lambda: status_of(f"{sandbox.address}/readyz")[0] == 200, what="readiness")
        accepted.append(call(sandbox.port, "491700010003", Label="transaction"))
        assert reader.stop() * 1000 <= MOST_P99_MS
        assert not reader.errors
        assert growth_mb < MOST_GROWTH_MB
        assert [each.code for each in accepted] == ["OK", "OK"]
        # What was in the flush that hung is written in the end, and then sent like any other: not held as if
        # somebody else might have sent it.
        listed = run_waypost("messages", "list", "--data", str(data), "--json")
        messages = json.loads(listed.stdout)
        assert len(messages) > 2 or disk is not Disk.FLUSH_HANGS
        for message in messages:
            wait_until_delivered(sandbox, message["message_id"])
        assert "Traceback" not in sandbox.log
        sandbox.kill()
    with start_sandbox(data) as sandbox:
        sandbox.advance(600)
        for each in accepted:
            assert sandbox.get(f"/sandbox/messages/{each.message_id}")["legs"][0]["state"] == "delivered"


def test_a_stop_ends_within_its_limit_while_a_flush_hangs(tmp_path: Path, faults: Faults) -> None:
    config = write_config(tmp_path)
    environment = faults.environment | {"WAYPOST_SERVER__STOP_TIMEOUT": str(STOP_TIMEOUT_S)}
    key = make_key(config)
    with start_serve(config, environment=environment) as running:
        faults.set_disk(Disk.FLUSH_HANGS)
        hung = TimedCall(running.port, "491700000003", key=key.id, secret=key.secret)
        until(lambda: status_of(f"{running.address}/readyz")[0] == 503, what="readiness")
        begun = time.monotonic()
        assert running.stop() == 1
        assert time.monotonic() - begun < STOP_TIMEOUT_S + SLACK_S
        assert hung.wait().code == "ServiceUnavailable"
    assert "stop.forced" in running.log


def test_a_kill_in_the_middle_of_a_checkpoint_loses_nothing(tmp_path: Path, faults: Faults) -> None:
    data = tmp_path / "data"
    accepted: list[str] = []
    with start_sandbox(data, environment=faults.environment) as sandbox:
        faults.set_disk(Disk.KILL_IN_CHECKPOINT)
        call_until_it_dies(sandbox, accepted)
        assert sandbox.process.wait(ENDED_WITHIN) == -9
        faults.set_disk(Disk.SOUND)
    assert len(accepted) > 100
    with start_sandbox(data) as sandbox:
        sandbox.advance(3 * 86_400)
        states = [sandbox.get(f"/sandbox/messages/{each}")["legs"][0]["state"] for each in accepted]
        assert set(states) <= {"delivered", "expired"}
        # What was in doubt when it died is not sent again: at most what was under way.
        assert states.count("expired") <= 1


def wait_until_delivered(sandbox: Running, message_id: str) -> None:
    def is_delivered() -> bool:
        sandbox.advance(5)
        legs = sandbox.get(f"/sandbox/messages/{message_id}")["legs"]
        return legs[0]["state"] in ("delivered", "read")

    until(is_delivered, what="the delivery")


def call_until_it_dies(sandbox: Running, accepted: list[str]) -> None:
    """Calls until the log is so long that a checkpoint begins."""
    with connect(sandbox.port) as connection:
        for number in range(100_000):
            [request] = requests(1, sandbox.port, To=f"49{number:08d}0003")
            try:
                answer = answer_to(connection, request)
            except OSError:
                return
            assert answer["Code"] == "OK"
            accepted.append(answer["MessageId"])
