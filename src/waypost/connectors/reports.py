"""Parses the items of a webhook each by itself: one that is not understood is skipped, the rest is taken."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import structlog

from waypost.connectors.contract import MalformedWebhookError, Webhook
from waypost.model.foreign_json import ForeignDecoder, UnreadableJsonError, foreign_decoder
from waypost.model.message.outcomes import MAX_ID_LENGTH, RejectedItem, Report

_log = structlog.get_logger(__name__)
_decode_object = foreign_decoder(dict[str, Any])

T = TypeVar("T")


def parse_items(
    route: str, items: Iterable[tuple[str, T]], parse: Callable[[T], Sequence[Report]]
) -> list[Report]:
    """The reports of all items, in their order, and then the items that are not understood, for which the log
    has one line.

    Args:
        items: each with its place in the webhook.
    """
    reports: list[Report] = []
    skipped: list[RejectedItem] = []
    for place, item in items:
        try:
            reports += parse(item)
        except Exception as error:  # noqa: BLE001 - whatever an item is, it holds no other up
            skipped.append(RejectedItem(route=route, place=place, error=describe(error)))
    if skipped:
        first = skipped[0]
        _log.warning(
            "webhook.items_skipped", route=route, count=len(skipped), place=first.place, error=first.error
        )
        reports += skipped
    return reports


def parse_one(
    route: str, webhook: Webhook, decode: ForeignDecoder[T], parse: Callable[[T], Sequence[Report]]
) -> list[Report]:
    """The reports of a webhook that is one item.

    Raises:
        MalformedWebhookError: it is no JSON object.
    """
    try:
        item = decode(webhook.body, webhook)
    except UnreadableJsonError as error:
        # Not the error itself: its traceback has this function, which would have the error, and the webhook.
        reason = str(error)
    else:
        return parse_items(route, [("", item)], parse)
    try:
        _decode_object(webhook.body, webhook)
    except UnreadableJsonError as unreadable:
        raise MalformedWebhookError(f"not a webhook of this provider: {unreadable}") from None

    def fail(_: None) -> Sequence[Report]:
        raise UnreadableJsonError(reason)

    return parse_items(route, [("", None)], fail)


def describe(error: Exception) -> str:
    """What is wrong with an item, without its values."""
    return f"no {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"[:120]


def known_id(text: str) -> str:
    """An id of a provider, as it is stored and searched for.

    Raises:
        ValueError: it is empty, too long to be one, or was not all readable.
    """
    if not 0 < len(text) <= MAX_ID_LENGTH or "\ufffd" in text:
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
