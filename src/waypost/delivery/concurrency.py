"""Doing many things at once without leaving any of them behind."""

import asyncio
from collections.abc import Awaitable, Iterable


async def gather_all(doing: Iterable[Awaitable[object]]) -> None:
    """Does all of it, and only then raises the first fault, if there was one.

    Whoever gives rows back after a fault must be sure that nothing is still under way for them.
    """
    for ended in await asyncio.gather(*doing, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended
