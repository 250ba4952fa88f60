"""One HTTP exchange with a provider, answered by what is certain: a reply, not sent, or not known.

aiohttp sends an idempotent request (a GET) once more by itself when a kept-alive connection was dropped.
A provider's GET that sends an SMS is not idempotent, so every request goes through a middleware that
turns a lost connection into an error aiohttp does not try again.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from yarl import URL

from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown

_MOST_BYTES = 64 * 1024

_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
)


class Reply(msgspec.Struct, frozen=True):
    """What a provider answered.

    Attributes:
        status: the HTTP status.
        headers: the HTTP headers, found by name in any case.
        body: the first 64 KiB of the body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text on one line, at most 200 characters: for a timeline, not for parsing."""
        return " ".join(self.body.decode("utf-8", "replace").split())[:200]


class _ConnectionLostError(aiohttp.ClientError):
    """The connection went away after the request was given to it."""


async def _no_second_try(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    try:
        return await handler(request)
    except _BEFORE_SENDING:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _ConnectionLostError(type(error).__name__) from error


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    *,
    timeout_s: float,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Reply | Refused | Unknown:
    """Sends one request exactly once and says what is certain about it.

    The texts of the outcomes never hold the URL: a provider may want its password there.

    Args:
        session: whose connections are used.
        method: `GET` or `POST`.
        url: sent as it stands; percent-encode it first.
        timeout_s: seconds for the connection, and again for each silence while waiting for the answer.
        headers: of the request.
        body: of the request.

    Returns:
        The reply, whatever its status; a redirect is not followed. `Refused(UNREACHABLE)` when no connection
        came about, so that certainly nothing was taken. `Unknown` when the request may have been written and
        no whole answer came.
    """
    limits = aiohttp.ClientTimeout(total=3 * timeout_s, connect=timeout_s, sock_read=timeout_s)
    try:
        async with session.request(
            method,
            url,
            data=body,
            headers=headers,
            timeout=limits,
            allow_redirects=False,
            middlewares=(_no_second_try,),
        ) as response:
            taken = bytearray()
            while len(taken) < _MOST_BYTES and (more := await response.content.read(_MOST_BYTES)):
                taken += more
            return Reply(response.status, response.headers, bytes(taken[:_MOST_BYTES]))
    except _BEFORE_SENDING as error:
        return Refused(SendFailure.UNREACHABLE, "", _why_unreachable(error))
    except TimeoutError:
        return Unknown(f"no answer within {timeout_s:g} s")
    except _ConnectionLostError as error:
        return Unknown(f"connection lost before the answer ({error})")
    except (aiohttp.ClientError, OSError) as error:
        return Unknown(f"no whole answer ({type(error).__name__})")


def retry_after(reply: Reply) -> int | None:
    """The wait a provider asked for by `Retry-After`, in milliseconds; None when it named none.

    Source: RFC 9110, section 10.2.3 (seconds, or a date; a date is read against the reply's own `Date`).
    """
    delay = reply.headers.get("Retry-After", "").strip()
    if delay.isdecimal():
        return int(delay) * 1000
    try:
        wait = parsedate_to_datetime(delay) - parsedate_to_datetime(reply.headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(0, int(wait.total_seconds() * 1000))


def _why_unreachable(error: Exception) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "no connection in time"
    if isinstance(error, aiohttp.ClientConnectorError):
        return (
            f"no connection to {error.host}:{error.port} ({error.os_error.strerror or type(error).__name__})"
        )
    return f"no connection ({type(error).__name__})"
