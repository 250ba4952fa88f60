"""`/find`: from any id to the page that is about it."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from waypost.api.errors.catalogue import error_code
from waypost.api.operations.catalogue import EVERY
from waypost.console.rendering import Renderer, is_long_query

TAKES = ("an error code", "the name of an operation")
"""What every Waypost finds."""

_OPERATIONS = {name.lower(): name for name in EVERY}


def query_of(request: Request) -> str:
    """What is looked for, without the space around it; empty for nothing."""
    return "" if is_long_query(request) else request.query_params.get("q", "").strip()


def reference_path(query: str) -> str | None:
    """The path of the page of an operation or an error code; None if it is neither."""
    operation = _OPERATIONS.get(query.lower())
    if operation is not None:
        return f"/reference/{operation}"
    try:
        return f"/errors/{quote(error_code(query).code, safe='')}"
    except KeyError:
        return None


class Finding:
    """Answers what is looked for by what every Waypost has: operations and error codes."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    async def find(self, request: Request) -> Response:
        """Redirects to the page of what is looked for, or says that there is none."""
        query = query_of(request)
        path = reference_path(query) if query else None
        if path is not None:
            return RedirectResponse(request.scope.get("root_path", "") + path, 303)
        return nothing_found(self._renderer, request, TAKES)


def nothing_found(renderer: Renderer, request: Request, takes: tuple[str, ...]) -> Response:
    """The page that says that nothing was found, and what can be looked for."""
    return renderer.page(
        "nothing_found.html", 404, request=request, query=query_of(request)[:200], takes=takes
    )
