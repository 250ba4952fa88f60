"""The address that is given to providers, customers and people: one that they can use in a URL."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.processes import start
from tests.sdk.callers import FREE_BY_NAME, Sandbox, exchange, signed_call
from waypost.server.address import service_address


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("0:0:0:0:0:0:0:0", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("2001:db8::7", "http://[2001:db8::7]:80"),
        ("fe80::1%eth0", "http://[fe80::1%25eth0]:80"),
        ("localhost", "http://localhost:80"),
        ("waypost.example.com", "http://waypost.example.com:80"),
    ],
)
def test_the_address(host: str, address: str) -> None:
    assert service_address(host, 80) == address


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6: the sandbox is not tried on it")
@pytest.mark.parametrize("host", ["::", "::1"])
def test_a_sandbox_on_ipv6_takes_calls_and_receipts(host: str) -> None:
    with start(["sandbox", "--host", host, "--port", "0"]) as running:
        assert urlsplit(running.address).hostname == "::1"
        sandbox = Sandbox(running)
        params = {**FREE_BY_NAME, "To": "4915112340003"}
        target, headers = signed_call(running.endpoint, "SendChatappMessage", "sandbox", query=params)
        answer = exchange(sandbox, target, headers).json
        assert answer["Code"] == "OK"
        running.advance(5)
        # The provider reached the address that it was given for its receipts.
        assert sandbox.story(answer["MessageId"])["state"] == "delivered"
