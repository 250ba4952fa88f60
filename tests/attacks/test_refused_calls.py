"""Refused calls as fast as they are answered, of a customer and of anybody, and their records."""

import http.client
import itertools
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from tests.attacks.harness import attacked_sandbox
from tests.sdk.callers import Sandbox, signed_call
from tests.sdk.operations import own

_CALLS = 4000
_PAGE = 1000
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


def _calls_on_record(sandbox: Sandbox) -> Iterator[dict[str, Any]]:
    """All of them: the slower the machine, the more of a flood are recorded."""
    for index in itertools.count(1):
        rows = own(sandbox, "ListCalls", PageSize=str(_PAGE), PageIndex=str(index))["Data"]
        yield from rows
        if len(rows) < _PAGE:
            return


def test_refused_calls_and_their_records_concern_no_neighbour() -> None:
    with attacked_sandbox() as attacked:
        host = attacked.running.endpoint
        with attacked.measured():
            assert _flood(host, "") <= {400, 429, 503}
            assert _flood(host, "wrong") <= {400, 429, 503}
        recorded = list(_calls_on_record(Sandbox(attacked.running)))
        log = attacked.running.log
    assert {row["IsAuthenticated"] for row in recorded} == {True, False}
    # Of the calls that anybody can make few have a line.
    assert 0 < log.count("code=SignatureDoesNotMatch") + log.count("code=System.LimitControl") < _CALLS / 2
