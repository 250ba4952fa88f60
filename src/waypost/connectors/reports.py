"""Parses the items of a webhook each by itself: one that cannot be read is skipped, the rest is taken."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import structlog

from waypost.connectors.contract import MalformedWebhookError
from waypost.model.message.outcomes import MAX_ID_LENGTH, Inbound, Receipt

_log = structlog.get_logger(__name__)

T = TypeVar("T")


def parse_items(
    route: str, items: Iterable[T], parse: Callable[[T], Sequence[Receipt | Inbound]]
) -> list[Receipt | Inbound]:
    """The reports of all items that can be read, in their order; what is skipped is one line of the log.

    Raises:
        MalformedWebhookError: there are items, and none of them can be read.
    """
    reports: list[Receipt | Inbound] = []
    parsed = 0
    errors: list[Exception] = []
    for item in items:
        try:
            reports += parse(item)
            parsed += 1
        except Exception as error:  # noqa: BLE001 - whatever an item is, it holds no other up
            errors.append(error)
    if errors and not parsed:
        raise MalformedWebhookError(f"no item of it can be read: {describe(errors[0])}")
    if errors:
        _log.warning("webhook.items_skipped", route=route, count=len(errors), error=describe(errors[0]))
    return reports


def describe(error: Exception) -> str:
    """What is wrong with an item, without its values."""
    return f"no {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"[:120]


def known_id(text: str) -> str:
    """An id of a provider, as it is stored and searched for.

    Raises:
        ValueError: it is empty, or too long to be one.
    """
    if not 0 < len(text) <= MAX_ID_LENGTH:
        raise ValueError(f"an id has 1 to {MAX_ID_LENGTH} characters")
    return text


def required(moment: int | None) -> int:
    """A time that a report cannot do without.

    Raises:
        ValueError: it is missing, or no time.
    """
    if moment is None:
        raise ValueError("it has no time that is one")
    return moment
