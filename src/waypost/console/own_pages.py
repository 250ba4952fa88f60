"""Which requests may change something from a page: those of the page's own address.

A program sends what it likes; a browser says in `Origin` or `Sec-Fetch-Site` which page a request comes from,
and no page can have it say something else. What neither header says is refused.
"""

from starlette.datastructures import Headers


def is_of_own_page(headers: Headers) -> bool:
    """Whether a browser says that a request comes from a page of the address that it goes to."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None:
        return site is not None
    return origin.partition("://")[2] == headers.get("host", "")
