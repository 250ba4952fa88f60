"""The exact bytes of requests, and the addresses they go to."""

import asyncio
import socket
import ssl
from typing import Any

import pytest

from tests.outbound.servers import Peer, answer_all, serving
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused
from waypost.outbound.client import HttpClient
from waypost.outbound.connection import Connection
from waypost.outbound.dialer import Dialer, Origin, UnreachableError
from waypost.outbound.pool import ConnectionPool
from waypost.outbound.reply import Reply

TIMEOUT_S = 10.0
DEFAULTS = "Accept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: Waypost\r\n"


async def sent(
    method: str,
    rest: str,
    body: bytes = b"",
    *,
    user: str = "",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> str:
    """The request that the server got, with its port as PORT."""
    async with serving(answer_all) as server, HttpClient() as client:
        url = f"http://{user}127.0.0.1:{server.port}{rest}"
        endpoint = client.endpoint(method, url, timeout_s=TIMEOUT_S, headers=headers)
        assert isinstance(await endpoint.exchange(body, **more), Reply)
        return server.requests[0].decode().replace(str(server.port), "PORT")


async def test_a_post() -> None:
    assert await sent("POST", "/send", b"{}", headers={"Content-Type": "application/json"}) == (
        "POST /send HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Type: application/json\r\n"
        f"{DEFAULTS}Content-Length: 2\r\n\r\n{{}}"
    )


async def test_a_post_without_a_body_has_a_length() -> None:
    assert (await sent("POST", "/")).endswith("Content-Length: 0\r\n\r\n")


async def test_a_get() -> None:
    assert await sent("GET", "/x") == f"GET /x HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n{DEFAULTS}\r\n"


@pytest.mark.parametrize(
    ("rest", "target"),
    [
        ("", "/"),
        ("?a=b", "/?a=b"),
        ("/a%2Fb/%7e/%20?q=%26&r=+&s=%2B", "/a%2Fb/%7e/%20?q=%26&r=+&s=%2B"),
        ("/bot1:t/send", "/bot1:t/send"),
        ("/a/../b//c", "/a/../b//c"),
        ("/a#fragment", "/a"),
        ("/é?ü=ß x", "/%C3%A9?%C3%BC=%C3%9F+x"),
    ],
)
async def test_a_url_that_is_percent_encoded_is_sent_unchanged(rest: str, target: str) -> None:
    assert (await sent("GET", rest)).startswith(f"GET {target} HTTP/1.1\r\n")


async def test_a_suffix_and_headers_of_one_request() -> None:
    request = await sent("GET", "/send?a=b", suffix="&c=%20d", headers={"X-A": "1"})
    assert request.startswith("GET /send?a=b&c=%20d HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX-A: 1\r\n")
    async with serving(answer_all) as server, HttpClient() as client:
        endpoint = client.endpoint("GET", server.url, timeout_s=TIMEOUT_S)
        await endpoint.exchange(headers={"X-B": "2"})
        await endpoint.exchange()
        assert [b"\r\nX-B: 2\r\n" in request for request in server.requests] == [True, False]


async def test_what_a_suffix_must_not_have_is_encoded() -> None:
    request = await sent("POST", "/bot", suffix="/sendStic\u212aer HTTP/1.1\r\nX: y")
    assert request.startswith("POST /bot/sendStic%E2%84%AAer%20HTTP/1.1%0D%0AX:%20y HTTP/1.1\r\n")


async def test_headers_replace_the_defaults_whatever_their_case() -> None:
    own = {"host": "relay", "USER-AGENT": "u", "accept": "a", "Accept-encoding": "gzip"}
    request = await sent("GET", "/", headers=own)
    assert request == (
        "GET / HTTP/1.1\r\nhost: relay\r\nUSER-AGENT: u\r\naccept: a\r\nAccept-encoding: gzip\r\n\r\n"
    )


async def test_the_length_is_the_clients_own() -> None:
    request = await sent("POST", "/", b"abc", headers={"content-length": "9", "Transfer-Encoding": "chunked"})
    assert request.lower().count("content-length") == 1
    assert "chunked" not in request


async def test_a_user_and_password_of_the_url_are_sent_as_authorization() -> None:
    request = await sent("GET", "/x", user="u:p%40@")
    assert "\r\nAuthorization: Basic dTpwQA==\r\n" in request
    assert request.startswith("GET /x HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n")
    assert "Basic" not in await sent("GET", "/x", user="u:p%40@", headers={"authorization": "Bearer t"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-A", "a\r\nX-B: b"), ("X-A", "a\nb"), ("X-A", "a\0"), ("X A", "b"), ("X-A:", "b"), ("", "b")],
)
async def test_a_header_cannot_begin_another_one(name: str, value: str) -> None:
    async with HttpClient() as client:
        with pytest.raises(ValueError, match="characters that are not allowed"):
            client.endpoint("GET", "http://h/", timeout_s=TIMEOUT_S, headers={name: value})
        endpoint = client.endpoint("GET", "http://127.0.0.1:1/", timeout_s=TIMEOUT_S)
        with pytest.raises(ValueError, match="characters that are not allowed"):
            await endpoint.exchange(headers={name: value})


@pytest.mark.parametrize("url", ["ftp://h/", "http://", "/path", "https:///x", "http://h:99999/"])
async def test_a_url_that_cannot_be_sent_to(url: str) -> None:
    async with HttpClient() as client:
        with pytest.raises(ValueError):  # noqa: PT011 - the port is found out by the URL's own parser
            client.endpoint("GET", url, timeout_s=TIMEOUT_S)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://h/", "h"),
        ("http://h:80/", "h"),
        ("https://h:443/", "h"),
        ("https://h:80/", "h:80"),
        ("http://h.:81/", "h:81"),
        ("http://[2001:db8::1]/", "[2001:db8::1]"),
        ("http://[2001:db8::1]:81/", "[2001:db8::1]:81"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
    ],
)
async def test_the_host(url: str, host: str) -> None:
    async with HttpClient() as client:
        endpoint = client.endpoint("GET", url, timeout_s=TIMEOUT_S)
        assert f"\r\nHost: {host}\r\n".encode() in endpoint._encode(b"", "", None)


async def test_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    async with serving(answer_all, host="::1") as server, HttpClient() as client:
        endpoint = client.endpoint("POST", f"http://[::1]:{server.port}/", timeout_s=TIMEOUT_S)
        assert isinstance(await endpoint.exchange(b"1"), Reply)


def address(ip: str, port: int) -> tuple[Any, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port))


