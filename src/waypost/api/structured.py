"""Parameters that hold JSON: read into plain values, with the fault of what is not as it has to be."""

from typing import Any, NamedTuple

import msgspec

from waypost.api.description import shown
from waypost.model.faults import Fault

PAGE_INVALID = "InvalidParameter.PageInvalid"
LARGEST_PAGE = 1000

_decode = msgspec.json.Decoder().decode


class Page(NamedTuple):
    """Which part of a list is asked for.

    Attributes:
        number: from 1, called Index on the wire.
        size: rows to a page.
    """

    number: int = 1
    size: int = 10

    @property
    def skipped(self) -> int:
        """How many rows lie before the page."""
        return (self.number - 1) * self.size


def read_page(text: str | None) -> tuple[Page, list[Fault]]:
    """Reads `Page`, `{"Index":1,"Size":10}`; an absent member has its default, 1 or 10."""
    if text is None:
        return Page(), []
    given, faults = read_object("Page", text, PAGE_INVALID)
    if faults:
        return Page(), faults
    return page_of(given.get("Index"), given.get("Size"))


def page_of(index: object, size: object) -> tuple[Page, list[Fault]]:
    """A page from its two numbers, which some callers write as texts; None for the default."""
    page = Page(_whole(index, Page().number), _whole(size, Page().size))
    if page.number < 1 or not 1 <= page.size <= LARGEST_PAGE:
        text = f"Index must be a whole number from 1, and Size one from 1 to {LARGEST_PAGE}."
        return Page(), [Fault(PAGE_INVALID, "Page", text)]
    return page, []


def read_object(name: str, text: str, code: str) -> tuple[dict[str, Any], list[Fault]]:
    """Reads a JSON object; anything else is refused with `code`."""
    value = _read(text)
    if isinstance(value, dict):
        return value, []
    return {}, [Fault(code, name, f"{shown(text)} is not allowed; the JSON text of an object is needed.")]


def read_list(name: str, text: str, code: str) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Reads a JSON list of objects; anything else is refused with `code`."""
    value = _read(text)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value, []
    text = f"{shown(text)} is not allowed; the JSON text of a list of objects is needed."
    return [], [Fault(code, name, text)]


def _read(text: str) -> Any:
    try:
        return _decode(text)
    # Lone surrogates and deep nesting raise errors of their own.
    except (ValueError, RecursionError):
        return None


def _whole(value: object, default: int) -> int:
    if value is None or value == "":
        return default
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value < 10**9 else 0
