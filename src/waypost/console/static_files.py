"""The style sheet and the scripts of all pages, from our own address."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FILES = {
    "/style.css": ("style.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/explorer.js": ("explorer.js", "text/javascript"),
    "/htmx.js": ("htmx/htmx-4.0.1.min.js", "text/javascript"),
}


def static_routes() -> list[Route]:
    """The URL routes of the files, whose content is read once."""
    return [_route(path, *file) for path, file in _FILES.items()]


def _route(path: str, name: str, media_type: str) -> Route:
    content = files("waypost.console").joinpath(*name.split("/")).read_bytes()

    async def respond(_: Request) -> Response:
        return Response(content, media_type=media_type, headers={"x-content-type-options": "nosniff"})

    return Route(path, respond)
