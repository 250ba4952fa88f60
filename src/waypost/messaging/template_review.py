"""Reviews templates: sets the outcome and publishes it to the customer, in one transaction.

Pending templates are entries of the configuration (status `unaudit`), so a restart loses none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from waypost.clock import Clock
from waypost.messaging.publishing import publication
from waypost.model.audit import Author
from waypost.model.configuration import Configuration
from waypost.model.entry_changes import ReplaceEntry
from waypost.model.identifiers import NO_SPACE
from waypost.model.message.destinations import Subject
from waypost.model.templates.review import AUDIT_KIND, audit_object, review_of, reviewed
from waypost.model.templates.template import UNREVIEWED, Template
from waypost.storage.contract import Store, StoreUnavailableError, Transaction

log = structlog.get_logger()

ORIGIN = "api"
REVIEWER = "automatic review"
"""The author of changes that nobody decides on."""
# A new template must be seen as `unaudit` first, as in the official service, so the review is delayed;
# milliseconds of the service's clock.
_REVIEW_DELAY_MS = 1_000
_POLL_INTERVAL = 0.2
# How long a review that failed by a fault of ours waits for its next try, in milliseconds.
_FAILED_DELAY_MS = 60_000


def review_template(
    transaction: Transaction,
    template: Template,
    outcome: tuple[str, str],
    configuration: Configuration,
    by: Author,
) -> bool:
    """Writes the outcome of a review; False if the template was changed or deleted since it was read.

    Args:
        outcome: the status and, for `fail`, the reason.
        by: who reviews it, and when.
    """
    changed = reviewed(template, *outcome, by.at)
    if not transaction.configuration.apply([ReplaceEntry(template, changed, ORIGIN)], by):
        return False
    body = msgspec.json.encode(audit_object(changed)).decode()
    subject = Subject(template.account_id, template.space_id or NO_SPACE)
    transaction.write(publication(configuration, subject, AUDIT_KIND, body, now=by.at))
    return True


def _key(template: Template) -> tuple[str, str, str]:
    return template.account_id, template.code, template.language


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
        # The templates whose review failed by a fault of ours, until when they wait.
        self._waiting: dict[tuple[str, str, str], int] = {}

    def next_due(self) -> int | None:
        """When the next review is due, in milliseconds UTC; None if none waits."""
        dues = [
            max(template.updated_at + _REVIEW_DELAY_MS, self._waiting.get(_key(template), 0))
            for template in self._configuration().unreviewed()
            if template.status == UNREVIEWED
        ]
        return min(dues, default=None)

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
            if template.status == UNREVIEWED
            and template.updated_at + _REVIEW_DELAY_MS <= now
            and self._waiting.get(_key(template), 0) <= now
        ]
        if due:
            await self._review(due, configuration, now)
            await self._refresh_configuration()

    async def _review(self, templates: Sequence[Template], configuration: Configuration, now: int) -> None:
        """Reviews templates together; if that fails by a fault of ours, each by itself."""
        by = Author(now, REVIEWER)

        def change(transaction: Transaction) -> None:
            for template in templates:
                review_template(transaction, template, review_of(template), configuration, by)

        try:
            await self._store.transact(change)
        except StoreUnavailableError:
            raise
        except Exception:
            if len(templates) == 1:
                log.exception("template.review_failed", template=templates[0].code)
                self._waiting[_key(templates[0])] = now + _FAILED_DELAY_MS
                return
            for template in templates:
                await self._review([template], configuration, now)
