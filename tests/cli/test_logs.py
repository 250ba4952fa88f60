"""What an exception may put in the log: where it was raised, never the values at that place."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_fault_shows_no_local_variables(form: str) -> None:
    program = f"""
import structlog
from waypost.server import logs
from waypost.config.settings import LogSettings
logs.configure_logging(LogSettings(level="info", format="{form}"))
def fail(secret):
    raise ValueError("it failed")
try:
    fail("an-access-" + "key-secret")
except ValueError:
    structlog.get_logger().exception("call.failed")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "call.failed" in done.stderr
    assert "it failed" in done.stderr
    assert "an-access-key-secret" not in done.stderr
