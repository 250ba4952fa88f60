"""Reviews requests about Viber senders: carries them out and publishes the outcome, in one transaction.

Pending requests are entries of the configuration (status `unaudit`), so a restart loses none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import msgspec
import structlog

from waypost.clock import Clock
from waypost.messaging.publishing import publication
from waypost.model.audit import Author
from waypost.model.channels import VIBER
from waypost.model.configuration import Configuration, Sender
from waypost.model.entry_changes import EntryChange, InsertEntry, ReplaceEntry
from waypost.model.message.destinations import Subject
from waypost.model.senders.viber_senders import (
    FIRST_SERVICE_ID,
    OPEN,
    ViberRequest,
    ViberService,
    audit_object,
    changed,
    review_of,
)
from waypost.model.templates.review import AUDIT_KIND
from waypost.model.templates.template import APPROVED
from waypost.storage.contract import Store, StoreUnavailableError, Transaction

log = structlog.get_logger()

ORIGIN = "api"
REVIEWER = "automatic review"
"""The author of changes that nobody decides on."""
# A new request must be seen as `unaudit` first, so the review is delayed; milliseconds of the service's
# clock.
_REVIEW_DELAY_MS = 1_000
_POLL_INTERVAL = 0.2
# How long a review that failed by a fault of ours waits for its next try, in milliseconds.
_FAILED_DELAY_MS = 60_000


class NewSender(msgspec.Struct, frozen=True):
    """The service ID and the route of a sender that a request opens."""

    service_id: str
    route: str


class ReviewRefusedError(Exception):
    """The outcome of a review cannot be written; the message has the reason."""


def pending_requests(configuration: Configuration) -> list[ViberRequest]:
    """The requests that are not reviewed yet, oldest first."""
    return configuration.viber_senders.unreviewed()


def review_request(
    transaction: Transaction,
    request: ViberRequest,
    outcome: tuple[str, str],
    configuration: Configuration,
    by: Author,
    new_sender: NewSender | None = None,
) -> ViberRequest:
    """Writes the outcome of a review, and carries an approved request out; returns the changed request.

    Args:
        outcome: the status and, for `fail`, the reason.
        by: who reviews it, and when.
        new_sender: the new sender, for an approved request to open one.

    Raises:
        ReviewRefusedError: the request or its sender was changed since it was read, the service ID is in use,
            or the sender of the request does not exist any more.
    """
    status, reason = outcome
    now = by.at
    service: ViberService | None = None
    changes: list[EntryChange] = []
    if status == APPROVED and request.type == OPEN:
        assert new_sender is not None
        sender, service = _opened(configuration, request, new_sender)
        changes = [InsertEntry(sender, ORIGIN), InsertEntry(service, ORIGIN)]
    elif status == APPROVED:
        registered = configuration.viber_senders.service_of_space(request.account_id, request.space_id)
        if registered is None:
            raise ReviewRefusedError(f"space {request.space_id} has no sender that was registered by call")
        service = changed(registered, request, now)
        changes = [ReplaceEntry(registered, service, ORIGIN)]
    reviewed = msgspec.structs.replace(
        request,
        status=status,
        reason=reason,
        service_id=service.id if service is not None else request.service_id,
        updated_at=now,
        reviewed_at=now,
    )
    if not transaction.configuration.apply([ReplaceEntry(request, reviewed, ORIGIN), *changes], by):
        raise ReviewRefusedError(f"request {request.id} or its sender was changed in the meantime")
    body = msgspec.json.encode(audit_object(reviewed)).decode()
    subject = Subject(reviewed.account_id, reviewed.space_id)
    transaction.write(publication(configuration, subject, AUDIT_KIND, body, now=now))
    return reviewed


def _opened(
    configuration: Configuration, request: ViberRequest, new_sender: NewSender
) -> tuple[Sender, ViberService]:
    sender = Sender(
        channel=VIBER.name,
        id=new_sender.service_id,
        account_id=request.account_id,
        route=new_sender.route,
        space_id=request.space_id,
    )
    if configuration.sender_by_id(sender.channel, sender.id) is not None:
        raise ReviewRefusedError(f"there is a Viber sender {new_sender.service_id} already")
    return sender, ViberService(
        id=new_sender.service_id,
        account_id=request.account_id,
        space_id=request.space_id,
        record=request.record,
    )


def free_service_id(senders: Mapping[tuple[str, str], Sender]) -> str:
    """The lowest unused service ID of those that an automatic review assigns."""
    service_id = FIRST_SERVICE_ID
    while (VIBER.name, str(service_id)) in senders:
        service_id += 1
    return str(service_id)


class SenderReviewer:
    """Reviews requests automatically.

    Args:
        configuration: returns the current snapshot.
        route: the route of the senders that it opens.
        refresh_configuration: reloads the snapshot after a change.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        route: str,
        refresh_configuration: Callable[[], Awaitable[object]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._route = route
        self._refresh_configuration = refresh_configuration
        # The requests whose review failed, until when they wait: none holds up another one.
        self._waiting: dict[str, int] = {}

    def next_due(self) -> int | None:
        """When the next review is due, in milliseconds UTC; None if none waits."""
        dues = [
            max(request.updated_at + _REVIEW_DELAY_MS, self._waiting.get(request.id, 0))
            for request in pending_requests(self._configuration())
        ]
        return min(dues, default=None)

    async def run(self) -> None:
        """Reviews requests as they become due, until it is cancelled."""
        while True:
            await self.review_due()
            await asyncio.sleep(_POLL_INTERVAL)

    async def review_due(self) -> None:
        """Reviews the requests that are due now, one at a time, because each takes the next service ID."""
        while True:
            now = self._clock.now()
            configuration = self._configuration()
            due = [
                request
                for request in pending_requests(configuration)
                if request.updated_at + _REVIEW_DELAY_MS <= now and self._waiting.get(request.id, 0) <= now
            ]
            if not due:
                return
            try:
                await self._store.transact(partial(self._review, due[0], configuration, now))
            except ReviewRefusedError as error:
                # It was changed since the snapshot was loaded; a later round has the changed one.
                log.info("sender.review_postponed", reason=str(error))
                self._waiting[due[0].id] = now + _REVIEW_DELAY_MS
            except StoreUnavailableError:
                raise
            except Exception:
                log.exception("sender.review_failed", request=due[0].id)
                self._waiting[due[0].id] = now + _FAILED_DELAY_MS
            finally:
                await self._refresh_configuration()

    def _review(
        self, request: ViberRequest, configuration: Configuration, now: int, transaction: Transaction
    ) -> None:
        new_sender = NewSender(free_service_id(configuration.senders()), self._route)
        by = Author(now, REVIEWER)
        review_request(transaction, request, review_of(request), configuration, by, new_sender)
