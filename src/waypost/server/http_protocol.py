"""HTTP/1.1 by uvicorn's protocol on httptools' parser, with bounded heads and responses in one write.

The official Python SDK writes all parameters into the query: a call to 1,000 recipients has a request line of
some 200 KB. Servers on hyper refuse one of 64 KiB and more, and httptools has no limit, so the bound is set
here. The internals of uvicorn that are used here are listed in one test
(`tests/server/test_uvicorn_internals.py`), and its version is pinned below the next minor one.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from weakref import ref

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from waypost.api.gateway import WHOLE_ANSWER
from waypost.api.limits import LONGEST_HEAD


class _HeadBufferingTransport:
    """A transport that writes the head of a response together with the first part of its body, because each
    write is a system call, and one for the head alone would be a tenth of the cost of a call."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        is_head = data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 100 ")
        if not self._head and is_head and data.endswith(b"\r\n\r\n"):
            self._head = data
            return
        self._transport.write(self._head + data)
        self._head = b""

    def flush(self) -> None:
        """Writes a head that is not followed by a body."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


class HttpProtocol(HttpToolsProtocol):
    """Accepts request lines of any length, as long as the head is within `LONGEST_HEAD` bytes."""

    _in_head = True
    _head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the idle timeout at once, so that a client that sends nothing is disconnected."""
        super().connection_made(transport)
        self._buffering_transport = _HeadBufferingTransport(transport)
        self.transport = self._buffering_transport  # type: ignore[assignment]
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        """Counts the bytes of the head before parsing, because the parser buffers a header to its end."""
        if self._in_head:
            self._head_size += len(data)
            if self._head_size > LONGEST_HEAD:
                self.send_400_response(
                    f"The request's line and headers are longer than {LONGEST_HEAD} bytes."
                )
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Sets the query in the scope, because the lengths in httptools' URL parser are 16 bits."""
        self._in_head = False
        self.url, _, query = self.url.partition(b"?")
        super().on_headers_complete()
        self.scope["query_string"] = query.partition(b"#")[0]
        # A weak reference, because a reference cycle in each scope would be work for the garbage collector.
        answer = partial(self._write_response, ref(self.cycle))
        self.scope["extensions"] = {WHOLE_ANSWER: answer}  # type: ignore[dict-item]

    def _write_response(
        self,
        cycle_ref: ref[RequestResponseCycle],
        status: int,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
    ) -> None:
        """Writes a complete response; its headers are from this service and have a content-length."""
        cycle = cycle_ref()
        if cycle is None or cycle.disconnected:
            return
        lines = [STATUS_LINE[status]]
        for name, value in headers:
            lines += (name, b": ", value, b"\r\n")
        lines.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        if cycle.scope["method"] != "HEAD":
            lines.append(body)
        self._buffering_transport.write(b"".join(lines))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self._buffering_transport.close()
        cycle.on_response()

    def on_response_complete(self) -> None:
        """Writes the head of a response without a body."""
        self._buffering_transport.flush()
        super().on_response_complete()

    def on_message_complete(self) -> None:
        """Prepares for the head of the next request."""
        self._in_head, self._head_size = True, 0
        super().on_message_complete()
