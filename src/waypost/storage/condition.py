"""Whether the database can be written."""

from typing import NamedTuple


class StoreCondition(NamedTuple):
    """Whether the database can be written.

    Attributes:
        away_for: real seconds since when it cannot; 0 if it can.
        reason: why not, in the words of the database or the operating system.
    """

    away_for: float
    reason: str
