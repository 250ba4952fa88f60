"""One HTTP/1.1 connection: parses requests, has them answered one after the other, and bounds both.

Calls of the API and webhooks are answered by a `Handler`, which is an ordinary function: no task and no ASGI
messages, which would take a third of the time of a call. Everything else is answered by an ASGI application.

The official Python SDK writes all parameters into the query: a call to 1,000 recipients has a request line of
some 200 KB. Servers on hyper refuse one of 64 KiB and more, and httptools has no limit, so the bound is set
here.
"""

import asyncio
from collections import deque
from functools import partial
from typing import cast

from uvicorn.protocols.http.flow_control import FlowControl

from waypost.api.http_messages import NO_ANSWER, HttpAnswer, HttpRequest
from waypost.server.asgi import create_cycle
from waypost.server.connections import Connections
from waypost.server.forwarded import plain_address
from waypost.server.http_bounds import LONGEST_UNSENT
from waypost.server.http_deadlines import Phase, Progress
from waypost.server.http_exchange import Exchange
from waypost.server.http_requests import RefusedRequestError, RequestReader
from waypost.server.http_text import answer_head, plain_answer

# So many bytes are parsed at once; so many times, and so many requests begun, before others have their turn.
_SLICE = 4096
_HEAD_SLICE = 1024
_MOST_AT_ONCE = 4
_MOST_SLICES = 16
# What a short request takes while it waits, in bytes.
_EXCHANGE_SIZE = 1500


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
        self._transport: asyncio.Transport
        self._flow: FlowControl
        self._reader: RequestReader
        self._peer = ""
        # What is received and not parsed yet, because requests before it wait.
        self._unparsed: bytes | memoryview = b""
        # The requests that are being answered.
        self._current: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._is_advancing = False
        self._is_scheduled = False
        self._is_half_closed = False
        self._is_refused = False
        self._is_lost = False
        # The bytes that are counted as held.
        self._held = 0

    # The transport's callbacks.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Closes a connection beyond the bounds at once."""
        # uvloop's transports are not asyncio.Transport by name.
        self._transport = cast("asyncio.Transport", transport)
        self._flow = FlowControl(self._transport)
        peer = transport.get_extra_info("peername")
        self._peer = (plain_address(str(peer[0])) or str(peer[0])) if peer else ""
        secure = transport.get_extra_info("sslcontext") is not None
        self._reader = RequestReader(self._connections, self._peer, secure, self._waiting, self._flow)
        if not self._connections.add(self, self._peer):
            self._is_refused = True
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parses what was received, and begins the next request if it is complete."""
        if self._is_refused:
            return
        if len(data) > _SLICE or self._unparsed:
            # The event loop reads 32 times from a connection that has more, unless reading is paused.
            self._unparsed = bytes(self._unparsed) + data if self._unparsed else memoryview(data)
            self._flow.pause_reading()
            self._schedule()
            self._count_held()
            return
        self._parse(data)
        if self._may_begin_only_one:
            self._begin(self._waiting.popleft())
        elif self._waiting:
            self._advance()
        if self._reader.overhead or self._held:
            self._count_held()

    def _parse(self, data: bytes | memoryview) -> None:
        try:
            self._reader.parse(data)
        except RefusedRequestError as error:
            self._refuse(error.status, str(error))

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
        self._is_lost = True
        self._connections.remove(self)
        self._waiting.clear()
        self._unparsed = b""
        self._abandon()
        self._flow.resume_writing()
        self._reader.close()

    def pause_writing(self) -> None:
        """Begins no further request: the client does not read its answers."""
        self._flow.pause_writing()
        self._count_held()

    def resume_writing(self) -> None:
        """Begins the requests that waited."""
        self._flow.resume_writing()
        self._reader.progress = None
        if not self._is_advancing:
            self._schedule()
        self._count_held()

    # The order of the answers.

    def _advance(self) -> None:
        """Parses and begins the requests that can be, one after the other, and reads on only if none waits.

        After some it lets other connections have their turn.
        """
        waiting = self._waiting
        self._is_advancing, begun, slices = True, 0, 0
        try:
            while True:
                if waiting and self._current is None and not self._flow.write_paused:
                    if waiting[0].can_begin:
                        if begun == _MOST_AT_ONCE or (begun and self._is_unread):
                            self._schedule()
                            break
                        begun += 1
                        self._begin(waiting.popleft())
                        continue
                    self._continue(waiting[0])
                if not self._unparsed or not self._may_parse:
                    break
                if slices == _MOST_SLICES:
                    self._schedule()
                    break
                slices += 1
                data, self._unparsed = self._unparsed, b""
                # Short requests that wait take far more memory than their bytes.
                size = _SLICE if self._reader.receiving is not None else _HEAD_SLICE
                self._parse(data[:size])
                # An empty view would hold all that was received.
                if not self._is_refused and len(data) > size:
                    self._unparsed = data[size:]
        finally:
            self._is_advancing = False
        if self._transport.is_closing():
            return
        is_blocked = waiting and (self._current is not None or self._flow.write_paused)
        if self._unparsed or self._is_scheduled or is_blocked:
            self._flow.pause_reading()
        elif self._flow.read_paused and not self._is_half_closed:
            self._flow.resume_reading()

    @property
    def _may_begin_only_one(self) -> bool:
        """Whether nothing but one request is here, and may begin: then nothing else is to be done."""
        waiting, flow = self._waiting, self._flow
        is_quiet = self._current is None and not (flow.write_paused or flow.read_paused or self._is_scheduled)
        return is_quiet and len(waiting) == 1 and waiting[0].can_begin

    @property
    def _is_unread(self) -> bool:
        """Whether the transport holds as much as it would pause for; uvloop's looks only once a turn."""
        return self._transport.get_write_buffer_size() > LONGEST_UNSENT

    @property
    def _may_parse(self) -> bool:
        """Whether more may be parsed: the body of the only request, or a request when none is before it."""
        if self._reader.receiving is not None:
            return len(self._waiting) <= 1
        return self._current is None and not self._waiting and not self._flow.write_paused

    def _schedule(self) -> None:
        """Goes on when it is this connection's turn."""
        if not self._is_scheduled:
            self._is_scheduled = True
            self._connections.turns.run_later(self)

    def go_on(self) -> None:
        """Goes on with what is received, since it is this connection's turn."""
        self._is_scheduled = False
        if not self._is_lost:
            self._advance()
            self._count_held()

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
        exchange.handler(exchange.request, partial(self.answer, exchange))

    def _begin_asgi(self, exchange: Exchange) -> None:
        exchange.cycle = cycle = create_cycle(exchange, self._transport, self._flow, self._finish)
        self._connections.turns.begin_page(cycle.run_asgi(self._connections.application))

    def answer(self, exchange: Exchange, answer: HttpAnswer) -> None:
        """Writes the answer of the request that is being answered; none if its connection is lost."""
        if exchange is not self._current:
            return
        if answer is NO_ANSWER:
            self._transport.abort()
            return
        head, body = answer_head(answer.status, answer.headers), answer.body
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
        if self._held:
            self._count_held()
        self._reader.progress = None
        if not exchange.keep_alive or (self._is_half_closed and not self._waiting):
            self._close()
        elif self._is_advancing:
            return
        elif self._waiting or self._unparsed:
            self._schedule()
        elif self._flow.read_paused:
            self._advance()

    # The end of the connection.

    def shutdown(self) -> None:
        """Closes the connection once the request that is being answered is answered."""
        if self._current is None:
            self._close()
            return
        self._current.keep_alive = False
        if self._current.cycle is not None:
            self._current.cycle.keep_alive = False

    def _refuse(self, status: int, text: str) -> None:
        """Answers what breaks a rule or a bound after the requests before it, and closes the connection."""
        peer = self._peer if self._reader.receiving is None else self._reader.receiving.request.peer
        self._connections.log.warning("http.refused", peer=peer, status=status, reason=text)
        self._is_refused = True
        self._unparsed, self._reader.overhead = b"", 0
        refused, self._reader.receiving = self._reader.receiving, None
        if refused is not None and refused is self._current:
            has_started = refused.cycle is not None and refused.cycle.response_started
            self._abandon()
            if has_started:
                self._close()
                return
        elif refused is not None and not refused.is_answered:
            self._waiting.pop()
        elif refused is not None:
            # Its answer is sent already.
            self._close()
            return
        answer = plain_answer(status, text)
        request = HttpRequest("", "", b"", [])
        exchange = Exchange(request, lambda _, reply: reply(answer), keep_alive=False)
        exchange.is_complete = True
        self._waiting.append(exchange)

    def _close(self) -> None:
        """Closes the connection after what is written; what waits is not begun."""
        self._waiting.clear()
        self._unparsed = b""
        self._transport.close()

    def _abandon(self) -> None:
        """Gives up the request that is being answered."""
        current, self._current = self._current, None
        if current is not None and current.cycle is not None:
            current.cycle.disconnected = True
            current.cycle.message_event.set()

    # The sweep over all connections.

    def check_progress(self, now_s: float) -> None:
        """Closes the connection if its client takes too long, an unfinished request with a 408."""
        phase, size = self._phase()
        if phase is None:
            self._reader.progress = None
            return
        if self._reader.progress is None or self._reader.progress.phase is not phase:
            self._reader.progress = Progress(phase, size, now_s)
        elif not self._reader.progress.is_overdue(size, now_s, self._connections.bounds):
            return
        elif phase is Phase.IDLE:
            self._close()
        elif phase is Phase.UNREAD:
            self.abort("the client does not read its answers")
        else:
            self._refuse(408, f"The client took too long to {phase.value}.")
            self._advance()

    def _phase(self) -> tuple[Phase | None, int]:
        """What the client has to do, None for nothing, and the bytes by which its progress is measured."""
        unsent = self._transport.get_write_buffer_size()
        if unsent or self._transport.is_closing():
            return Phase.UNREAD, unsent
        # A transport with TLS may pause by itself, while what it has received waits for its turn.
        if self._is_refused or self._flow.read_paused or not self._transport.is_reading():
            return None, 0
        if self._reader.receiving is not None:
            return Phase.BODY, self._reader.receiving.body_size
        if self._reader.has_begun or self._reader.overhead:
            return Phase.HEAD, 0
        return (Phase.IDLE, 0) if self._current is None and not self._waiting else (None, 0)

    def _count_held(self) -> None:
        """Counts the bytes of the unfinished request, of what is not parsed, and of unread answers."""
        held = len(self._unparsed) + _EXCHANGE_SIZE * len(self._waiting)
        if self._current is not None:
            held += self._current.body_size + len(self._current.request.query)
        if self._reader.receiving is not None:
            held += self._reader.receiving.body_size
        elif self._reader.has_begun:
            held += self._reader.overhead
        if self._flow.write_paused:
            held += self._transport.get_write_buffer_size()
        if held != self._held and not self._is_lost:
            self._held = held
            self._connections.hold(self, held)

    def abort(self, reason: str) -> None:
        """Ends the connection at once, whatever is unsent."""
        self._connections.log.warning("http.aborted", peer=self._peer, reason=reason)
        self._is_refused = True
        self._waiting.clear()
        self._transport.abort()
