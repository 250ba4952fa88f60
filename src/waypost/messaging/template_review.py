"""Reviews templates: sets the outcome and publishes it to the customer, in one transaction.

What waits for its review is the configuration itself (status `unaudit`), so nothing is lost by a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from waypost.clock import Clock
from waypost.messaging.publishing import publish
from waypost.model.configuration import Configuration
from waypost.model.identifiers import NO_SPACE
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


def review_template(
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
    subject = Subject(template.account_id, template.space_id or NO_SPACE)
    publish(transaction, configuration, subject, AUDIT_KIND, body, now=now)
    return True


class TemplateReviewer:
    """Reviews every new template automatically.

    Args:
        configuration: gives the current snapshot.
        reconfigured: makes the snapshot current after a change.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        reconfigured: Callable[[], Awaitable[object]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._reconfigured = reconfigured

    async def run(self) -> None:
        """Reviews templates as they become due, for ever."""
        while True:
            await self.review_due()
            await asyncio.sleep(_POLL_INTERVAL)

    async def review_due(self) -> None:
        """Reviews what is due now."""
        now = self._clock.now()
        configuration = self._configuration()
        due = [
            template
            for template in configuration.unreviewed()
            if template.status == UNREVIEWED and template.updated_at + _REVIEWED_AFTER <= now
        ]

        def change(transaction: Transaction) -> None:
            for template in due:
                review_template(transaction, template, review_of(template), configuration, now)

        if due:
            await self._store.transact(change)
            await self._reconfigured()
