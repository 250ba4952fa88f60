"""The pages of every Waypost: front page, error codes, reference, coverage and OpenAPI document."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from waypost.api.answers import failure
from waypost.api.errors.catalogue import ApiError, error_code
from waypost.api.errors.error_code import ErrorCode
from waypost.api.operations.catalogue import EVERY, PRODUCTS
from waypost.api.reference import operation_rows
from waypost.api.reference.coverage import coverage_rows, own_operations
from waypost.api.reference.markdown import ERROR_GROUPS
from waypost.api.reference.official_operations import OFFICIAL_SDK
from waypost.api.reference.openapi import openapi_document
from waypost.clock import wall_seconds
from waypost.console.finding import Finding
from waypost.console.rendering import Renderer, address_of, is_long_query, wants_html
from waypost.console.static_files import static_routes
from waypost.model import codes
from waypost.model.identifiers import new_request_id
from waypost.model.quoting import shown

_ADDRESS = b"http://waypost.invalid"
_PIECE = 65536
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,64}")

Handler = Callable[[Request, Any], Awaitable[Response]]


def page_routes(public_url: str) -> Sequence[BaseRoute]:
    """The URL routes of the pages.

    Args:
        public_url: the URL of the service in pages; empty for the host of the request.
    """
    pages = Pages(public_url)
    return (
        Route("/", pages.front),
        Route("/errors", pages.errors),
        Route("/errors/{code}", pages.error),
        Route("/reference", pages.reference),
        Route("/reference/{operation}", pages.operation),
        Route("/coverage", pages.coverage),
        Route("/openapi.json", pages.openapi),
        Route("/find", Finding(pages.renderer).find),
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

    async def front(self, _: Request) -> Response:
        """The front page, which is public and so has nothing about accounts or settings."""
        return self.renderer.page("front.html")

    async def errors(self, request: Request) -> Response:
        """All error codes; `?q=` and `?requestId=`, from the `Recommend` URL of an error, show one first."""
        params = QueryParams() if is_long_query(request) else request.query_params
        query, request_id = params.get("q", ""), params.get("requestId", "")
        return self.renderer.page(
            "errors.html",
            groups=ERROR_GROUPS,
            query=query,
            found=_find_error_code(query),
            request_id=request_id if _REQUEST_ID.fullmatch(request_id) else "",
        )

    async def error(self, request: Request) -> Response:
        """The page of an error code."""
        code = request.path_params["code"]
        entry = _find_error_code(code)
        if entry is None:
            return self.renderer.page("unknown.html", 404, what=f"error code {code[:64]}")
        operations = [
            name for name, endpoint in EVERY.items() if entry.code in endpoint.operation.all_errors()
        ]
        return self.renderer.page("error.html", entry=entry, operations=operations)

    async def reference(self, _: Request) -> Response:
        """The list of operations."""
        products = [
            (product, [endpoint.operation for endpoint in operations.values()])
            for product, operations in PRODUCTS.items()
        ]
        return self.renderer.page(
            "reference.html",
            products=products,
            limits=operation_rows.gateway_limits(),
            errors=operation_rows.gateway_errors(),
        )

    async def operation(self, request: Request) -> Response:
        """The page of an operation."""
        name = request.path_params["operation"]
        endpoint = EVERY.get(name)
        if endpoint is None:
            return self.renderer.page("unknown.html", 404, what=f"operation {name[:64]}")
        operation = endpoint.operation
        return self.renderer.page(
            "operation.html",
            operation=operation,
            parameters=operation_rows.parameter_rows(operation),
            ignored=operation_rows.ignored_parameters(operation),
            folded=operation_rows.folded_parameters(operation),
            content=operation_rows.content_rows() if operation_rows.has_content(operation) else (),
            answer=operation_rows.answer_rows(operation),
            own_errors=operation_rows.own_errors(operation),
            limit=operation_rows.own_limit(endpoint.limit) if endpoint.limit is not None else None,
        )

    async def coverage(self, _: Request) -> Response:
        """The operations of the official API, and whether they are answered."""
        return self.renderer.page(
            "coverage.html", sdk=OFFICIAL_SDK, rows=coverage_rows(), own=own_operations()
        )

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
            return self.renderer.page("unknown.html", 404, what=f"page {path}")
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


def _find_error_code(code: str) -> ErrorCode | None:
    try:
        return error_code(code)
    except KeyError:
        return None
