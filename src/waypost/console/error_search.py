"""Finds error codes by words of their texts, and marks the words in them."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from waypost.api.errors.catalogue import ERRORS
from waypost.api.errors.error_code import ErrorCode

LONGEST_SEARCH = 64
"""More characters of a search are not looked for."""
_MOST_SIMILAR = 5
_SIMILARITY = 0.5

Groups = Sequence[tuple[str, Sequence[ErrorCode]]]
"""Error codes under headings."""


class Piece(NamedTuple):
    """A part of a text.

    Attributes:
        is_match: whether it is a word that was looked for.
    """

    text: str
    is_match: bool


def search(groups: Groups, query: str) -> Groups:
    """The error codes whose code, message, meaning or remedy has all words of a query, in any case."""
    words = words_of(query)
    found = [(heading, [entry for entry in entries if _has_all(entry, words)]) for heading, entries in groups]
    return [(heading, entries) for heading, entries in found if entries]


def similar_codes(query: str) -> list[str]:
    """The codes that are written most like a query, the likeliest first; for a typing error."""
    by_lower = {code.lower(): code for code in ERRORS}
    lower = query[:LONGEST_SEARCH].lower()
    return [by_lower[each] for each in get_close_matches(lower, by_lower, _MOST_SIMILAR, _SIMILARITY)]


def words_of(query: str) -> list[str]:
    """The words of a query in lower case."""
    return query[:LONGEST_SEARCH].lower().split()


def pieces(text: str, words: Sequence[str]) -> Iterator[Piece]:
    """Splits a text where words stand in it, in any case; without any it is one piece."""
    if not words:
        yield Piece(text, is_match=False)
        return
    # The longest first: of two words, one of which is in the other, all is marked.
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    for place, part in enumerate(re.split(f"({either})", text, flags=re.IGNORECASE)):
        if part:
            yield Piece(part, is_match=place % 2 == 1)


def _has_all(entry: ErrorCode, words: Sequence[str]) -> bool:
    text = " ".join((entry.code, entry.message, entry.when, entry.remedy)).lower()
    return all(word in text for word in words)
