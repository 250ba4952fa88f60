"""One HTTP/1.1 connection: parses requests, has them answered one after the other, and bounds both.

Calls of the API and webhooks are answered by a `Handler`, which is an ordinary function: no task and no ASGI
messages, which would take a third of the time of a call. Everything else is answered by an ASGI application.

The official Python SDK writes all parameters into the query: a call to 1,000 recipients has a request line of
some 200 KB. Servers on hyper refuse one of 64 KiB and more, and httptools has no limit, so the bound is set
here.
"""

import asyncio
from collections import deque
from functools import lru_cache
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

import httptools
import structlog
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl

from waypost.api.http_messages import HttpAnswer, HttpRequest
from waypost.server.asgi import create_cycle
from waypost.server.connections import Connections
from waypost.server.http_exchange import Exchange

log = structlog.get_logger()

_PLAIN_TEXT = (("content-type", "text/plain; charset=utf-8"),)


class _DroppedHeaders(list[tuple[bytes, bytes]]):
    """Headers that are not kept."""

    def append(self, header: tuple[bytes, bytes]) -> None:
        """Drops a header."""


_TRAILERS = _DroppedHeaders()


class HttpProtocol(asyncio.Protocol):
    """A connection.

    At most one request is being answered; the others that the client has sent already wait, and nothing more
    is read meanwhile. So answers have the order of the requests, and what a connection holds is bounded by
    what one read returns. While the client does not read its answers, no request is begun.

    Args:
        connections: what all connections of the server share: application, bounds, and who is connected.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._bounds = connections.bounds
        self._handler_of = connections.application.handler_of
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        # Otherwise a request that is pipelined behind one with `Connection: close` would be malformed.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._transport: asyncio.Transport
        self._flow: FlowControl
        self._idle_timer: asyncio.TimerHandle
        self._peer = ""
        self._secure = False
        # The request that is being received.
        self._in_head = True
        self._head_size = 0
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._receiving: Exchange | None = None
        # The requests that are being answered.
        self._current: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._is_advancing = False
        self._is_half_closed = False
        self._is_refused = False
        self._idle_since: float | None = None

    # The transport's callbacks.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Starts the idle timeout at once, so that a client that sends nothing is disconnected."""
        # uvloop's transports are not asyncio.Transport by name.
        self._transport = cast("asyncio.Transport", transport)
        self._flow = FlowControl(self._transport)
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if peer else ""
        self._secure = transport.get_extra_info("sslcontext") is not None
        self._connections.add(self)
        self._idle_since = self._loop.time()
        self._idle_timer = self._loop.call_later(self._bounds.idle_s, self._check_idle)

    def data_received(self, data: bytes) -> None:
        """Parses what was received, and begins the next request if it is complete."""
        if self._is_refused:
            return
        self._idle_since = None
        # Counted before parsing, because the parser buffers a header to its end.
        self._head_size += len(data) if self._in_head else 0
        if self._head_size > self._bounds.head:
            self._refuse(f"The request's line and headers are longer than {self._bounds.head} bytes.")
        else:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                self._go_on_without_upgrade(memoryview(data)[upgrade.args[0] :])
            except httptools.HttpParserError:
                self._refuse_malformed()
        if self._waiting:
            self._advance()

    def _go_on_without_upgrade(self, data: memoryview) -> None:
        """Parses what follows a request for an upgrade, which is answered as if it were none."""
        while data:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
            except httptools.HttpParserError:
                self._refuse_malformed()
                return

    def eof_received(self) -> bool:
        """Keeps a connection that the client has half closed until its complete requests are answered.

        A request that ASGI answers ends with its connection: that is how a client gives up a long poll.
        """
        if self._waiting and not self._waiting[-1].is_complete:
            self._waiting.pop()
        current = self._current
        if (current is None and not self._waiting) or (current is not None and current.cycle is not None):
            return False
        self._is_half_closed = True
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Drops what was not answered."""
        self._connections.remove(self)
        self._idle_timer.cancel()
        self._waiting.clear()
        self._abandon()
        self._flow.resume_writing()
        # The parser refers to this object and this to the parser.
        del self._parser

    def pause_writing(self) -> None:
        """Begins no further request: the client does not read its answers."""
        self._flow.pause_writing()

    def resume_writing(self) -> None:
        """Begins the requests that waited."""
        self._flow.resume_writing()
        if not self._is_advancing:
            self._advance()

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        """Prepares for a request."""
        self._target = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        """Adds a piece of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Adds a header."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Queues the request, and determines who answers it."""
        self._in_head = False
        parser = self._parser
        raw_path, _, query = self._target.partition(b"?")
        if b"#" in query:
            query = query.partition(b"#")[0]
        path = "/" if raw_path == b"/" else _decoded_path(raw_path)
        request = HttpRequest(
            parser.get_method().decode("ascii"), path, query, self._headers, self._peer, self._secure
        )
        http_version = parser.get_http_version()
        self._receiving = exchange = Exchange(
            self,
            request,
            self._handler_of(request),
            raw_path,
            http_version,
            http_version != "1.0" and parser.should_keep_alive(),
        )
        self._waiting.append(exchange)
        # What follows are trailers of a chunked body, which nothing reads.
        self._headers = _TRAILERS

    def on_body(self, body: bytes) -> None:
        """Adds a piece of the body to the request, unless that is answered already."""
        exchange = self._receiving
        if exchange is None or exchange.is_answered or exchange.request.is_too_long:
            return
        if exchange.cycle is not None:
            exchange.cycle.body += body
            exchange.cycle.message_event.set()
            if len(exchange.cycle.body) > HIGH_WATER_LIMIT:
                self._flow.pause_reading()
            return
        exchange.body.append(body)
        exchange.body_size += len(body)
        if exchange.handler is not None and exchange.body_size > self._bounds.body:
            exchange.request.is_too_long = True
            exchange.body.clear()

    def on_message_complete(self) -> None:
        """Ends the request, and prepares for the head of the next one."""
        self._in_head, self._head_size = True, 0
        exchange, self._receiving = self._receiving, None
        if exchange is None:
            return
        exchange.is_complete = True
        if exchange.is_answered:
            self._idle_since = self._loop.time()
        elif exchange.cycle is not None:
            exchange.cycle.more_body = False
            exchange.cycle.message_event.set()

    # The order of the answers.

    def _advance(self) -> None:
        """Begins the requests that can be, one after the other, and reads on only if none has to wait."""
        waiting = self._waiting
        self._is_advancing = True
        try:
            while waiting and self._current is None and not self._flow.write_paused:
                if not waiting[0].can_begin:
                    self._continue(waiting[0])
                    break
                self._begin(waiting.popleft())
        finally:
            self._is_advancing = False
        if waiting and (self._current is not None or self._flow.write_paused):
            self._flow.pause_reading()
        elif self._flow.read_paused and not (self._is_half_closed or self._transport.is_closing()):
            self._flow.resume_reading()

    def _continue(self, exchange: Exchange) -> None:
        """Sends `100 Continue` to a client that waits for it before it sends the body."""
        if exchange.expects_continue:
            exchange.is_continued = True
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _begin(self, exchange: Exchange) -> None:
        self._current = exchange
        if exchange.handler is None:
            self._begin_asgi(exchange)
            return
        if exchange.body:
            exchange.request.body = b"".join(exchange.body)
        exchange.handler(exchange.request, exchange.reply)

    def _begin_asgi(self, exchange: Exchange) -> None:
        exchange.cycle = cycle = create_cycle(exchange, self._transport, self._flow, self._finish)
        answering = cycle.run_asgi(self._connections.application)
        task = self._loop.create_task(answering)
        self._connections.tasks.add(task)
        task.add_done_callback(self._connections.tasks.discard)

    def answer(self, exchange: Exchange, answer: HttpAnswer) -> None:
        """Writes the answer of the request that is being answered; none if its connection is lost."""
        if exchange is not self._current:
            return
        head, body = _head(answer.status, answer.headers), answer.body
        if not exchange.keep_alive:
            head += b"connection: close\r\n"
        written = b"" if exchange.request.method == "HEAD" else body
        self._transport.write(b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), written))
        self._finish()

    def _finish(self) -> None:
        """Goes on to the next request, or closes the connection."""
        exchange, self._current = self._current, None
        assert exchange is not None
        exchange.is_answered = True
        if not exchange.keep_alive or (self._is_half_closed and not self._waiting):
            self._close()
            return
        if self._waiting or self._flow.read_paused:
            if not self._is_advancing:
                self._advance()
        elif exchange.is_complete:
            self._idle_since = self._loop.time()

    # The end of the connection.

    def shutdown(self) -> None:
        """Closes the connection once the request that is being answered is answered."""
        if self._current is None:
            self._close()
            return
        self._current.keep_alive = False
        if self._current.cycle is not None:
            self._current.cycle.keep_alive = False

    def _refuse_malformed(self) -> None:
        log.warning("http.malformed", peer=self._peer)
        self._refuse("Invalid HTTP request received.")

    def _refuse(self, reason: str) -> None:
        """Refuses what is no HTTP, or too long, after the requests before it, and closes the connection."""
        self._is_refused = True
        refused, self._receiving = self._receiving, None
        if refused is not None and refused is self._current:
            self._abandon()
        elif refused is not None and not refused.is_answered:
            self._waiting.pop()
        answer = HttpAnswer(400, _PLAIN_TEXT, reason.encode())
        request = HttpRequest("", "", b"", [])
        exchange = Exchange(self, request, lambda _, reply: reply(answer), keep_alive=False)
        exchange.is_complete = True
        self._waiting.append(exchange)

    def _close(self) -> None:
        """Closes the connection after what is written; what waits is not begun."""
        self._waiting.clear()
        self._transport.close()

    def _abandon(self) -> None:
        """Gives up the request that is being answered."""
        current, self._current = self._current, None
        if current is not None and current.cycle is not None:
            current.cycle.disconnected = True
            current.cycle.message_event.set()

    def _check_idle(self) -> None:
        """Closes a connection that was idle for too long, and otherwise looks again when it may have been."""
        wait_s = self._bounds.idle_s
        if self._idle_since is not None:
            wait_s += self._idle_since - self._loop.time()
            if wait_s <= 0:
                self._close()
                return
        self._idle_timer = self._loop.call_later(wait_s, self._check_idle)


def _decoded_path(raw_path: bytes) -> str:
    """The decoded path of a target without its query.

    Raises:
        httptools.HttpParserInvalidURLError: it is no URL.
    """
    path = httptools.parse_url(raw_path).path.decode("ascii")
    return unquote(path) if "%" in path else path


@lru_cache(maxsize=256)
def _head(status: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The first lines of an answer, without content-length."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "".join([f"{line}\r\n" for line in lines]).encode("latin-1", "replace")
