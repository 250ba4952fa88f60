"""Reviews requests about Viber senders: carries them out and publishes the outcome, in one transaction.

What waits for its review is the configuration itself (status `unaudit`), so nothing is lost by a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import msgspec
import structlog

from waypost.clock import Clock
from waypost.messaging.publishing import publish
from waypost.model.channels import VIBER
from waypost.model.configuration import Configuration, Sender
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
from waypost.model.templates.template import APPROVED, UNREVIEWED
from waypost.storage.contract import Store, Transaction
from waypost.storage.rows import entry_key

log = structlog.get_logger()

ORIGIN = "api"
# A request shows `unaudit` right after it was made, so the review waits; milliseconds of business time.
_REVIEWED_AFTER = 1_000
_POLL_INTERVAL = 0.2


class NewSender(msgspec.Struct, frozen=True):
    """What a request to open a sender gets when it passes: the service ID, and the route that carries it."""

    service_id: str
    route: str


class ReviewRefusedError(Exception):
    """The review cannot be written; the message says why."""


def pending_requests(configuration: Configuration) -> list[ViberRequest]:
    """The requests whose review is still to come, oldest first."""
    found = (
        request for request in configuration.viber_senders.requests.values() if request.status == UNREVIEWED
    )
    return sorted(found, key=lambda request: (request.updated_at, request.id))


def review_request(
    transaction: Transaction,
    request: ViberRequest,
    outcome: tuple[str, str],
    configuration: Configuration,
    now: int,
    new: NewSender | None = None,
) -> ViberRequest:
    """Writes the outcome of a review and what comes of it; the request after it.

    Args:
        outcome: the status and, for `fail`, the reason.
        new: for a request to open a sender that passes.

    Raises:
        ReviewRefusedError: the request was changed since it was read, the service ID is taken, or the sender
            the request is about is gone.
    """
    if transaction.entry(entry_key(request)) != request:
        raise ReviewRefusedError(f"request {request.id} was changed in the meantime")
    status, reason = outcome
    service: ViberService | None = None
    if status == APPROVED and request.type == OPEN:
        assert new is not None
        service = _opened(transaction, request, new)
    elif status == APPROVED:
        known = configuration.viber_senders.service_of_space(request.account_id, request.space_id)
        current = transaction.entry(entry_key(known)) if known is not None else None
        if not isinstance(current, ViberService):
            raise ReviewRefusedError(f"space {request.space_id} has no sender that was registered by call")
        service = changed(current, request, now)
    after = msgspec.structs.replace(
        request,
        status=status,
        reason=reason,
        service_id=service.id if service is not None else request.service_id,
        updated_at=now,
        reviewed_at=now,
    )
    transaction.put_entries([after, *([service] if service is not None else [])], ORIGIN)
    body = msgspec.json.encode(audit_object(after)).decode()
    publish(transaction, configuration, Subject(after.account_id, after.space_id), AUDIT_KIND, body, now=now)
    return after


def _opened(transaction: Transaction, request: ViberRequest, new: NewSender) -> ViberService:
    sender = Sender(
        channel=VIBER.name,
        id=new.service_id,
        account_id=request.account_id,
        route=new.route,
        space_id=request.space_id,
    )
    if transaction.entry(entry_key(sender)) is not None:
        raise ReviewRefusedError(f"there is a Viber sender {new.service_id} already")
    transaction.put_entries([sender], ORIGIN)
    return ViberService(
        id=new.service_id,
        account_id=request.account_id,
        space_id=request.space_id,
        record=request.record,
    )


def free_service_id(senders: Mapping[tuple[str, str], Sender]) -> str:
    """The lowest service ID of those an automatic review gives that nobody has."""
    service_id = FIRST_SERVICE_ID
    while (VIBER.name, str(service_id)) in senders:
        service_id += 1
    return str(service_id)


class SenderReviewer:
    """Reviews every request automatically.

    Args:
        configuration: gives the current snapshot.
        route: carries the senders it approves.
        reconfigured: makes the snapshot current after a change.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        route: str,
        reconfigured: Callable[[], Awaitable[object]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._route = route
        self._reconfigured = reconfigured

    async def run(self) -> None:
        """Reviews requests as they become due, for ever."""
        while True:
            await self.review_due()
            await asyncio.sleep(_POLL_INTERVAL)

    async def review_due(self) -> None:
        """Reviews what is due now, one at a time: the next service ID depends on the last."""
        while True:
            now = self._clock.now()
            configuration = self._configuration()
            due = [one for one in pending_requests(configuration) if one.updated_at + _REVIEWED_AFTER <= now]
            if not due:
                return
            try:
                await self._store.transact(partial(self._review, due[0], configuration, now))
            except ReviewRefusedError as error:
                # It was changed since the snapshot was made: the next round sees it as it is now.
                log.info("sender.review_postponed", reason=str(error))
                return
            finally:
                await self._reconfigured()

    def _review(
        self, request: ViberRequest, configuration: Configuration, now: int, transaction: Transaction
    ) -> None:
        new = NewSender(free_service_id(configuration.senders()), self._route)
        review_request(transaction, request, review_of(request), configuration, now, new)
