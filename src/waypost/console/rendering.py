"""Makes HTML answers: plain pages that work without JavaScript and load nothing from elsewhere."""

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
    """Fills in templates; every value is escaped.

    Args:
        packages: whose `templates` folders are searched after the console's own.
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
        """The page that a template and its values make."""
        return HTMLResponse(
            self._environment.get_template(template).render(**values), status, headers=_HEADERS
        )


def wants_html(request: Request) -> bool:
    """Whether a person's browser asks: it names text/html, and no client of the API does."""
    return "text/html" in request.headers.get("accept", "")


def address_of(request: Request, public_url: str) -> str:
    """Where the service is reached: as the operator says, else as the caller of this page reached it."""
    return public_url or str(request.base_url).rstrip("/")
