"""Requests that may be sent twice, tried again at once when a kept-alive connection turns out to be closed.

A server closes an idle connection whenever it likes, and a request that is on its way then gets no byte of an
answer. That is for callbacks, which are delivered at least once; requests to providers are never sent twice
(`client.py`).
"""

from types import SimpleNamespace
from typing import Any

import aiohttp

# Each try takes another kept-alive connection; a server that restarts has closed all of them.
_MOST_TRIES = 8


class _Use:
    """Whether a request went over a connection that had carried one before."""

    is_reused = False


def reuse_trace() -> aiohttp.TraceConfig:
    """What a session needs so that `post` knows of its kept-alive connections."""
    trace = aiohttp.TraceConfig()

    async def mark(
        _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceConnectionReuseconnParams
    ) -> None:
        if isinstance(context.trace_request_ctx, _Use):
            context.trace_request_ctx.is_reused = True

    trace.on_connection_reuseconn.append(mark)
    return trace


async def post(session: aiohttp.ClientSession, url: str, **options: Any) -> aiohttp.ClientResponse:
    """POSTs until a connection lives; one that was opened for the request is tried once.

    Args:
        session: has the trace of `reuse_trace`, else nothing is tried again.
        options: those of `ClientSession.post`.

    Raises:
        aiohttp.ClientError, TimeoutError, ValueError: as `ClientSession.post` does.
    """
    for _ in range(_MOST_TRIES - 1):
        use = _Use()
        try:
            return await session.post(url, trace_request_ctx=use, **options)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not use.is_reused:
                raise
    return await session.post(url, **options)
