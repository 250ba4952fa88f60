"""The lines of the log for accepted calls, of which there may be thousands a second.

They are those that structlog would write (`tests/server/test_call_log.py` compares them), for a tenth of its
CPU: the form is fixed, and all lines of one turn of the event loop are written at once.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

import structlog

from waypost.api.call_recorder import AcceptedCallLine

log = structlog.get_logger()


class CallLog:
    """Writes the lines on standard error.

    Attributes:
        is_on: whether the level of the log has them; not before it is configured.
    """

    def __init__(self) -> None:
        self.is_on = False
        self._form = ""

    def use(self, form: str) -> None:
        """Writes in a form from now on.

        Args:
            form: `json` or `console`; a terminal has colours, which structlog knows.
        """
        self._form = "" if form == "console" and sys.stderr.isatty() else form

    def write(self, lines: Sequence[AcceptedCallLine]) -> None:
        """Writes the lines of calls that were accepted in this moment."""
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        text = []
        for line in lines:
            if not self._form or not _is_plain(line.account):
                log.info("call", **line._asdict(), code="OK")
            elif self._form == "json":
                text.append(_JSON % (*line, at))
            else:
                text.append(_CONSOLE % (at, line.account, line.ms, line.operation, line.request_id))
        if text:
            sys.stderr.write("".join(text))
            sys.stderr.flush()


# The other members of a line have no character that would have to be written in another way.
_JSON = (
    '{"request_id": "%s", "account": "%s", "operation": "%s", "ms": %d, "code": "OK", "event": "call", '
    '"level": "info", "timestamp": "%s"}\n'
)
_CONSOLE = f"%s [info     ] {'call':<30} account=%s code=OK ms=%d operation=%s request_id=%s\n"


@lru_cache(1024)
def _is_plain(account: str) -> bool:
    return account.isascii() and account.replace("-", "").replace("_", "").isalnum()


CALL_LOG = CallLog()
