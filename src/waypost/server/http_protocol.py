"""HTTP/1.1 by uvicorn's protocol on httptools' parser, with bounded heads and answers in one write.

The official Python SDK writes all parameters into the query: a call to 1,000 recipients has a request line of
some 200 KB (other-operations.md). Servers on hyper refuse one of 64 KiB and more, and httptools has no limit
at all, so the bound is set here. What this touches of uvicorn's internals is named in one test
(`tests/server/test_uvicorn_internals.py`), and the version is held below the next minor one.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from weakref import ref

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from waypost.api.gateway import WHOLE_ANSWER
from waypost.api.limits import LONGEST_HEAD


class _JoinedWrites:
    """A transport that writes the head of an answer together with the first part of its body: each write is a
    system call, and those of the head alone would be a tenth of what a call costs."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def write(self, data: bytes) -> None:
        begins = data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 100 ")
        if not self._head and begins and data.endswith(b"\r\n\r\n"):
            self._head = data
            return
        self._transport.write(self._head + data)
        self._head = b""

    def flush(self) -> None:
        """Writes a head that no body followed."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


class HttpProtocol(HttpToolsProtocol):
    """Takes request lines of any length, as long as the whole head is within `LONGEST_HEAD`."""

    _in_head = True
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected; one that says nothing is not kept for ever."""
        super().connection_made(transport)
        self._joined = _JoinedWrites(transport)
        self.transport = self._joined  # type: ignore[assignment]
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        """Bytes came. They are counted before they are parsed: the parser keeps a header until its end."""
        if self._in_head:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self.send_400_response(
                    f"The request's line and headers are longer than {LONGEST_HEAD} bytes."
                )
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The head is complete. The query is put into the scope here, since httptools' parser of URLs counts
        its parts in 16 bits."""
        self._in_head = False
        self.url, _, query = self.url.partition(b"?")
        super().on_headers_complete()
        self.scope["query_string"] = query.partition(b"#")[0]
        # By a weak reference: a scope that leads back to itself would be the collector's work each time.
        answer = partial(self._answer, ref(self.cycle))
        self.scope["extensions"] = {WHOLE_ANSWER: answer}  # type: ignore[dict-item]

    def _answer(
        self,
        cycle_ref: ref[RequestResponseCycle],
        status: int,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
    ) -> None:
        """Writes a whole answer at once; its headers are of our own making and have a content-length."""
        cycle = cycle_ref()
        if cycle is None or cycle.disconnected:
            return
        lines = [STATUS_LINE[status]]
        for name, value in headers:
            lines += (name, b": ", value, b"\r\n")
        lines.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        if cycle.scope["method"] != "HEAD":
            lines.append(body)
        self._joined.write(b"".join(lines))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self._joined.close()
        cycle.on_response()

    def on_response_complete(self) -> None:
        """An answer is complete."""
        self._joined.flush()
        super().on_response_complete()

    def on_message_complete(self) -> None:
        """The body is complete; a head may follow."""
        self._in_head, self._head = True, 0
        super().on_message_complete()
