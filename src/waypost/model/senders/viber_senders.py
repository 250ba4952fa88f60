"""Viber senders that customers register: requests about them, their reviews, and the times they are paused.

A space has one such sender. Opening it, changing where it writes to, suspending and resuming it are requests
of their own, each reviewed like a template (console-and-access.md, section 3). The kinds and
states of requests are not published: the words here are ours.
"""

from collections.abc import Iterable
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from waypost.model.entry_index import EntriesByType, EntryIndex, by_type, entries_of_type
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.persistent_map import PersistentMap
from waypost.model.templates.template import APPROVED, REFUSED, UNREVIEWED

OPEN, ADDRESS, SUSPEND, RECOVER = "open", "address", "suspend", "recover"
REQUEST_TYPES = (OPEN, ADDRESS, SUSPEND, RECOVER)
CHANGE_TYPES = (ADDRESS, SUSPEND, RECOVER)
NORMAL, STOPPED = "normal", "stop"
REJECTED_PREFIX = "reject_"
FIRST_SERVICE_ID = 25644
DATE_NEEDED = "a date such as 2027-02-01, GMT, is needed"
_LAST_DAY_TO_SUSPEND = 25
_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")


class ViberRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's request about a Viber sender.

    Attributes:
        id: the RequestNo.
        space_id: the space whose sender it is about.
        type: one of `REQUEST_TYPES`.
        record: the AuditRecord, as the call sent it.
        status: the state of its review: `unaudit`, `pass` or `fail`.
        reason: why it failed.
        service_id: the sender it made or changed, once it passed.
        user_id: who made it; empty for the account's owner.
        created_at, updated_at, reviewed_at: milliseconds UTC; 0 before a review.
    """

    id: str
    account_id: AccountId
    space_id: SpaceId
    type: str
    record: dict[str, Any]
    status: str = UNREVIEWED
    reason: str = ""
    service_id: str = ""
    user_id: str = ""
    created_at: int
    updated_at: int
    reviewed_at: int = 0


class Pause(msgspec.Struct, frozen=True):
    """A time in which a sender is suspended, milliseconds UTC; without an end until it is resumed."""

    start: int
    end: int | None = None


class ViberService(msgspec.Struct, frozen=True, kw_only=True):
    """A Viber sender that a customer registered: its record and suspensions.

    Attributes:
        id: the service ID, the sender's From.
        space_id: the space it was registered in.
        record: the AuditRecord, with the destinations that hold now.
        pauses: oldest first.
    """

    id: str
    account_id: AccountId
    space_id: SpaceId
    record: dict[str, Any]
    pauses: tuple[Pause, ...] = ()

    def paused(self, now: int) -> bool:
        """Whether the sender is suspended at `now`."""
        return any(pause.start <= now and (pause.end is None or now < pause.end) for pause in self.pauses)

    @property
    def suspended(self) -> bool:
        """Whether the sender is suspended, now or later, without an end."""
        return any(pause.end is None for pause in self.pauses)

    def state(self, now: int) -> str:
        """The state that ListViberServiceMessage shows."""
        return STOPPED if self.paused(now) else NORMAL


class ViberSenders:
    """The registered senders of all accounts and the requests about them, indexed. It never changes."""

    def __init__(self, entries: Iterable[ViberRequest | ViberService] = ()) -> None:
        self._services = EntryIndex(ViberService, lambda service: service.id)
        self._requests = EntryIndex(ViberRequest, lambda request: request.id)
        self._unreviewed: PersistentMap[str, ViberRequest] = PersistentMap()
        self._change({}, by_type(entries))

    def changed(self, removed: EntriesByType, added: EntriesByType) -> "ViberSenders":
        """The senders and requests without those `removed` and with those `added`."""
        made = copy(self)
        made._change(removed, added)
        return made

    def _change(self, removed: EntriesByType, added: EntriesByType) -> None:
        self._services = self._services.changed(removed, added)
        self._requests = self._requests.changed(removed, added)
        self._unreviewed = self._unreviewed.changed(
            (request.id for request in entries_of_type(removed, ViberRequest)),
            {
                request.id: request
                for request in entries_of_type(added, ViberRequest)
                if request.status == UNREVIEWED
            },
        )

    def request(self, account_id: AccountId, request_no: str) -> ViberRequest | None:
        """A request of the account."""
        return self._requests.owned_by(account_id, request_no)

    def requests_of(self, account_id: AccountId) -> list[ViberRequest]:
        """The requests of the account, by their age."""
        return sorted(self._requests.of(account_id), key=lambda request: (request.created_at, request.id))

    def unreviewed(self) -> list[ViberRequest]:
        """The requests of all accounts that are not reviewed yet, by when they were made or changed."""
        return sorted(self._unreviewed.values(), key=lambda request: (request.updated_at, request.id))

    def service(self, account_id: AccountId, service_id: str) -> ViberService | None:
        """A registered sender of the account."""
        return self._services.owned_by(account_id, service_id)

    def service_of_space(self, account_id: AccountId, space_id: SpaceId) -> ViberService | None:
        """The registered sender of a space of the account."""
        own = (service for service in self._services.of(account_id) if service.space_id == space_id)
        return min(own, key=lambda service: service.id, default=None)


def review_of(request: ViberRequest) -> tuple[str, str]:
    """The status and reason of an automatic review, which fails only names that request it."""
    if str(request.record.get("BusinessAccountName", "")).startswith(REJECTED_PREFIX):
        return REFUSED, f"The name begins with {REJECTED_PREFIX}, which asks for a review that fails."
    return APPROVED, ""


def changed(service: ViberService, request: ViberRequest, now: int) -> ViberService:
    """A sender after a request about it was approved."""
    replace = msgspec.structs.replace
    if request.type == ADDRESS:
        return replace(service, record=service.record | destinations(request.record))
    if request.type == SUSPEND:
        start = moment_of(str(request.record.get("SuspensionDate", ""))) or now
        return replace(service, pauses=(*service.pauses, Pause(max(start, now))))
    end = max(moment_of(str(request.record.get("RecoveryDate", ""))) or now, now)
    ended = [pause if pause.end is not None else Pause(pause.start, end) for pause in service.pauses]
    # One that was to begin later, and is over before, never is.
    pauses = tuple(pause for pause in ended if pause.end is not None and pause.start < pause.end)
    return replace(service, pauses=pauses)


def destinations(record: dict[str, Any]) -> dict[str, Any]:
    """The part of a record that names the destination countries of a sender."""
    names = ("MessageDestinationCountry", "MessageDestinationInternationalCountry")
    return {name: record.get(name) or [] for name in names}


def moment_of(text: str) -> int | None:
    """A date (its first moment) or a date with its time, both GMT, in milliseconds; None for neither."""
    for form in _FORMS:
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp() * 1000)
        except ValueError:
            continue
    return None


def suspension_problem(text: str, now: int) -> str | None:
    """The problem with a SuspensionDate; None if the sender can be suspended then.

    After the 25th a month has been billed, so nothing can be suspended within it any more.
    """
    start = moment_of(text)
    if start is None:
        return DATE_NEEDED
    today = datetime.fromtimestamp(now / 1000, UTC)
    first_moment_of_today = today.replace(hour=0, minute=0, second=0, microsecond=0)
    if start < int(first_moment_of_today.timestamp() * 1000):
        return "it has passed"
    next_month = (first_moment_of_today.replace(day=1) + timedelta(days=32)).replace(day=1)
    if today.day > _LAST_DAY_TO_SUSPEND and start < int(next_month.timestamp() * 1000):
        return f"after the {_LAST_DAY_TO_SUSPEND}th a sender can be suspended from the next month on only"
    return None


def audit_object(request: ViberRequest) -> dict[str, Any]:
    """The ChatAppAudit object of a callback about a request; the official one is not published."""
    members = {
        "Type": "viberRequest",
        "PhoneNumber": request.service_id,
        "AuditStatus": request.status,
    }
    if request.status == REFUSED:
        members["Reason"] = request.reason
    return members | {
        "CustSpaceId": request.space_id,
        "WaypostRequestNo": request.id,
        "WaypostRequestType": request.type,
    }
