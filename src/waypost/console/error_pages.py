"""The error centre: every code with its meaning and remedy, a search, and the call that an error was of."""

import re
from collections.abc import Sequence
from functools import partial

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.api.errors.catalogue import error_code
from waypost.api.errors.error_code import ErrorCode
from waypost.api.errors.gateway import SIGNATURE_ERRORS
from waypost.api.operations.catalogue import EVERY
from waypost.api.reference.markdown import ERROR_GROUPS
from waypost.console.error_search import LONGEST_SEARCH, pieces, search, similar_codes, words_of
from waypost.console.refused_calls import FindCall
from waypost.console.rendering import Renderer, is_long_query

__all__ = ["ErrorPages", "FindCall"]

_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


class ErrorPages:
    """Renders the pages.

    Args:
        find_call: finds a refused call by its RequestId, with what whoever opens the page may see of it.
    """

    def __init__(self, renderer: Renderer, find_call: FindCall) -> None:
        self._renderer = renderer
        self._find_call = find_call

    def routes(self) -> Sequence[Route]:
        """The URL routes of the pages."""
        return Route("/errors", self.errors), Route("/errors/{code}", self.error)

    async def errors(self, request: Request) -> Response:
        """All error codes, or with `?q=` those that have its words. A code and `?requestId=`, as in the
        `Recommend` URL of an error, show the code first, with the call."""
        params = QueryParams() if is_long_query(request) else request.query_params
        query, request_id = params.get("q", "").strip()[:LONGEST_SEARCH], params.get("requestId", "")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = ""
        found = _find_error_code(query)
        words = words_of(query) if found is None else []
        groups = search(ERROR_GROUPS, query) if words else ERROR_GROUPS
        anchors = {heading: heading.lower().replace(" ", "-") for heading, _ in groups}
        return self._renderer.page(
            "errors.html",
            request=request,
            groups=groups,
            anchors=anchors,
            sections=[(anchors[heading], heading) for heading, _ in groups],
            count=sum(len(entries) for _, entries in groups),
            query=query,
            is_search=bool(words),
            similar=similar_codes(query) if words and not groups else (),
            pieces=partial(pieces, words=words),
            found=found,
            request_id=request_id,
            call=await self._find_call(request_id) if request_id else None,
        )

    async def error(self, request: Request) -> Response:
        """The page of an error code."""
        code = request.path_params["code"]
        entry = _find_error_code(code)
        if entry is None:
            return self._renderer.page("unknown.html", 404, request=request, what=f"error code {code[:64]}")
        operations = [
            name for name, endpoint in EVERY.items() if entry.code in endpoint.operation.all_errors()
        ]
        return self._renderer.page(
            "error.html",
            request=request,
            entry=entry,
            operations=operations,
            is_of_signatures=entry in SIGNATURE_ERRORS,
        )


def _find_error_code(code: str) -> ErrorCode | None:
    try:
        return error_code(code)
    except KeyError:
        return None
