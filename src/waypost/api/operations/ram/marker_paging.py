"""Lists that are read on from a marker, the name of the last row before."""

from collections.abc import Sequence
from typing import Annotated, Generic, NamedTuple, TypeVar

from waypost.api.description import Parameter
from waypost.api.members import Answer, member
from waypost.model import codes
from waypost.model.access.limits import MOST_LISTED

Marker = Annotated[str, Parameter("Marker", "Where to go on: the Marker of the answer before.", "alice")]
MaxItems = Annotated[
    int,
    Parameter(
        "MaxItems",
        "How many to list at most.",
        "100",
        minimum=1,
        maximum=MOST_LISTED,
        default="100",
        invalid=codes.INVALID_MAX_ITEMS,
    ),
]
"""The two parameters of operations that list by name; fields of them have the defaults "" and 100."""


class MarkedAnswer(Answer, frozen=True):
    """Where a list ends, with which its answer begins."""

    is_truncated: Annotated[bool, member("Whether there are more than were listed.")]
    marker: Annotated[str, member("What to send as Marker to go on; empty at the end.", "alice")]


T = TypeVar("T")


class MarkedPage(NamedTuple, Generic[T]):
    """A part of a list.

    Attributes:
        is_truncated: whether there are more rows.
        marker: where to go on; empty without more.
    """

    rows: list[T]
    is_truncated: bool
    marker: str


def page_after(rows: Sequence[tuple[str, T]], marker: str, max_items: int) -> MarkedPage[T]:
    """The part of a list that a call asks for.

    Args:
        rows: names and rows in the order of the names, which the markers are: what is made or deleted
            meanwhile neither repeats a row nor loses one.
    """
    rest = [row for row in rows if row[0] > marker]
    part, is_truncated = rest[:max_items], len(rest) > max_items
    return MarkedPage([row for _, row in part], is_truncated, part[-1][0] if is_truncated else "")
