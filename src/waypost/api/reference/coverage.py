"""The coverage of the official API: the operations that Waypost implements, and those of its own."""

from collections.abc import Sequence
from typing import NamedTuple

from waypost.api.operations.catalogue import OPERATIONS
from waypost.api.reference.official_operations import OFFICIAL_OPERATIONS


class CoverageRow(NamedTuple):
    """An operation of the official API, and whether Waypost implements it."""

    name: str
    answered: bool


def coverage_rows() -> Sequence[CoverageRow]:
    """Every operation of the official API, by name."""
    return [CoverageRow(name, name in OPERATIONS) for name in sorted(OFFICIAL_OPERATIONS)]


def own_operations() -> Sequence[str]:
    """The names of the operations that the official API does not have."""
    return sorted(OPERATIONS.keys() - OFFICIAL_OPERATIONS)
