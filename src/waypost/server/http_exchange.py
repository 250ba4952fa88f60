"""A request on a connection, from the end of its head until it is answered."""

import msgspec
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from waypost.api.http_messages import Handler, HttpRequest


class Exchange(msgspec.Struct, eq=False):
    """A request and the state of its answer.

    Attributes:
        handler: answers it; None if the ASGI application does.
        raw_path: the path as sent.
        http_version: `1.0` or `1.1`.
        keep_alive: whether the connection stays open after the answer.
        body: the pieces of the body received so far.
        body_size: how many bytes of the body are received.
        is_continued: whether a client that waits for `100 Continue` has got it.
        is_complete: whether the whole request is received.
        is_answered: whether the answer is written.
        cycle: its ASGI messages, once the ASGI application answers it.
    """

    request: HttpRequest
    handler: Handler | None
    raw_path: bytes = b"/"
    http_version: str = "1.1"
    keep_alive: bool = True
    body: list[bytes] = []
    body_size: int = 0
    is_continued: bool = False
    is_complete: bool = False
    is_answered: bool = False
    cycle: RequestResponseCycle | None = None

    @property
    def can_begin(self) -> bool:
        """Whether it can be answered: a handler needs the whole body, or that it is too long."""
        return self.is_complete or self.handler is None or self.request.is_too_long

    @property
    def expects_continue(self) -> bool:
        """Whether the client sends the body only after `100 Continue`."""
        return not self.is_continued and any(
            name.lower() == b"expect" and value.lower() == b"100-continue"
            for name, value in self.request.headers
        )
