"""Reviews templates: sets the outcome and tells the customer, in one transaction.

What waits for its review is the configuration itself (status `unaudit`), so nothing is lost by a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from waypost.delivery.message_transaction import DeliveryContext
from waypost.messaging.publishing import publish
from waypost.model.configuration import Configuration
from waypost.model.message.destinations import Subject
from waypost.model.templates.review import AUDIT_KIND, audit_object, review_of, reviewed
from waypost.model.templates.template import UNREVIEWED, Template
from waypost.storage.contract import Store, Transaction
from waypost.storage.rows import entry_key

ORIGIN = "api"
# A template shows `unaudit` right after it was made, as the official service's do (live-observations.md,
# section 4), so the review waits; in milliseconds of business time.
_REVIEWED_AFTER = 1_000
_POLL_INTERVAL = 0.2


def review(
    transaction: Transaction,
    template: Template,
    outcome: tuple[str, str],
    configuration: Configuration,
    now: int,
) -> bool:
    """Writes the outcome of a review; False when the template was changed or is gone since it was read.

    Args:
        outcome: the status and, for `fail`, the reason.
    """
    if transaction.entry(entry_key(template)) != template:
        return False
    after = reviewed(template, *outcome, now)
    transaction.put_entries([after], ORIGIN)
    body = msgspec.json.encode(audit_object(after)).decode()
    subject = Subject(template.account_id, template.space_id or "")
    publish(transaction, configuration, subject, AUDIT_KIND, body, now=now)
    return True


class Reviewer:
    """Reviews every new template by itself.

    Args:
        reconfigured: makes the snapshot current after a change.
    """

    def __init__(
        self, store: Store, context: DeliveryContext, reconfigured: Callable[[], Awaitable[object]]
    ) -> None:
        self._store = store
        self._context = context
        self._reconfigured = reconfigured

    async def run(self) -> None:
        """Looks for templates whose review is due, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_POLL_INTERVAL)

    async def look(self) -> None:
        """Reviews what is due now."""
        now = self._context.clock.now()
        configuration = self._context.configuration()
        due = [
            template
            for template in configuration.unreviewed()
            if template.status == UNREVIEWED and template.updated_at + _REVIEWED_AFTER <= now
        ]

        def change(transaction: Transaction) -> None:
            for template in due:
                review(transaction, template, review_of(template), configuration, now)

        if due:
            await self._store.transact(change)
            await self._reconfigured()
