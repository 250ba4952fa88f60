"""The pages of the reference: the operations, each of them, and which of the official API are answered."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from waypost.api.operations.catalogue import EVERY, PRODUCTS
from waypost.api.reference import operation_rows
from waypost.api.reference.coverage import coverage_rows, own_operations
from waypost.api.reference.official_operations import OFFICIAL_SDK
from waypost.api.reference.operation_rows import ContentRow
from waypost.console.rendering import Renderer


class ReferencePages:
    """Renders the pages."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._style = files("waypost.console").joinpath("reference.css").read_text(encoding="utf-8")

    def routes(self) -> Sequence[BaseRoute]:
        """The URL routes of the pages and of their style sheet."""
        return (
            Route("/reference", self.reference),
            Route("/reference/{operation}", self.operation),
            Route("/coverage", self.coverage),
            Route("/reference.css", self.style),
        )

    async def reference(self, request: Request) -> Response:
        """The list of operations."""
        products = [
            (product, [endpoint.operation for endpoint in operations.values()])
            for product, operations in PRODUCTS.items()
        ]
        return self._renderer.page(
            "reference.html",
            request=request,
            products=products,
            limits=operation_rows.gateway_limits(),
            errors=operation_rows.gateway_errors(),
            sections=[
                *((product.name, product.subject) for product in PRODUCTS),
                ("limits", "Limits of any call"),
                ("errors", "Errors of any call"),
            ],
        )

    async def operation(self, request: Request) -> Response:
        """The page of an operation."""
        name = request.path_params["operation"]
        endpoint = EVERY.get(name)
        if endpoint is None:
            return self._renderer.page("unknown.html", 404, request=request, what=f"operation {name[:64]}")
        operation = endpoint.operation
        has_content = operation_rows.has_content(operation)
        has_limit = endpoint.limit is not None
        return self._renderer.page(
            "operation.html",
            request=request,
            operation=operation,
            parameters=operation_rows.parameter_rows(operation),
            ignored=operation_rows.ignored_parameters(operation),
            folded=operation_rows.folded_parameters(operation),
            content=list(_by_channel(operation_rows.content_rows())) if has_content else (),
            answer=operation_rows.answer_rows(operation),
            own_errors=operation_rows.own_errors(operation),
            limit=operation_rows.own_limit(endpoint.limit) if endpoint.limit is not None else None,
            sections=[
                ("parameters", "Parameters"),
                *([("content", "Content")] if has_content else []),
                ("answer", "Answer"),
                *([("limits", "Limits")] if has_limit else []),
                ("errors", "Errors"),
            ],
        )

    async def coverage(self, request: Request) -> Response:
        """The operations of the official API, and whether they are answered."""
        return self._renderer.page(
            "coverage.html",
            request=request,
            sdk=OFFICIAL_SDK,
            rows=coverage_rows(),
            own=own_operations(),
        )

    async def style(self, _: Request) -> Response:
        """The style sheet of these pages and of those of the errors."""
        return Response(self._style, media_type="text/css")


def _by_channel(
    rows: Sequence[ContentRow],
) -> Iterator[tuple[str, list[tuple[str, list[ContentRow]]]]]:
    """The rows of each channel by message type, in the order of the documentation."""
    for channel, of_channel in groupby(rows, key=lambda row: row.channel):
        yield (
            channel,
            [
                (kind, list(of_type))
                for kind, of_type in groupby(of_channel, key=lambda row: row.message_type)
            ],
        )
