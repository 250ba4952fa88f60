"""Links to filled forms: what is shared and kept. They have the parameters of a call, and never a secret."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from waypost.console.rendering import LONGEST_QUERY


def link_to_form(root: str, operation: str, parameters: Mapping[str, str]) -> str | None:
    """The path and query of a form that is filled in; None if it would be too long to be opened."""
    query = urlencode(parameters, quote_via=quote, errors="replace")
    path = f"{root}/explorer/{quote(operation, safe='')}"
    # There is room for the language.
    if len(query) > LONGEST_QUERY - 16:
        return None
    return f"{path}?{query}" if query else path
