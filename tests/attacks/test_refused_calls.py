"""Refused calls as fast as they are answered, of a customer and of anybody, and their records."""

import http.client
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.attacks.harness import attacked_sandbox
from tests.sdk.callers import signed_call

_CALLS = 4000
_QUERY = {"ChannelType": "viber", "To": "8613800001111", "Content": '{"text":"' + "x" * 500 + '"}'}


def _flood(host: str, secret: str) -> set[int]:
    """Calls one after the other; the statuses that they were answered."""
    calls = [signed_call(host, "SendChatappMessage", "sandbox", secret, _QUERY) for _ in range(_CALLS)]
    connection = http.client.HTTPConnection(host, timeout=30)
    statuses = set()
    with closing(connection):
        for target, headers in calls:
            connection.request("POST", target, headers=headers)
            answer = connection.getresponse()
            answer.read()
            statuses.add(answer.status)
    return statuses


def test_refused_calls_and_their_records_concern_no_neighbour(tmp_path: Path) -> None:
    with attacked_sandbox(tmp_path) as attacked, attacked.measured():
        assert _flood(attacked.running.endpoint, "") <= {400, 503, 429}
        assert _flood(attacked.running.endpoint, "wrong") <= {400, 503, 429}
        log = attacked.running.log
    with closing(sqlite3.connect(tmp_path / "waypost.db")) as connection:
        rows = connection.execute("SELECT share, count(*) FROM call_record GROUP BY share").fetchall()
    recorded = dict(rows)
    assert 0 < recorded["1"] <= _CALLS
    assert 0 < recorded[""] <= _CALLS
    # What was too much at once is counted, and the calls that anybody can make have little of the log.
    assert log.count("code=SignatureDoesNotMatch") + log.count("code=System.LimitControl") < _CALLS / 2
