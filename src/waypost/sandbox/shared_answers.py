"""One rendering for all who look at the same page in the same language, until something has changed."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from waypost.clock import steady_seconds
from waypost.console.rendering import language_of
from waypost.sandbox.page_changes import PageChanges

# The times of day on a page are as old as its rendering.
_LONGEST_S = 1.0
_MOST_KEPT = 64
_Key = tuple[str, str, bytes, str]


class SharedAnswers:
    """Keeps the answers since the latest change, and gives them to whoever asks for the same.

    An answer that was begun after a change was announced has it in it, so whoever hears of it may have
    it. What changes later is announced again.

    Args:
        changes: those of the sandbox; while nobody watches them nothing is shared.
    """

    def __init__(self, changes: PageChanges) -> None:
        self._changes = changes
        self._number = -1
        self._made: dict[_Key, tuple[float, asyncio.Task[Response]]] = {}

    async def of(self, request: Request, make: Callable[[Request], Awaitable[Response]]) -> Response:
        """The answer to a request, which `make` makes if nobody has had it since the latest change."""
        if not self._changes.is_watched:
            self._made.clear()
            return await make(request)
        now, number = steady_seconds(), self._changes.number
        if number != self._number or len(self._made) >= _MOST_KEPT:
            self._number = number
            self._made.clear()
        scope = request.scope
        key = (scope["path"], scope.get("root_path", ""), scope["query_string"], language_of(request))
        begun_at, task = self._made.get(key, (0.0, None))
        if task is None or now - begun_at >= _LONGEST_S or _has_failed(task):
            task = asyncio.ensure_future(_awaited(make(request)))
            self._made[key] = now, task
        # Whoever goes away meanwhile leaves it to the others.
        return await asyncio.shield(task)


async def _awaited(answer: Awaitable[Response]) -> Response:
    return await answer


def _has_failed(task: "asyncio.Task[Response]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
