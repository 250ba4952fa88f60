"""Watermark receipts: everything sent to a person up to a moment was delivered, or was read.

The provider counts by the moment it took a message, which nobody tells us: it lies between the start of our
request and the end of its answer. A guess between two messages could call one delivered that was not, and
keep its fallback back, so only what is certain counts.
"""

from collections.abc import Sequence
from typing import NamedTuple

LOOKS_BACK_MS = 31 * 86_400_000
"""How old a message can be that a watermark is still about: no leg waits for a receipt for longer."""


class Sent(NamedTuple):
    """A message that the provider accepted and that a watermark may advance.

    Attributes:
        started_at, ended_at: when it was handed over, milliseconds UTC; no end while the answer is not there.
    """

    started_at: int
    ended_at: int | None


def covered(watermark: int, sent: Sequence[Sent]) -> list[int]:
    """The indexes of `sent` that a watermark covers.

    Those whose answer was there before it. With none of them it is about a message whose request was out at
    that very moment, as its watermark can be the moment at which the provider took it: if there is one such
    message only, it is that one.

    Args:
        watermark: milliseconds UTC, by the provider's clock.
    """
    before = [
        place for place, one in enumerate(sent) if one.ended_at is not None and one.ended_at <= watermark
    ]
    if before:
        return before
    meanwhile = [place for place, one in enumerate(sent) if one.started_at <= watermark]
    return meanwhile if len(meanwhile) == 1 else []
