"""The pages of every Waypost: front page, error codes, reference, coverage and OpenAPI document."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from waypost.api.answers import failure
from waypost.api.errors.catalogue import ApiError
from waypost.api.reference.openapi import openapi_document
from waypost.clock import wall_seconds
from waypost.console.doctor_page import DoctorPage
from waypost.console.error_pages import ErrorPages, FindCall
from waypost.console.finding import Finding
from waypost.console.reference_pages import ReferencePages
from waypost.console.rendering import Renderer, address_of, wants_html
from waypost.console.static_files import static_routes
from waypost.model import codes
from waypost.model.identifiers import new_request_id
from waypost.model.quoting import shown

_ADDRESS = b"http://waypost.invalid"
_PIECE = 65536

Handler = Callable[[Request, Any], Awaitable[Response]]


def page_routes(public_url: str, find_call: FindCall) -> Sequence[BaseRoute]:
    """The URL routes of the pages.

    Args:
        public_url: the URL of the service in pages; empty for the host of the request.
        find_call: finds a refused call by its RequestId, with what a stranger may see of it.
    """
    pages = Pages(public_url)
    renderer = pages.renderer
    return (
        Route("/", pages.front),
        *ErrorPages(renderer, find_call).routes(),
        *ReferencePages(renderer).routes(),
        *DoctorPage(renderer).routes(),
        Route("/openapi.json", pages.openapi),
        Route("/find", Finding(renderer).find),
        *static_routes(),
    )


def exception_handlers(public_url: str) -> Mapping[Any, Handler]:
    """The handler of paths that do not exist."""
    return {404: Pages(public_url).not_found}


class Pages:
    """Renders the pages."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        self.renderer = Renderer()

    async def front(self, request: Request) -> Response:
        """The front page, which is public and so has nothing about accounts or settings."""
        return self.renderer.page("front.html", request=request)

    async def openapi(self, request: Request) -> Response:
        """The OpenAPI document."""
        # In a thread, because the first one takes a while, for which no other request waits.
        document = await asyncio.to_thread(_openapi_body)
        body = document.replace(_ADDRESS, address_of(request, self._public_url).encode())
        headers = {"content-length": str(len(body))}
        return StreamingResponse(_pieces(body), headers=headers, media_type="application/json")

    async def not_found(self, request: Request, _: HTTPException) -> Response:
        """Responds with a page to a browser, and with an API error to an SDK with a wrong endpoint."""
        path = request.url.path[:64]
        if wants_html(request):
            return self.renderer.page("unknown.html", 404, request=request, what=f"page {path}")
        error = ApiError(codes.INVALID_API_NOT_FOUND, f"The call went to {path!r}; the API is at '/'.")
        address = address_of(request, self._public_url)
        answer = failure(
            error,
            new_request_id(int(wall_seconds() * 1000)),
            shown(request.headers.get("host", "")),
            f"{address}/errors",
        )
        return Response(answer.body, answer.status, dict(answer.headers))


@cache
def _openapi_body() -> bytes:
    """The OpenAPI document with a placeholder for the address; to make it takes a tenth of a second."""
    return msgspec.json.encode(openapi_document(_ADDRESS.decode()))


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    """A long body in pieces, so that no more of it is in memory than its reader takes."""
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]
        # The transport says once a turn of the event loop whether the client reads.
        await asyncio.sleep(0)
