"""Pages of the sandbox's lists: `limit`, `before` and `after` mean the same everywhere.

Each entry has an id by which the list is in order. `after` selects what is newer than an id, and of that the
oldest entries; `before` what is older, and of that the newest; without either a page has the newest. In which
order a page shows its entries is the list's own matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

HIGHEST_LIMIT = 100_000
_LONGEST_NUMBER = 15


class InvalidQueryError(ValueError):
    """A parameter is unknown or not understood; the text says which, and what is allowed."""


class Page(NamedTuple, Generic[T]):
    """A part of a list.

    Attributes:
        entries: oldest first.
        more: whether there is more on the side that the page goes on to: newer for `after`, else older.
    """

    entries: Sequence[T]
    more: bool


class PageQuery(NamedTuple):
    """Which part of a list is meant.

    Attributes:
        before, after: ids, exclusive; empty for no bound.
    """

    limit: int
    before: str = ""
    after: str = ""


def page_query(
    params: Mapping[str, str],
    filters: Sequence[str],
    *,
    usual_limit: int = HIGHEST_LIMIT,
    highest: int = HIGHEST_LIMIT,
) -> PageQuery:
    """The page that the parameters of a request ask for.

    Args:
        filters: the other parameters that the list has.

    Raises:
        InvalidQueryError: a parameter is unknown or not understood.
    """
    names = (*filters, "limit", "before", "after")
    for name in params:
        if name not in names:
            raise InvalidQueryError(f"there is no parameter {name}; there are: {', '.join(names)}")
    if "before" in params and "after" in params:
        raise InvalidQueryError("before and after cannot be there both")
    limit = number(params, "limit", 1, highest)
    return PageQuery(
        usual_limit if limit is None else limit, params.get("before", ""), params.get("after", "")
    )


def number(params: Mapping[str, str], name: str, lowest: int, highest: int) -> int | None:
    """A whole number of a query; None if it is not there.

    Raises:
        InvalidQueryError: it is none, or out of range.
    """
    text = params.get(name)
    if text is None:
        return None
    # Longer texts are numbers, too, and take long to read.
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    if not is_number or not lowest <= int(text) <= highest:
        raise InvalidQueryError(f"{name} must be a whole number from {lowest} to {highest}")
    return int(text)


def numbered_id(query: PageQuery, name: str) -> int | None:
    """`before` or `after` of a list whose ids are numbers.

    Raises:
        InvalidQueryError: it is none.
    """
    text = getattr(query, name)
    return number({name: text}, name, 0, 10**_LONGEST_NUMBER) if text else None


def page_by_id(entries: Iterable[T], ids: Sequence[object], query: PageQuery) -> Page[T]:
    """A page of a list that is whole.

    Args:
        entries: oldest first.
        ids: those of the entries, in the same order.

    Raises:
        InvalidQueryError: there is no entry with the id.
    """
    listed, texts = list(entries), [str(id_) for id_ in ids]
    start, end = 0, len(listed)
    if query.after:
        start = _place_of(texts, query.after, "after") + 1
    elif query.before:
        end = _place_of(texts, query.before, "before")
    if query.after:
        return Page(listed[start : start + query.limit], start + query.limit < end)
    start = max(0, end - query.limit)
    return Page(listed[start:end], start > 0)


def page_by_number(entries: Iterable[T], ids: Sequence[int], query: PageQuery) -> Page[T]:
    """A page of a list whose ids are ascending numbers, of which some may be gone.

    Raises:
        InvalidQueryError: an id is no number.
    """
    after, before = numbered_id(query, "after"), numbered_id(query, "before")
    chosen = [
        entry
        for entry, id_ in zip(entries, ids, strict=True)
        if (after is None or id_ > after) and (before is None or id_ < before)
    ]
    if after is not None:
        return Page(chosen[: query.limit], len(chosen) > query.limit)
    return Page(chosen[-query.limit :], len(chosen) > query.limit)


def _place_of(texts: Sequence[str], id_: str, name: str) -> int:
    if id_ not in texts:
        raise InvalidQueryError(f"{name} must be the id of an entry of this list")
    return texts.index(id_)
