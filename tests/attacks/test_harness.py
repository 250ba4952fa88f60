"""The harness finds nothing where nothing is attacked, and finds a service that stands still."""

import signal
import subprocess
import time

import pytest

from tests.attacks.harness import SlowedDownError, attacked_sandbox


def test_a_service_that_is_not_attacked_stands() -> None:
    with attacked_sandbox() as attacked, attacked.measured():
        pass
    assert attacked.before.calls >= 60
    assert attacked.during.calls >= 40
    assert attacked.during.p99_ms > 0


def test_a_service_that_stands_still_is_found() -> None:
    with (
        attacked_sandbox() as attacked,
        pytest.raises(SlowedDownError, match="p99_ms"),
        attacked.measured(),
    ):
        _stop_for(attacked.running.process, 2)


def _stop_for(process: "subprocess.Popen[str]", seconds: float) -> None:
    """Stops a process; longer than any p99 of a service that answers."""
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)