class Lookups:
    """Answers for every name with these addresses, which all are this machine, and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *ips: str) -> None:
        self._ips = ips
        self.count = 0
        monkeypatch.setattr("waypost.outbound.dialer.system_addresses", self.getaddrinfo)

    async def getaddrinfo(self, host: str, port: int) -> list[tuple[Any, ...]]:
        self.count += 1
        return [address(ip, port) for ip in self._ips]


async def test_an_address_of_a_name_that_is_not_there_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    lookups = Lookups(monkeypatch, "127.0.0.2", "127.0.0.1")
    async with serving(answer_all) as server, HttpClient() as client:
        endpoint = client.endpoint("GET", f"http://provider.example:{server.port}/", timeout_s=TIMEOUT_S)
        replies = await asyncio.gather(*(endpoint.exchange() for _ in range(5)))
        assert all(isinstance(reply, Reply) for reply in replies)
        assert (server.connections, lookups.count) == (5, 1)


async def test_connections_take_the_addresses_of_a_name_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    Lookups(monkeypatch, "127.0.0.1", "127.0.0.2")
    ips: list[str] = []

    async def script(peer: Peer) -> None:
        ips.append(peer.writer.get_extra_info("sockname")[0])
        await answer_all(peer)

    async with serving(script, host="0.0.0.0") as server, HttpClient() as client:
        endpoint = client.endpoint("GET", f"http://provider.example:{server.port}/", timeout_s=TIMEOUT_S)
        await asyncio.gather(*(endpoint.exchange() for _ in range(4)))
        assert sorted(ips) == ["127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2"]


async def test_addresses_are_looked_up_again_when_none_of_them_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lookups = Lookups(monkeypatch, "127.0.0.2")
    async with serving(answer_all) as server, HttpClient() as client:
        endpoint = client.endpoint("GET", f"http://provider.example:{server.port}/", timeout_s=TIMEOUT_S)
        assert isinstance(await endpoint.exchange(), Refused)
        lookups = Lookups(monkeypatch, "127.0.0.1")
        assert isinstance(await endpoint.exchange(), Reply)
        assert lookups.count == 1


async def test_a_server_that_accepts_and_closes_at_once_got_nothing() -> None:
    class ClosedAtOnce(Connection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            # Before the dialer goes on.
            loop.call_soon(self.abort)

    async with serving(answer_all) as server:
        loop = asyncio.get_running_loop()
        dialer = Dialer(Origin("http", "127.0.0.1", server.port), tls=ssl.create_default_context, proxy=None)
        pool = ConnectionPool(dialer, 1)
        with pytest.raises(UnreachableError, match="closed at once"):
            await dialer.dial(lambda sock: ClosedAtOnce(pool, sock, loop), loop.time() + TIMEOUT_S)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 70 + ".example"])
async def test_a_name_without_an_address(host: str) -> None:
    async with HttpClient() as client:
        endpoint = client.endpoint("POST", f"http://{host}/path?key=s3cret", timeout_s=TIMEOUT_S)
        outcome = await endpoint.exchange(b"1")
        assert isinstance(outcome, Refused)
        assert outcome.failure is SendFailure.UNREACHABLE
        assert outcome.text.startswith(f"no connection to {host}:80 (")
        assert "s3cret" not in outcome.text
