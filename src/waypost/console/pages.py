"""Pages."""

from collections.abc import Sequence

from starlette.routing import BaseRoute


def page_routes() -> Sequence[BaseRoute]:
    """The routes of the common pages."""
    return ()
