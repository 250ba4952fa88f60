"""Finds operations by their names, their parameters and the error codes that they answer."""

from collections.abc import Sequence
from typing import NamedTuple

from waypost.api.description import AnyOperation
from waypost.api.operations.catalogue import EVERY
from waypost.console.error_search import words_of

_MOST_REASONS = 4


class FoundOperation(NamedTuple):
    """An operation, and what of it has the words.

    Attributes:
        parameters, codes: those that were found, at most a few.
    """

    operation: AnyOperation
    parameters: Sequence[str]
    codes: Sequence[str]


def operations_with(query: str) -> list[FoundOperation]:
    """The operations that have all words of a query, in any case: those with them in their name first, then
    those with them in their summary, then those of whose parameters or error codes one has them."""
    words = words_of(query)
    if not words:
        return [FoundOperation(endpoint.operation, (), ()) for endpoint in EVERY.values()]
    ranked: list[tuple[int, FoundOperation]] = []
    for endpoint in EVERY.values():
        operation = endpoint.operation
        parameters = [
            row.name
            for row in operation.parameters
            if not row.ignored and _has_all(f"{row.name} {row.description}", words)
        ]
        codes = [code for code in operation.all_errors() if _has_all(code, words)]
        found = FoundOperation(operation, parameters[:_MOST_REASONS], codes[:_MOST_REASONS])
        if _has_all(operation.name, words):
            ranked.append((0, found))
        elif _has_all(f"{operation.name} {operation.summary}", words):
            ranked.append((1, found))
        elif any(_has_all(name, words) for name in parameters):
            ranked.append((2, found))
        elif parameters or codes:
            ranked.append((3, found))
    ranked.sort(key=lambda each: each[0])
    return [found for _, found in ranked]


def _has_all(text: str, words: Sequence[str]) -> bool:
    lower = text.lower()
    return all(word in lower for word in words)
