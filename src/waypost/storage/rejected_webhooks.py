"""Webhooks with items that were not understood, kept for a while, to be looked at and replayed."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from waypost.storage.rejected_webhook_statements import RejectedWebhookStatements

Rows = list[tuple[Any, ...]]

KEPT_MS = 7 * 86_400_000
"""How long a webhook is kept."""
MAX_WEBHOOKS = 1000
MAX_BYTES = 64 * 1024 * 1024
"""How much is kept; of more the oldest is dropped."""


class RejectedPart(msgspec.Struct, frozen=True):
    """An item that was not understood.

    Attributes:
        place: where in the webhook it stands; empty if the webhook is one item.
        error: what is wrong with it, without its values.
    """

    place: str
    error: str


class RejectedWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook with items that were not understood; the others were taken.

    Attributes:
        id: ascending in the order of arrival; 0 until it is stored.
        at: when it arrived, milliseconds UTC.
        query: the query of its URL as it was sent.
        content_type: its `Content-Type`; empty if it had none.
        items: the items that were not understood.
    """

    id: int = 0
    route: str
    at: int
    method: str
    query: str
    content_type: str
    body: bytes
    items: Sequence[RejectedPart]


_decode_items = msgspec.json.Decoder(list[RejectedPart]).decode


class RejectedWebhooks:
    """Writes rejected webhooks within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: "RejectedWebhookStatements"
    ) -> None:
        self._run = run
        self._sql = statements

    def add(self, webhook: RejectedWebhook) -> None:
        """Keeps a webhook, and drops the oldest ones beyond the bounds."""
        row = msgspec.structs.asdict(webhook)
        del row["id"]
        self._run(self._sql.add, row | {"items": msgspec.json.encode(webhook.items).decode()})
        self._run(self._sql.trim, {"most": MAX_WEBHOOKS, "bytes": MAX_BYTES})

    def remove(self, webhook_id: int) -> None:
        """Removes a webhook."""
        self._run(self._sql.remove, {"webhook_id": webhook_id})

    def forget(self, before: int) -> int:
        """Removes the webhooks that arrived at `before`, milliseconds UTC, or earlier; returns how many."""
        return self._run(self._sql.forget, {"before": before})[1]


class RejectedWebhookReader:
    """Reads rejected webhooks outside a transaction."""

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: "RejectedWebhookStatements"
    ) -> None:
        self._read = read
        self._sql = statements

    async def find(self, webhook_id: int) -> RejectedWebhook | None:
        """The webhook with that id, or None."""
        rows = self._read(self._sql.find, {"webhook_id": webhook_id})
        return _to_webhook(rows[0]) if rows else None

    async def page(self, after: int = 0, limit: int = MAX_WEBHOOKS) -> list[RejectedWebhook]:
        """Webhooks with an id above `after`, oldest first."""
        return [_to_webhook(row) for row in self._read(self._sql.page, {"after": after, "limit": limit})]


def _to_webhook(row: tuple[Any, ...]) -> RejectedWebhook:
    members = dict(zip(RejectedWebhook.__struct_fields__, row, strict=True))
    return RejectedWebhook(**members | {"items": _decode_items(members["items"])})
