"""Pages of lists that continue after a marker, the name of the last row of the previous page."""

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
"""The parameters Marker and MaxItems; fields of these types have the defaults "" and 100."""


class MarkedAnswer(Answer, frozen=True):
    """The first members of an answer with a list: whether there are more rows, and the next marker."""

    is_truncated: Annotated[bool, member("Whether there are more than were listed.")]
    marker: Annotated[str, member("What to send as Marker to go on; empty at the end.", "alice")]


T = TypeVar("T")


class MarkedPage(NamedTuple, Generic[T]):
    """One page of a list.

    Attributes:
        is_truncated: whether there are more rows.
        marker: the marker of the next page; empty if there is none.
    """

    rows: list[T]
    is_truncated: bool
    marker: str


def page_after(rows: Sequence[tuple[str, T]], marker: str, max_items: int) -> MarkedPage[T]:
    """The page of a list after a marker.

    Args:
        rows: (name, row), sorted by name. Since the marker is a name, rows created or deleted between two
            calls do not shift the others.
    """
    remaining = [row for row in rows if row[0] > marker]
    part, is_truncated = remaining[:max_items], len(remaining) > max_items
    return MarkedPage([row for _, row in part], is_truncated, part[-1][0] if is_truncated else "")
