"""Waiting for concurrent work until all of it has ended."""

import asyncio
from collections.abc import Awaitable, Iterable


async def gather_all(awaitables: Iterable[Awaitable[object]]) -> None:
    """Awaits all concurrently, and raises the first error only after all have ended.

    A caller that releases rows after an error needs to know that no work on them is still in progress.
    """
    for result in await asyncio.gather(*awaitables, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
