"""HTTPS beside HTTP on one port: every bound of a connection holds for both."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.server.http_server import Application, HttpClient, HttpServer, connected, running_server
from waypost.config.certificate import CertificateError
from waypost.sandbox.local_authority import Authority, open_authority
from waypost.server.connections import Connections
from waypost.server.first_byte import FirstByte
from waypost.server.http_bounds import LONGEST_HANDSHAKE, Bounds

LONG_RECORD = b"\x16\x03\x01\x40\x00"
"""The begin of a record of a handshake with 16 KiB."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return open_authority(folder)


@pytest.fixture
def context(authority: Authority, folder: Path) -> ssl.SSLContext:
    return authority.server_context(folder, datetime.datetime.now(datetime.UTC))


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.pem.decode())


class HandClient:
    """A client that does TLS by hand, so that a test decides which bytes are sent and when."""

    def __init__(
        self, trusting: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = trusting.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.reader, self.writer = reader, writer

    def hello(self) -> bytes:
        """The first bytes of the handshake."""
        with pytest.raises(ssl.SSLWantReadError):
            self.tls.do_handshake()
        return self.outgoing.read()

    async def shake_hands(self, hello: bytes = b"") -> None:
        self.writer.write(hello or self.hello())
        while True:
            self.incoming.write(await self.reader.read(65536))
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                continue
            self.writer.write(self.outgoing.read())
            return

    def sealed(self, plain: bytes) -> bytes:
        self.tls.write(plain)
        return self.outgoing.read()

    async def is_aborted(self) -> bool:
        """Waits until the server has ended the connection without a word."""
        try:
            await self.reader.read()
        except ConnectionError:
            return True
        return self.reader.at_eof()

    async def received(self, size: int) -> bytes:
        """So many plain bytes."""
        plain = b""
        while len(plain) < size:
            try:
                plain += self.tls.read(size - len(plain))
            except ssl.SSLWantReadError:
                data = await self.reader.read(65536)
                assert data, f"the server ended the connection after {plain!r}"
                self.incoming.write(data)
        return plain


@asynccontextmanager
async def by_hand(server: HttpServer, trusting: ssl.SSLContext) -> AsyncIterator[HandClient]:
    async with connected(server) as client:
        yield HandClient(trusting, client.reader, client.writer)


async def has_gone(server: HttpServer) -> None:
    async with asyncio.timeout(20):
        while len(server.connections):  # noqa: ASYNC110 - the clients' side says nothing of it
            await asyncio.sleep(0.01)


async def test_the_first_byte_decides(context: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    application = Application()
    async with running_server(application, context=context) as server:
        for options in ({}, {"ssl": trusting, "server_hostname": "localhost"}):
            async with connected(server, **options) as client:
                client.send("/?a", "/asgi?b", "/?c")
                assert await client.answers(3) == [(200, "a"), (200, "b"), (200, "c")]
    assert [request.secure for request in application.requests] == [False, False, True, True]
    assert {request.peer for request in application.requests} == {"127.0.0.1"}


async def test_the_certificate_is_good_for_this_machine_by_each_of_its_names(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with running_server(Application(), context=context) as server:
        for name in ("localhost", "127.0.0.1", "::1"):
            async with connected(server, ssl=trusting, server_hostname=name) as client:
                client.send("/?a")
                assert await client.answer() == (200, "a")
        with pytest.raises(ssl.SSLCertVerificationError):
            async with connected(server, ssl=trusting, server_hostname="shop.example.com"):
                pass


@pytest.mark.parametrize(
    ("version", "agreed"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")]
)
async def test_both_versions_speak_http_1_1(
    context: ssl.SSLContext, trusting: ssl.SSLContext, version: ssl.TLSVersion, agreed: str
) -> None:
    trusting.maximum_version = version
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    async with (
        running_server(Application(b"x" * 100_000), context=context) as server,
        connected(server, ssl=trusting, server_hostname="localhost") as client,
    ):
        tls = client.writer.get_extra_info("ssl_object")
        assert (tls.version(), tls.selected_alpn_protocol()) == (agreed, "http/1.1")
        client.send("/?a")
        assert await client.answer() == (200, "x" * 100_000 + "a")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_an_older_version_is_refused(context: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    trusting.set_ciphers("DEFAULT@SECLEVEL=0")
    trusting.minimum_version = ssl.TLSVersion.TLSv1
    trusting.maximum_version = ssl.TLSVersion.TLSv1_1
    async with running_server(Application(), context=context) as server:
        with structlog.testing.capture_logs() as logs, pytest.raises((ssl.SSLError, ConnectionError)):
            async with connected(server, ssl=trusting, server_hostname="localhost"):
                pass
        assert [entry["event"] for entry in logs] == ["http.tls_failed"]


async def test_a_hello_that_comes_in_single_bytes_is_understood(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with running_server(Application(), context=context) as server, by_hand(server, trusting) as client:
        hello = client.hello()
        for byte in hello[:-1]:
            client.writer.write(bytes([byte]))
            await asyncio.sleep(0)
        await client.shake_hands(hello[-1:])
        sealed = client.sealed(b"GET /?a HTTP/1.1\r\nHost: h\r\n\r\n")
        client.writer.write(sealed[:7])
        await asyncio.sleep(0)
        client.writer.write(sealed[7:])
        assert (await client.received(12)) == b"HTTP/1.1 200"


async def test_a_long_body_and_a_long_answer_pass(context: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    application, body = Application(b"y" * 3_000_000), b"z" * 1_000_000
    async with (
        running_server(application, context=context) as server,
        connected(server, ssl=trusting, server_hostname="localhost") as client,
    ):
        for target in ("/?a", "/asgi?b"):
            client.send(target, method="POST", headers=f"Content-Length: {len(body)}\r\n")
            client.writer.write(body)
        assert await client.answer() == (200, "y" * 3_000_000 + "a")
        assert await client.answer() == (200, "b" + "z" * 1_000_000)
    assert application.requests[0].body == body


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x16rubbish, and not a little of it",
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        b"\x16" * 40,
    ],
)
async def test_rubbish_is_ended_with_an_alert_and_a_line(context: ssl.SSLContext, rubbish: bytes) -> None:
    async with running_server(Application(), context=context) as server, connected(server) as client:
        with structlog.testing.capture_logs() as logs:
            client.writer.write(rubbish)
            await client.reader.read()
            await has_gone(server)
        assert [(entry["event"], entry["peer"]) for entry in logs] == [("http.tls_failed", "127.0.0.1")]


async def test_a_record_that_is_forged_ends_the_connection(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    application = Application()
    async with running_server(application, context=context) as server, by_hand(server, trusting) as client:
        await client.shake_hands()
        sealed = bytearray(client.sealed(b"GET /?a HTTP/1.1\r\nHost: h\r\n\r\n"))
        sealed[-1] ^= 1
        client.writer.write(sealed)
        await client.reader.read()
        await has_gone(server)
    assert application.begun == []


@pytest.mark.parametrize(
    "begin", [b"", b"\x16", LONG_RECORD, LONG_RECORD + b"\x01\x00\x3f\xfc" + b"\x00" * 9000]
)
async def test_a_handshake_has_the_time_of_a_head(context: ssl.SSLContext, begin: bytes) -> None:
    """And a connection without a byte that of an idle one."""
    bounds = Bounds(head_s=0.2 if begin else 60, idle_s=60 if begin else 0.2)
    async with running_server(Application(), bounds, context) as server, connected(server) as client:
        client.writer.write(begin)
        assert await client.ended()
        await has_gone(server)


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"GET / HTTP/1.1\r\nHost:", 408), (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf", 408)],
)
async def test_a_half_sent_request_is_answered_408_in_tls(
    context: ssl.SSLContext, trusting: ssl.SSLContext, sent: bytes, status: int
) -> None:
    async with (
        running_server(Application(), Bounds(head_s=0.5, body_s=0.5), context) as server,
        connected(server, ssl=trusting, server_hostname="localhost") as client,
    ):
        client.writer.write(sent)
        assert (await client.answer())[0] == status
        assert await client.ended()


async def test_what_waits_for_its_turn_is_not_the_client_s_fault(
    context: ssl.SSLContext, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = Bounds(head_s=1, body_s=1, idle_s=1)
    async with (
        running_server(Application(), bounds, context) as server,
        by_hand(server, trusting) as begun,
        connected(server, ssl=trusting, server_hostname="localhost") as client,
    ):
        client.send("/?first")
        assert await client.answer() == (200, "first")
        waiting: list[Any] = []
        monkeypatch.setattr(server.connections.turns, "run_later", waiting.append)
        client.send("/?a", headers=f"X: {'x' * 6000}\r\n")
        begun.writer.write(begun.hello())
        async with asyncio.timeout(20):
            while len(waiting) < 2:  # noqa: ASYNC110 - the clients' side says nothing of it
                await asyncio.sleep(0.01)
        async with connected(server) as idle:
            # As long as another client is tolerated.
            assert await idle.ended()
        monkeypatch.undo()
        for connection in waiting:
            connection.go_on()
        assert await client.answer() == (200, "a")
        assert await begun.reader.read(1) == b"\x16"


async def test_a_record_that_is_never_completed_is_an_idle_client(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with (
        running_server(Application(), Bounds(idle_s=0.5), context) as server,
        by_hand(server, trusting) as client,
    ):
        await client.shake_hands()
        client.writer.write(client.sealed(b"GET /?a HTTP/1.1\r\nHost: h\r\n\r\n")[:-1])
        await client.reader.read()
        await has_gone(server)


async def test_a_client_that_does_not_read_is_disconnected(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    application = Application(b"x" * 1_000_000)
    async with (
        running_server(application, Bounds(body_s=0.1), context) as server,
        by_hand(server, trusting) as client,
    ):
        await client.shake_hands()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.writer.write(client.sealed(b"GET /?a HTTP/1.1\r\nHost: h\r\n\r\n" * 40))
        await has_gone(server)
        assert 0 < len(application.begun) < 40


async def test_connections_of_an_address_are_bounded_from_their_first_byte_on(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with running_server(Application(), Bounds(of_address=3), context) as server:
        async with (
            connected(server) as plain,
            connected(server, ssl=trusting, server_hostname="localhost") as tls,
            connected(server) as silent,
        ):
            for client in (plain, tls):
                client.send("/?a")
                assert await client.answer() == (200, "a")
            assert len(server.connections) == 3
            async with connected(server) as fourth:
                assert await fourth.ended()
            silent.writer.write(b"\x16")
            async with connected(server) as fifth:
                assert await fifth.ended()
        await has_gone(server)


async def test_what_records_hold_counts_with_all_that_is_unfinished(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with (
        running_server(Application(), Bounds(held=20_000), context) as server,
        by_hand(server, trusting) as first,
        by_hand(server, trusting) as second,
    ):
        for client in (first, second):
            await client.shake_hands()
            record = client.sealed(b"x" * 16_000)
            client.writer.write(record[:-1])
        async with asyncio.timeout(20):
            # The one that began first.
            assert await first.is_aborted()
        second.writer.write(record[-1:])
        assert await second.received(12) == b"HTTP/1.1 400"


@pytest.mark.parametrize("size", [1, 1000, 16384])
async def test_many_records_at_once_are_worked_off_in_turns(
    context: ssl.SSLContext, trusting: ssl.SSLContext, size: int
) -> None:
    application = Application()
    async with running_server(application, context=context) as server, by_hand(server, trusting) as client:
        await client.shake_hands()
        request = b"POST /?a HTTP/1.1\r\nContent-Length: 40000\r\n\r\n" + b"x" * 40000
        pieces = [request[start : start + size] for start in range(0, len(request), size)]
        client.writer.write(b"".join(client.sealed(piece) for piece in pieces))
        assert await client.received(12) == b"HTTP/1.1 200"
    assert application.requests[0].body == b"x" * 40000


async def test_a_handshake_has_a_length() -> None:
    """A client that never finishes it is not listened to for ever."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    fragment = b"\x16\x03\x01\x40\x00"
    hello = b"\x01\x01\xff\xff"
    bounds = Bounds(head_s=600)
    async with running_server(Application(), bounds, context) as server, connected(server) as client:
        client.writer.write(fragment + hello + b"\x00" * (16384 - 4))
        for _ in range(LONGEST_HANDSHAKE // 16384 + 1):
            client.writer.write(fragment + b"\x00" * 16384)
        assert await client.ended()


async def test_a_handshake_that_is_not_complete_does_not_hold_up_a_stop(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    application = Application()
    async with (
        running_server(application, context=context) as server,
        connected(server) as silent,
        by_hand(server, trusting) as begun,
        connected(server, ssl=trusting, server_hostname="localhost") as idle,
        connected(server, ssl=trusting, server_hostname="localhost") as busy,
    ):
        begun.writer.write(begun.hello()[:20])
        busy.send("/?hold")
        await application.until_begun("hold")
        closing = asyncio.create_task(server.connections.close(60))
        assert await silent.ended()
        assert await HttpClient(begun.reader, begun.writer).ended()
        assert await idle.ended()
        application.release("hold")
        assert await busy.answer() == (200, "hold")
        assert await busy.ended()
        async with asyncio.timeout(10):
            await closing


async def test_a_client_that_takes_leave_is_let_go(context: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    bounds = Bounds(idle_s=600)
    async with running_server(Application(), bounds, context) as server, by_hand(server, trusting) as client:
        await client.shake_hands()
        with pytest.raises(ssl.SSLWantReadError):
            client.tls.unwrap()
        client.writer.write(client.outgoing.read())
        await has_gone(server)


async def test_a_client_that_has_closed_its_side_gets_its_answer(
    context: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    application = Application()
    async with running_server(application, context=context) as server, by_hand(server, trusting) as client:
        await client.shake_hands()
        client.writer.write(client.sealed(b"GET /?hold HTTP/1.1\r\nHost: h\r\n\r\n"))
        with pytest.raises(ssl.SSLWantReadError):
            client.tls.unwrap()
        client.writer.write(client.outgoing.read())
        client.writer.write_eof()
        await application.until_begun("hold")
        application.release("hold")
        assert (await client.received(12)) == b"HTTP/1.1 200"


async def test_without_a_certificate_a_client_is_ended_and_the_log_has_the_reason() -> None:
    def unusable() -> ssl.SSLContext:
        raise CertificateError("no certificate can be kept there")

    connections = Connections(Application())
    listening = await asyncio.get_running_loop().create_server(
        lambda: FirstByte(connections, unusable), "127.0.0.1", 0
    )
    async with listening:
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        with structlog.testing.capture_logs() as logs:
            writer.write(b"\x16\x03\x01")
            assert await HttpClient(reader, writer).ended()
        writer.close()
        await connections.close(5)
    assert [entry["reason"] for entry in logs] == ["no certificate can be kept there"]
