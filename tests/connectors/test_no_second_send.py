"""No blind resend: whatever a connection does, a provider gets one request, and doubt stays doubt."""

import asyncio
import socket

import pytest

from tests.connectors.providers import RawProvider, http_reply, raw
from waypost.connectors.contract import Connector, Submission
from waypost.connectors.kannel.connector import KannelConnector
from waypost.connectors.viber.connector import ViberConnector
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown
from waypost.outbound.client import HttpClient

SUBMISSION = Submission(
    reference="1-0-1",
    number=7,
    sender="1234",
    recipient="380501112233",
    message_type="text",
    content={"text": "hello"},
    label="transaction",
    ttl=60,
)

YES = {
    "viber": http_reply(b'{"status":0,"seq":7,"message_token":"5"}'),
    "kannel": http_reply(b"0: Accepted for delivery", "202 Accepted"),
}


def connector(name: str, url: str, client: HttpClient, timeout_s: float = 5.0) -> Connector:
    if name == "viber":
        return ViberConnector("r", client, url=url, timeout_s=timeout_s)
    return KannelConnector(
        "r", client, url=url, username="u", password="secret-p", is_gsm=str.isascii, timeout_s=timeout_s
    )


@pytest.mark.parametrize("name", ["viber", "kannel"])
def test_a_kept_alive_connection_that_drops_is_not_tried_again(name: str) -> None:
    async def main() -> None:
        provider = RawProvider([YES[name], None, YES[name]])
        async with raw(provider), HttpClient() as client:
            sending = connector(name, provider.url, client)
            assert isinstance(await sending.send(SUBMISSION), Accepted)
            assert isinstance(await sending.send(SUBMISSION), Unknown)
            assert (provider.requests, provider.connections) == (2, 1)

    asyncio.run(main())


BROKEN = {
    "hangs up at once": None,
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"sta',
    "not HTTP": b"220 smtp.example ESMTP\r\n",
    "a broken encoding": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n",
    "500": http_reply(b"oops", "500 Internal Server Error"),
    "502": http_reply(b"oops", "502 Bad Gateway"),
    "504": http_reply(b"oops", "504 Gateway Timeout"),
    "408": http_reply(b"", "408 Request Timeout"),
    "some page": http_reply(b"<html>Log in to the airport's network</html>"),
}


@pytest.mark.parametrize("name", ["viber", "kannel"])
@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_no_usable_answer_is_unknown(name: str, answer: bytes | None) -> None:
    async def main() -> Outcome:
        # The second entry hangs up, so that half an answer ends.
        provider = RawProvider([answer, None])
        async with raw(provider), HttpClient() as client:
            outcome = await connector(name, provider.url, client, timeout_s=0.3).send(SUBMISSION)
            assert provider.requests == 1
            return outcome

    assert isinstance(asyncio.run(main()), Unknown)


@pytest.mark.parametrize("name", ["viber", "kannel"])
def test_silence_is_unknown(name: str) -> None:
    async def main() -> None:
        provider = RawProvider([], hang=True)
        async with raw(provider), HttpClient() as client:
            outcome = await connector(name, provider.url, client, timeout_s=0.2).send(SUBMISSION)
            assert outcome == Unknown("no answer within 0.2 s")
            assert provider.requests == 1

    asyncio.run(main())


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("name", ["viber", "kannel"])
@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}/send", "http://no-such-host.invalid/send"])
def test_no_connection_is_certainly_not_taken(name: str, address: str) -> None:
    async def main() -> None:
        async with HttpClient() as client:
            outcome = await connector(name, address.format(port=closed_port()), client).send(SUBMISSION)
        assert isinstance(outcome, Refused)
        assert outcome.failure is SendFailure.UNREACHABLE
        assert "secret-p" not in outcome.text

    asyncio.run(main())


@pytest.mark.parametrize("name", ["viber", "kannel"])
def test_a_failed_tls_handshake_is_certainly_not_taken(name: str) -> None:
    async def main() -> None:
        provider = RawProvider([])
        async with raw(provider), HttpClient() as client:
            secure = provider.url.replace("http://", "https://")
            outcome = await connector(name, secure, client, timeout_s=0.5).send(SUBMISSION)
            assert isinstance(outcome, Refused)
            assert outcome.failure is SendFailure.UNREACHABLE
            assert provider.requests == 0

    asyncio.run(main())


@pytest.mark.parametrize("name", ["viber", "kannel"])
def test_waiting_for_a_free_connection_in_vain_is_certainly_not_taken(name: str) -> None:
    async def main() -> None:
        provider = RawProvider([], hang=True)
        async with raw(provider), HttpClient(limit=1) as client:
            slow = asyncio.create_task(connector(name, provider.url, client, timeout_s=0.6).send(SUBMISSION))
            await provider.first_request.wait()
            outcome = await connector(name, provider.url, client, timeout_s=0.2).send(SUBMISSION)
            assert outcome == Refused(SendFailure.UNREACHABLE, "", "no connection in time")
            assert isinstance(await slow, Unknown)
            assert provider.requests == 1

    asyncio.run(main())
