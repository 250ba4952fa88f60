"""An egress proxy: what it gets, what the origin gets, and what its refusal means."""

import asyncio
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import pytest

from tests.outbound.certificates import Authority
from tests.outbound.servers import Peer, Script, Server, answer_all, hold, response, serving
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply

TIMEOUT_S = 10.0
CREDENTIALS = "user:p%40ss"
AUTHORIZATION = f"Basic {b64encode(b'user:p@ss').decode()}"


def proxy_url(proxy: Server, credentials: str = "") -> str:
    return f"http://{credentials}{'@' if credentials else ''}127.0.0.1:{proxy.port}"


def forwards_to(port: int) -> Script:
    """Opens tunnels to a port of this machine, whatever the name in the request."""

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def script(peer: Peer) -> None:
        await peer.request()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await peer.send(b"HTTP/1.1 200 Connection established\r\nVia: a\r\n\r\n")
            await asyncio.gather(pipe(peer.reader, writer), pipe(reader, peer.writer))
        finally:
            writer.close()

    return script


async def test_an_https_origin_is_reached_in_a_tunnel(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with (
        serving(answer_all, authority.server_tls("provider.example")) as origin,
        serving(forwards_to(origin.port)) as proxy,
        HttpClient(proxy=proxy_url(proxy, CREDENTIALS), tls=authority.client_tls()) as client,
    ):
        endpoint = client.endpoint("POST", "https://provider.example/send?a=b", timeout_s=TIMEOUT_S)
        for body in (b"1", b"2"):
            reply = await endpoint.exchange(body)
            assert isinstance(reply, Reply)
            assert reply.body == body
        assert proxy.requests == [
            b"CONNECT provider.example:443 HTTP/1.1\r\nHost: provider.example:443\r\n"
            b"Proxy-Authorization: " + AUTHORIZATION.encode() + b"\r\n\r\n"
        ]
        assert origin.requests[0].startswith(b"POST /send?a=b HTTP/1.1\r\nHost: provider.example\r\n")
        assert b"Proxy-" not in origin.requests[0]


async def test_a_tunnel_does_not_spare_the_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with (
        serving(hold, authority.server_tls("other.example")) as origin,
        serving(forwards_to(origin.port)) as proxy,
        HttpClient(proxy=proxy_url(proxy), tls=authority.client_tls()) as client,
    ):
        outcome = await client.endpoint("POST", "https://provider.example/", timeout_s=TIMEOUT_S).exchange(
            b"1"
        )
        assert isinstance(outcome, Refused)
        assert "Hostname mismatch" in outcome.text
        assert origin.requests == []


async def test_an_http_origin_is_named_in_the_request() -> None:
    async with (
        serving(answer_all) as proxy,
        HttpClient(proxy=proxy_url(proxy, CREDENTIALS)) as client,
    ):
        endpoint = client.endpoint("POST", "http://provider.example:8080/send?a=%20b", timeout_s=TIMEOUT_S)
        assert isinstance(await endpoint.exchange(b"1"), Reply)
        start = b"POST http://provider.example:8080/send?a=%20b HTTP/1.1\r\nHost: provider.example:8080\r\n"
        assert proxy.requests[0].startswith(start)
        assert f"\r\nProxy-Authorization: {AUTHORIZATION}\r\n".encode() in proxy.requests[0]


def answers(data: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(data)
        if data:
            await peer.closed_by_client()

    return script


REFUSALS: dict[str, tuple[bytes, str]] = {
    "407": (response(b"no", status="407 Proxy Authentication Required"), "the proxy answered 407"),
    "403": (response(b"no", status="403 Forbidden"), "the proxy answered 403"),
    "502": (b"HTTP/1.0 502 Bad Gateway\r\n\r\n", "the proxy answered 502"),
    "a redirect": (response(b"", "Location: /", status="302 Found"), "the proxy answered 302"),
    "no HTTP": (b"SSH-2.0-x\r\n\r\n", "the proxy does not speak HTTP"),
    "nothing": (b"", "the proxy gave no whole answer"),
    "an endless head": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "the proxy gave no whole answer"),
    "more than its answer": (b"HTTP/1.1 200 OK\r\n\r\nx", "the proxy sent more than its answer"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSALS.values(), ids=REFUSALS)
async def test_a_proxy_that_opens_no_tunnel(data: bytes, reason: str) -> None:
    async with (
        serving(answers(data)) as proxy,
        HttpClient(proxy=proxy_url(proxy, CREDENTIALS)) as client,
    ):
        endpoint = client.endpoint("POST", "https://provider.example/", timeout_s=TIMEOUT_S)
        outcome = await endpoint.exchange(b"secret")
        assert outcome == Refused(SendFailure.UNREACHABLE, "", f"no connection ({reason})")
        assert all(b"secret" not in request for request in proxy.requests)


async def test_a_proxy_that_is_silent() -> None:
    async with serving(hold) as proxy, HttpClient(proxy=proxy_url(proxy)) as client:
        outcome = await client.endpoint("POST", "https://provider.example/", timeout_s=0.1).exchange(b"1")
        assert outcome == Refused(SendFailure.UNREACHABLE, "", "no connection in time")
        await proxy.client_closed.wait()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_not_there(scheme: str) -> None:
    async with HttpClient(proxy="http://user:s3cret@127.0.0.1:1") as client:
        outcome = await client.endpoint(
            "POST", f"{scheme}://provider.example/", timeout_s=TIMEOUT_S
        ).exchange()
        assert isinstance(outcome, Refused)
        assert outcome.text.startswith("no connection to 127.0.0.1:1 (")
        assert "s3cret" not in outcome.text


async def test_a_proxy_that_loses_a_request_in_absolute_form_may_have_passed_it_on() -> None:
    async with serving(answers(b"")) as proxy, HttpClient(proxy=proxy_url(proxy)) as client:
        outcome = await client.endpoint("GET", "http://provider.example/", timeout_s=TIMEOUT_S).exchange()
        assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    "url", ["https://u:s3cret@proxy", "socks5://u:s3cret@proxy", "u:s3cret@proxy:1", "http://"]
)
def test_another_url_is_not_that_of_a_proxy(url: str) -> None:
    with pytest.raises(ValueError, match="the URL of a proxy") as raised:
        HttpClient(proxy=url)
    assert "s3cret" not in str(raised.value)
