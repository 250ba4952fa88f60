"""One HTTP request to a provider, whose result is a reply, certainly not sent, or unknown.

aiohttp retries an idempotent request (a GET) by itself if a kept-alive connection was closed. A provider's
GET that sends an SMS is not idempotent, so every request goes through a middleware that turns a lost
connection into an error that aiohttp does not retry.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from yarl import URL

from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown

_MAX_BODY_BYTES = 64 * 1024

_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
)


class Reply(msgspec.Struct, frozen=True):
    """The response of a provider.

    Attributes:
        status: the HTTP status.
        headers: the HTTP headers; names are case-insensitive.
        body: the first 64 KiB of the body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as one line of at most 200 characters, for timelines."""
        return " ".join(self.body.decode("utf-8", "replace").split())[:200]


class _ConnectionLostError(aiohttp.ClientError):
    """The connection was lost after the request had been passed to it."""


async def _prevent_retry(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
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
    """Sends a request exactly once.

    The texts of the outcomes never contain the URL, which may have a password of the provider.

    Args:
        session: the HTTP session to use.
        method: `GET` or `POST`.
        url: the URL, percent-encoded; it is sent unchanged.
        timeout_s: seconds to connect, and between any two reads of the response.
        headers: the headers of the request.
        body: the body of the request.

    Returns:
        The reply, whatever its status; a redirect is not followed. `Refused(UNREACHABLE)` if no connection
        was made, so that certainly nothing was sent. `Unknown` if the request may have been sent and no
        complete response arrived.
    """
    timeout = aiohttp.ClientTimeout(total=3 * timeout_s, connect=timeout_s, sock_read=timeout_s)
    try:
        async with session.request(
            method,
            url,
            data=body,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
            middlewares=(_prevent_retry,),
        ) as response:
            received = bytearray()
            while len(received) < _MAX_BODY_BYTES and (chunk := await response.content.read(_MAX_BODY_BYTES)):
                received += chunk
            return Reply(response.status, response.headers, bytes(received[:_MAX_BODY_BYTES]))
    except _BEFORE_SENDING as error:
        return Refused(SendFailure.UNREACHABLE, "", _unreachable_reason(error))
    except TimeoutError:
        return Unknown(f"no answer within {timeout_s:g} s")
    except _ConnectionLostError as error:
        return Unknown(f"connection lost before the answer ({error})")
    except (aiohttp.ClientError, OSError) as error:
        return Unknown(f"no whole answer ({type(error).__name__})")


def retry_after(reply: Reply) -> int | None:
    """The delay that a provider requests by `Retry-After`, in milliseconds; None without one.

    Source: RFC 9110, section 10.2.3 (seconds, or a date; a date is read against the reply's own `Date`).
    """
    delay = reply.headers.get("Retry-After", "").strip()
    if delay.isdecimal():
        return int(delay) * 1000
    try:
        delay_until_date = parsedate_to_datetime(delay) - parsedate_to_datetime(reply.headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(0, int(delay_until_date.total_seconds() * 1000))


def _unreachable_reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "no connection in time"
    if isinstance(error, aiohttp.ClientConnectorError):
        return (
            f"no connection to {error.host}:{error.port} ({error.os_error.strerror or type(error).__name__})"
        )
    return f"no connection ({type(error).__name__})"
