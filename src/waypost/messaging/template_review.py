"""Reviews templates: sets the outcome and publishes it to the customer, in one transaction.

Pending templates are entries of the configuration (status `unaudit`), so a restart loses none.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from waypost.clock import Clock
from waypost.messaging.publishing import publication
from waypost.model.configuration import Configuration
from waypost.model.entry_changes import ReplaceEntry
from waypost.model.identifiers import NO_SPACE
from waypost.model.message.destinations import Subject
from waypost.model.templates.review import AUDIT_KIND, audit_object, review_of, reviewed
from waypost.model.templates.template import UNREVIEWED, Template
from waypost.storage.contract import Store, Transaction

ORIGIN = "api"
# A new template must be seen as `unaudit` first, as in the official service, so the review is delayed;
# milliseconds of the service's clock.
_REVIEW_DELAY_MS = 1_000
_POLL_INTERVAL = 0.2


def review_template(
    transaction: Transaction,
    template: Template,
    outcome: tuple[str, str],
    configuration: Configuration,
    now: int,
) -> bool:
    """Writes the outcome of a review; False if the template was changed or deleted since it was read.

    Args:
        outcome: the status and, for `fail`, the reason.
    """
    changed = reviewed(template, *outcome, now)
    if not transaction.configuration.apply([ReplaceEntry(template, changed, ORIGIN)]):
        return False
    body = msgspec.json.encode(audit_object(changed)).decode()
    subject = Subject(template.account_id, template.space_id or NO_SPACE)
    transaction.write(publication(configuration, subject, AUDIT_KIND, body, now=now))
    return True


class TemplateReviewer:
    """Reviews new templates automatically.

    Args:
        configuration: returns the current snapshot.
        refresh_configuration: reloads the snapshot after a change.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        refresh_configuration: Callable[[], Awaitable[object]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._refresh_configuration = refresh_configuration

    async def run(self) -> None:
        """Reviews templates as they become due, until it is cancelled."""
        while True:
            await self.review_due()
            await asyncio.sleep(_POLL_INTERVAL)

    async def review_due(self) -> None:
        """Reviews the templates that are due now."""
        now = self._clock.now()
        configuration = self._configuration()
        due = [
            template
            for template in configuration.unreviewed()
            if template.status == UNREVIEWED and template.updated_at + _REVIEW_DELAY_MS <= now
        ]

        def change(transaction: Transaction) -> None:
            for template in due:
                review_template(transaction, template, review_of(template), configuration, now)

        if due:
            await self._store.transact(change)
            await self._refresh_configuration()
