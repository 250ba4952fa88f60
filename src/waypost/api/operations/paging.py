"""Page parameters, in the two forms that operations of cams have."""

from typing import Annotated, NamedTuple

import msgspec

from waypost.api.description import Decoded, Kind, Parameter
from waypost.model import codes
from waypost.model.faults import Fault

LARGEST_PAGE = 1000

PageIndex = Annotated[int, Parameter("PageIndex", "The page.", "1", minimum=1, maximum=10**6, default="1")]
PageSize = Annotated[
    int, Parameter("PageSize", "Rows to a page.", "10", minimum=1, maximum=LARGEST_PAGE, default="10")
]
"""The parameters PageIndex and PageSize; fields of these types have the defaults 1 and 10."""


class Page(NamedTuple):
    """The number and size of a page.

    Attributes:
        number: from 1, called Index on the wire.
        size: rows per page.
    """

    number: int = 1
    size: int = 10

    @property
    def skipped(self) -> int:
        """The number of rows before the page."""
        return (self.number - 1) * self.size


def decode_page(text: str) -> Decoded:
    """Decodes `Page`, `{"Index":1,"Size":10}`; an absent member has its default, 1 or 10."""
    try:
        members = msgspec.json.decode(text)
    # Lone surrogates raise UnicodeEncodeError, deep nesting RecursionError.
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        return None, [
            Fault(
                codes.PAGE_INVALID,
                "Page",
                "is not allowed",
                "the JSON text of an object is needed",
                value=text,
            )
        ]
    return page_of(members.get("Index"), members.get("Size"))


def page_of(index: object, size: object) -> tuple[Page, list[Fault]]:
    """Builds a page from number and size, which some callers send as strings; None for the default."""
    page = Page(_whole(index, Page().number), _whole(size, Page().size))
    if page.number < 1 or not 1 <= page.size <= LARGEST_PAGE:
        problem = f"Index must be a whole number from 1, and Size one from 1 to {LARGEST_PAGE}"
        return Page(), [Fault(codes.PAGE_INVALID, "Page", problem)]
    return page, []


def _whole(value: object, default: int) -> int:
    if value is None or value == "":
        return default
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value < 10**9 else 0


PageParameter = Annotated[
    Page,
    Parameter(
        "Page",
        'The page, a JSON object: {"Index":1,"Size":10}.',
        '{"Index":1,"Size":10}',
        invalid=codes.PAGE_INVALID,
        decode=decode_page,
        kind=Kind.OBJECT,
        default="the first 10 rows",
    ),
]
