"""Pushes to customers' URLs that the sandbox answers itself, so that no receiver needs to be there."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import aiohttp
import msgspec

from waypost.sandbox.disruptions import CallbackDisruption, Disruptions


class AnsweringSession:
    """A session for customers' URLs, some of which are answered without a request.

    Args:
        session: makes the requests for all others.
        disruptions: says which ones are answered, and how.
    """

    def __init__(self, session: aiohttp.ClientSession, disruptions: Disruptions) -> None:
        self._session = session
        self._disruptions = disruptions

    async def post(self, url: str, *, data: bytes, **options: Any) -> Any:
        """Posts, or answers as `aiohttp.ClientSession.post` would for such a receiver.

        Raises:
            TimeoutError, OSError: the receiver is to be one that does not answer, or is not there.
        """
        disruptions = self._disruptions
        answer = disruptions.next_of_callback(url, _about(data)) if disruptions.callbacks else None
        match answer:
            case None:
                return await self._session.post(url, data=data, **options)
            case CallbackDisruption(kind="timeout"):
                # At once: it is real time that a receiver has, and nobody wants to wait for it.
                raise TimeoutError
            case CallbackDisruption(kind="refuse_connection"):
                raise ConnectionRefusedError("the sandbox was to refuse the connection")
        return _Response(answer)

    async def close(self) -> None:
        """Closes the session behind it."""
        await self._session.close()


class _Response:
    """What is read of a response."""

    def __init__(self, answer: CallbackDisruption) -> None:
        self.status = answer.status
        self.headers: Mapping[str, str] = {"Content-Type": "application/json"}
        self.content = self
        self._chunks = [msgspec.json.encode({"code": answer.code})]

    async def readany(self) -> bytes:
        """The next bytes of the body; empty at its end."""
        return self._chunks.pop() if self._chunks else b""

    async def __aenter__(self) -> "_Response":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def _about(data: bytes) -> str:
    """What the events of a push are about: the recipients, which are the same whenever a test runs."""
    events: list[dict[str, Any]] = msgspec.json.decode(data)
    return " ".join(sorted({str(event.get("To") or event.get("From") or "") for event in events}))
