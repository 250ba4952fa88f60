"""Keeps webhooks with items that were not understood."""

import asyncio
from collections.abc import Sequence

from waypost.api.http_messages import HttpRequest
from waypost.clock import Clock
from waypost.model.message.outcomes import RejectedItem
from waypost.storage.contract import Store, Transaction
from waypost.storage.rejected_webhooks import RejectedPart, RejectedWebhook


class RejectedWebhookKeeper:
    """Writes rejected webhooks to the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def keep(self, route: str, request: HttpRequest, items: Sequence[RejectedItem]) -> "asyncio.Future[None]":
        """Keeps a webhook; the future is done once it is durable."""
        content_type = next(
            (value for name, value in request.headers if name.lower() == b"content-type"), b""
        )
        webhook = RejectedWebhook(
            route=route,
            at=self._clock.now(),
            method=request.method,
            query=request.query.decode("latin-1"),
            content_type=content_type.decode("latin-1"),
            body=bytes(request.body),
            items=[RejectedPart(item.place, item.error) for item in items],
        )

        def change(transaction: Transaction) -> None:
            transaction.rejected_webhooks.add(webhook)

        return self._store.transact(change, bounded=True)
