"""Parses the requests of a connection, and counts every byte of them against a bound."""

from collections import deque
from typing import NoReturn

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl

from waypost.api.http_messages import HttpRequest
from waypost.server.connections import Connections
from waypost.server.forwarded import Client, forwarded_client
from waypost.server.http_bounds import LONGEST_PATH, LONGEST_VALUE
from waypost.server.http_deadlines import Progress
from waypost.server.http_exchange import Exchange
from waypost.server.http_text import decoded_path

# Pieces of a body are joined up to this size: each costs memory of its own, and clients choose their length.
_SMALL_PIECE = 4096


class RefusedRequestError(Exception):
    """A request is malformed or breaks a bound.

    Attributes:
        status: the HTTP status that it is answered with.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class RequestReader:
    """The requests that a connection receives.

    Args:
        peer: the address of the client.
        secure: whether the connection has TLS.
        waiting: the queue of requests; each is put there when its head is complete.
        flow: stops the client while an ASGI application does not read the body.

    Attributes:
        receiving: the request whose body is being received.
        has_begun: whether a request has begun and is not complete.
        overhead: the bytes of the unfinished request but those of its body.
        progress: what the sweep saw of the client in the present phase; None when another one begins.
    """

    def __init__(
        self,
        connections: Connections,
        peer: str,
        secure: bool,
        waiting: deque[Exchange],
        flow: FlowControl,
    ) -> None:
        self._connections = connections
        self._bounds = connections.bounds
        self._most_headers = connections.bounds.headers
        self._handler_of = connections.application.handler_of
        self._client = Client(peer, secure)
        self._is_proxy = connections.bounds.is_trusted(peer)
        self._waiting = waiting
        self._flow = flow
        self._parser = self._new_parser()
        self._body_head = b""
        self._target: bytes | bytearray = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self.receiving: Exchange | None = None
        self.has_begun = False
        self.overhead = 0
        self.progress: Progress | None = None

    def _new_parser(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self)
        # Otherwise a request that is pipelined behind one with `Connection: close` would be malformed.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def close(self) -> None:
        """Lets go of what refers to this object: cycles are collected late."""
        self.receiving = None
        del self._parser, self._waiting, self._flow

    def parse(self, data: bytes | memoryview) -> None:
        """Parses what was received.

        Raises:
            RefusedRequestError: it is no HTTP, or more than a request may have.
        """
        # Counted before parsing, because the parser buffers a header to its end; the body is taken off again.
        self.overhead += len(data)
        while data:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = self._after_upgrade(bytes(memoryview(data)[upgrade.args[0] :]))
            except httptools.HttpParserError as error:
                refused = error.__context__
                if isinstance(refused, RefusedRequestError):
                    raise refused from None
                raise RefusedRequestError(400, "Invalid HTTP request received.") from None
            else:
                break
        if self.has_begun or self.overhead:
            self._limit_unfinished()

    def _after_upgrade(self, rest: bytes) -> bytes:
        """What is still to be parsed behind the head of a request for an upgrade.

        It is answered as if it were none, and what follows is HTTP. The parser takes it for another protocol
        and leaves out the body, which another parser then reads behind the same head without the upgrade.
        """
        if not self._body_head:
            self.overhead += len(rest)
            return rest
        self._parser = self._new_parser()
        return self._body_head + rest

    def _refuse_headers(self) -> NoReturn:
        raise RefusedRequestError(431, f"The request has more than {self._most_headers} headers.")

    def _limit_unfinished(self) -> None:
        # Not at each header, which would cost as much as its parsing.
        if len(self._headers) > self._most_headers:
            self._refuse_headers()
        longest = self._bounds.head
        if self.overhead <= longest:
            return
        if self.receiving is None:
            raise RefusedRequestError(431, f"The request's line and headers are longer than {longest} bytes.")
        # Chunks have at least as many bytes of the body as they have of framing, beyond this.
        if self.overhead > longest + self.receiving.body_size:
            raise RefusedRequestError(431, f"Chunks and trailers take more than {longest} bytes.")

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        """Prepares for a request."""
        self.has_begun = True
        self.progress = None
        self._headers = []

    def on_url(self, url: bytes) -> None:
        """Adds a piece of the target."""
        if not self._target:
            self._target = url
        elif isinstance(self._target, bytearray):
            self._target += url
        else:
            self._target = bytearray(self._target + url)

    def on_header(self, *header: *tuple[bytes, bytes]) -> None:
        """Adds a header: its name and value."""
        self._headers.append(header)

    def on_headers_complete(self) -> None:
        """Queues the request, and determines who answers it."""
        if self._body_head:
            self._body_head, self._headers, self._target = b"", [], b""
            return
        self.progress = None
        parser, headers = self._parser, self._headers
        if len(headers) > self._most_headers:
            self._refuse_headers()
        if self.overhead > self._bounds.head:
            self._limit_head(self._bounds.head)
        # What follows are trailers of a chunked body, which nothing reads.
        self._headers = []
        raw_path, _, query = bytes(self._target).partition(b"?")
        self._target = b""
        if b"#" in query:
            query = query.partition(b"#")[0]
        if raw_path == b"/":
            path = "/"
        elif len(raw_path) > LONGEST_PATH:
            raise RefusedRequestError(414, f"The path is longer than {LONGEST_PATH} bytes.")
        else:
            path = decoded_path(raw_path)
        client = self._client
        if self._is_proxy:
            client = forwarded_client(headers, client, self._bounds.is_trusted)
        method = parser.get_method()
        request = HttpRequest(method.decode("ascii"), path, query, headers, client.address, client.secure)
        handler = self._handler_of(request)
        if handler is None and any(len(value) > LONGEST_VALUE for _, value in headers):
            raise RefusedRequestError(431, f"A header is longer than {LONGEST_VALUE} bytes.")
        http_version = parser.get_http_version()
        self.receiving = exchange = Exchange(
            request,
            handler,
            raw_path,
            http_version,
            http_version != "1.0" and parser.should_keep_alive(),
        )
        self._waiting.append(exchange)
        if parser.should_upgrade():
            self._body_head = _head_of_body(method, headers)

    def _limit_head(self, longest: int) -> None:
        # Of the last bytes some may belong to the body or to the next request.
        size = len(b"%b %b HTTP/1.1\r\n\r\n" % (self._parser.get_method(), bytes(self._target)))
        if size + sum(len(name) + len(value) + 4 for name, value in self._headers) > longest:
            raise RefusedRequestError(431, f"The request's line and headers are longer than {longest} bytes.")

    def on_body(self, body: bytes) -> None:
        """Adds a piece of the body to the request, unless that is answered already."""
        size = len(body)
        self.overhead -= size
        exchange = self.receiving
        if exchange is None:
            return
        size = exchange.body_size = exchange.body_size + size
        if size > self._bounds.body:
            self._limit_body(exchange)
        if exchange.is_answered or exchange.request.is_too_long:
            return
        if exchange.cycle is not None:
            exchange.cycle.body += body
            exchange.cycle.message_event.set()
            if len(exchange.cycle.body) > HIGH_WATER_LIMIT:
                self._flow.pause_reading()
        elif exchange.body and len(exchange.body[-1]) < _SMALL_PIECE:
            exchange.body[-1] += body
        else:
            exchange.body.append(body)

    def _limit_body(self, exchange: Exchange) -> None:
        """Leaves out a body that is too long; its handler refuses it in its own form.

        What follows is read so that the client gets the answer, but not for ever.
        """
        bounds, request = self._bounds, exchange.request
        if request.is_too_long:
            longest = bounds.body + bounds.large_body
        else:
            is_large = self._connections.application.needs_large_body(request)
            longest = bounds.large_body if is_large else bounds.body
        if exchange.body_size <= longest:
            return
        if exchange.handler is None or request.is_too_long:
            raise RefusedRequestError(413, f"The body is longer than {longest} bytes.")
        request.is_too_long, request.longest_body = True, longest
        exchange.body.clear()

    def on_message_complete(self) -> None:
        """Ends the request, and prepares for the head of the next one."""
        if self._body_head:
            return
        if self._headers and len(self._headers) > self._most_headers:
            self._refuse_headers()
        self.has_begun = False
        self.overhead = 0
        self.progress = None
        exchange, self.receiving = self.receiving, None
        if exchange is None:
            return
        exchange.is_complete = True
        if exchange.cycle is not None:
            exchange.cycle.more_body = False
            exchange.cycle.message_event.set()


def _head_of_body(method: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """A head for the body of a request, with the headers that say how long it is; empty if it has none."""
    framing = [header for header in headers if header[0].lower() in (b"content-length", b"transfer-encoding")]
    if not framing or method == b"CONNECT":
        return b""
    lines = b"".join(b"%b: %b\r\n" % header for header in framing)
    return b"%b / HTTP/1.1\r\n%b\r\n" % (method, lines)
