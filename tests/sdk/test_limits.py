"""The limits that the reference prints are the running service's, to the byte and the second."""

import http.client
import re
from datetime import timedelta

import pytest

from tests.processes import start
from tests.sdk.callers import FREE_BY_NAME, Phones, Raw, Sandbox, exchange, signed_headers
from waypost.api.limits import (
    CALLS_PER_SECOND,
    CLOCK_TOLERANCE_S,
    LONGEST_BODY,
    LONGEST_HEAD,
    LONGEST_MASS_BODY,
)
from waypost.api.reference import operation_rows
from waypost.config.loading import load

_FORM = {"content-type": "application/x-www-form-urlencoded"}


def printed(what: str) -> str:
    """The sentence of the reference about one limit."""
    [value] = [limit.value for limit in operation_rows.gateway_limits() if limit.what == what]
    return value


def number(text: str, unit: str) -> int:
    """The number before a unit in that sentence; there is exactly one."""
    [found] = re.findall(rf"(\d+) {unit}", text)
    return int(found)


def with_head(sandbox: Sandbox, length: int) -> Raw:
    """The answer to a request whose line and headers have so many bytes."""
    connection = http.client.HTTPConnection(sandbox.process.endpoint, timeout=30)
    frame = f"GET /healthz? HTTP/1.1\r\nHost: {sandbox.process.endpoint}\r\nAccept-Encoding: identity\r\n\r\n"
    try:
        connection.request("GET", f"/healthz?{'x' * (length - len(frame))}")
        answer = connection.getresponse()
        return Raw(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def with_body(sandbox: Sandbox, length: int, action: str = "SendChatappMessage") -> Raw:
    """The answer to a signed call whose form has so many bytes; Ttl is wrong, so nothing is ever sent."""
    body = b"Ttl=29&Ignored=".ljust(length, b"x")
    query, more = FREE_BY_NAME | {"To": "8613912347777"}, _FORM | {"x-acs-action": action}
    target, headers = signed_headers(sandbox, query, body, more=more)
    return exchange(sandbox, target, headers, body)


def test_the_head_of_a_request(sandbox: Sandbox) -> None:
    text = printed("Request line and headers")
    assert number(text, "MiB") * 1024 * 1024 == LONGEST_HEAD
    assert with_head(sandbox, LONGEST_HEAD).status == 200
    refused = with_head(sandbox, LONGEST_HEAD + 1)
    assert f"HTTP {refused.status} in plain text" in text
    assert refused.headers["content-type"].startswith("text/plain")
    assert str(LONGEST_HEAD).encode() in refused.body


def test_the_body_of_a_request(sandbox: Sandbox) -> None:
    text = printed("Body")
    assert number(text, "MiB") * 1024 * 1024 == LONGEST_BODY
    assert with_body(sandbox, LONGEST_BODY).json["Code"] == "InvalidTtl"
    refused = with_body(sandbox, LONGEST_BODY + 1)
    assert text.endswith(f"HTTP {refused.status}, {refused.json['Code']}")
    assert str(LONGEST_BODY) in refused.json["Message"]


def test_the_body_of_a_call_with_many_recipients(sandbox: Sandbox) -> None:
    text = printed("Body of a V3 call of SendChatappMassMessage")
    assert number(text, "MiB") * 1024 * 1024 == LONGEST_MASS_BODY
    read = with_body(sandbox, LONGEST_MASS_BODY, "SendChatappMassMessage").json["Message"]
    assert "a whole number from 30 to" in read
    refused = with_body(sandbox, LONGEST_MASS_BODY + 1, "SendChatappMassMessage")
    assert text.endswith(f"HTTP {refused.status}, {refused.json['Code']}")
    assert str(LONGEST_MASS_BODY) in refused.json["Message"]


@pytest.mark.parametrize("way", [1, -1])
def test_the_time_of_a_call(sandbox: Sandbox, phones: Phones, way: int) -> None:
    text = printed("Time of a call")
    assert number(text, "minutes") * 60 == CLOCK_TOLERANCE_S
    # The tests share a machine: a minute is left for the call to be made.
    for beyond_s, code in ((-60, "OK"), (60, text.rpartition(", ")[2])):
        ago = timedelta(seconds=way * (CLOCK_TOLERANCE_S + beyond_s))
        target, headers = signed_headers(sandbox, FREE_BY_NAME | {"To": phones.new()}, ago=ago)
        answer = exchange(sandbox, target, headers)
        assert answer.json["Code"] == code
        assert answer.status == (200 if code == "OK" else 400)


def test_the_calls_of_a_second() -> None:
    assert printed("Calls a second").startswith(f"{CALLS_PER_SECOND} for each account and operation")
    assert load(None, {}).limits.calls_per_second == CALLS_PER_SECOND
    with start(["sandbox", "--port", "0"]) as running:
        page = exchange(Sandbox(running), "/here", {"accept": "text/html"}, method="GET").body
    assert re.findall(rb"call an operation (\d+) times a second", page) == [str(CALLS_PER_SECOND).encode()]
