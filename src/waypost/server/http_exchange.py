"""A request on a connection, from the end of its head until it is answered."""

from typing import Protocol

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from waypost.api.http_messages import Handler, HttpAnswer, HttpRequest


class Answering(Protocol):
    """The connection of a request."""

    def answer(self, exchange: "Exchange", answer: HttpAnswer) -> None:
        """Writes the answer of the request."""
        ...


class Exchange:
    """A request and the state of its answer.

    Attributes:
        handler: answers it; None if the ASGI application does.
        raw_path: the path as sent.
        http_version: `1.0` or `1.1`.
        keep_alive: whether the connection stays open after the answer.
        expects_continue: whether the client sends the body only when it is asked for it.
        body: the pieces of the body received so far.
        is_complete: whether the whole request is received.
        is_answered: whether the answer is written.
        cycle: its ASGI messages, once the ASGI application answers it.
    """

    __slots__ = (
        "_connection",
        "body",
        "body_size",
        "cycle",
        "expects_continue",
        "handler",
        "http_version",
        "is_answered",
        "is_complete",
        "keep_alive",
        "raw_path",
        "request",
    )

    def __init__(
        self,
        connection: Answering,
        request: HttpRequest,
        handler: Handler | None,
        raw_path: bytes = b"/",
        http_version: str = "1.1",
        keep_alive: bool = True,
        expects_continue: bool = False,
    ) -> None:
        self._connection = connection
        self.request = request
        self.handler = handler
        self.raw_path = raw_path
        self.http_version = http_version
        self.keep_alive = keep_alive
        self.expects_continue = expects_continue
        self.body: list[bytes] = []
        self.body_size = 0
        self.is_complete = False
        self.is_answered = False
        self.cycle: RequestResponseCycle | None = None

    @property
    def can_begin(self) -> bool:
        """Whether it can be answered: a handler needs the whole body, or that it is too long."""
        return self.is_complete or self.handler is None or self.request.is_too_long

    def reply(self, answer: HttpAnswer) -> None:
        """Answers the request."""
        self._connection.answer(self, answer)
