"""A request leaves only over a connection whose server has proved its name."""

import socket
import ssl
from typing import Any

import pytest

from tests.outbound.certificates import Authority
from tests.outbound.servers import Peer, answer_all, hold, response, scripts, serving
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown
from waypost.outbound import client as client_module
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply

TIMEOUT_S = 10.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.mark.parametrize("host", ["provider.example", "provider.example.", "127.0.0.1"])
async def test_a_server_with_a_trusted_certificate_for_its_name(
    authority: Authority, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def getaddrinfo(name: str, port: int) -> list[Any]:
        assert name == host
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]

    monkeypatch.setattr("waypost.outbound.dialer.system_addresses", getaddrinfo)
    tls = authority.server_tls("provider.example", "127.0.0.1")
    async with serving(answer_all, tls) as server, HttpClient(tls=authority.client_tls()) as client:
        endpoint = client.endpoint("POST", f"https://{host}:{server.port}/", timeout_s=TIMEOUT_S)
        for body in (b"1", b"2"):
            reply = await endpoint.exchange(body)
            assert isinstance(reply, Reply)
            assert reply.body == body
        assert server.connections == 1


async def sent_nothing(authority: Authority, tls: ssl.SSLContext, url: str, *, trusts: bool) -> Refused:
    """The outcome of a request whose server must not get a byte of it."""
    client_tls = authority.client_tls() if trusts else ssl.create_default_context()
    async with serving(hold, tls) as server, HttpClient(tls=client_tls) as client:
        endpoint = client.endpoint(
            "POST",
            url.format(port=server.port),
            timeout_s=TIMEOUT_S,
            headers={"Authorization": "Bearer s3cret"},
        )
        outcome = await endpoint.exchange(b"s3cret")
        assert isinstance(outcome, Refused)
        assert outcome.failure is SendFailure.UNREACHABLE
        assert server.requests == []
        assert "s3cret" not in outcome.text
        assert "/path" not in outcome.text
        return outcome


async def test_an_unknown_authority(authority: Authority) -> None:
    tls = authority.server_tls("localhost")
    outcome = await sent_nothing(authority, tls, "https://localhost:{port}/path?k=s3cret", trusts=False)
    assert "certificate verify failed" in outcome.text


@pytest.mark.parametrize("names", [["other.example"], ["127.0.0.1"], ["*.localhost"]])
async def test_a_certificate_for_another_name(authority: Authority, names: list[str]) -> None:
    tls = authority.server_tls(*names)
    outcome = await sent_nothing(authority, tls, "https://localhost:{port}/path", trusts=True)
    assert "Hostname mismatch" in outcome.text


async def test_a_server_without_tls(authority: Authority) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(script) as server, HttpClient(tls=authority.client_tls()) as client:
        outcome = await client.endpoint("POST", server.tls_url, timeout_s=TIMEOUT_S).exchange(b"1")
        assert isinstance(outcome, Refused)
        assert outcome.failure is SendFailure.UNREACHABLE


async def test_a_handshake_that_takes_too_long(authority: Authority) -> None:
    async def script(peer: Peer) -> None:
        await peer.closed_by_client()

    async with serving(script) as server, HttpClient(tls=authority.client_tls()) as client:
        outcome = await client.endpoint("POST", server.tls_url, timeout_s=0.1).exchange(b"1")
        assert outcome == Refused(SendFailure.UNREACHABLE, "", "no connection in time")
        await server.client_closed.wait()


async def test_a_server_that_breaks_off_after_the_request(authority: Authority) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        peer.reset()

    tls = authority.server_tls("localhost")
    async with (
        serving(scripts(script, answer_all), tls) as server,
        HttpClient(tls=authority.client_tls()) as client,
    ):
        endpoint = client.endpoint("POST", server.tls_url, timeout_s=TIMEOUT_S)
        assert isinstance(await endpoint.exchange(b"1"), Unknown)
        assert isinstance(await endpoint.exchange(b"2"), Reply)
        assert len(server.requests) == 2


async def test_an_endless_body_over_tls_closes_the_connection(authority: Authority) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                await peer.send(b"x" * 1000)
        finally:
            peer.server.client_closed.set()

    tls = authority.server_tls("localhost")
    async with serving(script, tls) as server, HttpClient(tls=authority.client_tls()) as client:
        reply = await client.endpoint("GET", server.tls_url, timeout_s=TIMEOUT_S).exchange()
        assert isinstance(reply, Reply)
        assert len(reply.body) == 65536
        await server.client_closed.wait()


async def test_a_server_that_closes_after_each_answer_over_tls(authority: Authority) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(response(await peer.request(), "Connection: close"))

    tls = authority.server_tls("localhost")
    async with serving(script, tls) as server, HttpClient(1, tls=authority.client_tls()) as client:
        endpoint = client.endpoint("POST", server.tls_url, timeout_s=TIMEOUT_S)
        for _ in range(3):
            assert isinstance(await endpoint.exchange(b"1"), Reply)
        assert server.connections == 3


def test_without_settings_of_its_own_a_client_trusts_the_systems_authorities() -> None:
    tls = client_module._default_tls()
    assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert tls.get_ca_certs() == ssl.create_default_context().get_ca_certs()
