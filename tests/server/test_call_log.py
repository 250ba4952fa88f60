"""A line for an accepted call is the one that structlog would write."""

import re
import subprocess
import sys

import pytest

# What is special in one form is not in the other.
ACCOUNTS = ["acme-2", "7", "", "two words", "a'b", 'a"b', "ü", "a=b"]
PROGRAM = """
import sys
import msgspec
import structlog
from waypost.api.call_recorder import AcceptedCallLine
from waypost.config.settings import LogSettings
from waypost.server import logs
from waypost.server.call_log import CALL_LOG
settings = msgspec.convert({"level": "info", "format": sys.argv[1]}, LogSettings)
assert not CALL_LOG.is_on
logs.configure_logging(settings)
assert CALL_LOG.is_on
for account in sys.argv[2:]:
    line = AcceptedCallLine("019A7C55-E31D-1EB2-8939-A94866411B20", account, "SendChatappMessage", 7)
    structlog.get_logger().info("call", **line._asdict(), code="OK")
    CALL_LOG.write([line, line])
logs.set_level("warning")
assert not CALL_LOG.is_on
logs.set_level("debug")
assert CALL_LOG.is_on
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_it_is_the_line_that_structlog_writes_at_level_info(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM, form, *ACCOUNTS],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    lines = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", done.stderr).splitlines()
    assert len(lines) == 3 * len(ACCOUNTS)
    for line in set(lines):
        assert lines.count(line) == 3, line
