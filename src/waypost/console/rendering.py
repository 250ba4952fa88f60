"""Renders HTML pages, which need no JavaScript and load nothing from other hosts."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Renderer:
    """Renders templates; all values are escaped.

    Args:
        packages: packages whose `templates` folders are searched after that of the console.
    """

    def __init__(self, *packages: str) -> None:
        folders = ("waypost.console", *packages)
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader(package) for package in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Renders a template to a response."""
        return HTMLResponse(
            self._environment.get_template(template).render(**values), status, headers=_HEADERS
        )


def wants_html(request: Request) -> bool:
    """Whether a request is from a browser: browsers accept text/html, clients of the API do not."""
    return "text/html" in request.headers.get("accept", "")


_LONGEST_QUERY = 4096


def is_long_query(request: Request) -> bool:
    """Whether a query is longer than any page has use for; to parse one takes a second for each megabyte."""
    return len(request.scope["query_string"]) > _LONGEST_QUERY


def address_of(request: Request, public_url: str) -> str:
    """The URL of the service: `public_url`, or if it is empty that of the request."""
    return public_url or str(request.base_url).rstrip("/")
