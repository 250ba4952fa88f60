"""The operations on Viber senders: registered, changed, suspended and resumed, each by a request."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from waypost.api.description import Operation, shown
from waypost.api.errors.catalogue import ApiError, from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.recurring import NOT_YOURS, ORIGIN, space_faults
from waypost.api.operations.senders import viber_sender_descriptions as described
from waypost.api.structured import read_object
from waypost.model.faults import Fault
from waypost.model.senders.viber_records import (
    INTERNATIONAL,
    INVALID,
    LOCAL,
    RECORD,
    check_record,
    country_ids,
)
from waypost.model.senders.viber_senders import NORMAL, OPEN, RECOVER, SUSPEND, ViberRequest, ViberService
from waypost.model.templates.template import APPROVED, UNREVIEWED
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

_CHANNEL = "viber"
_DIGITS = 10**18


def open_sender(request: Request) -> Result:
    """Asks for a sender.

    Raises:
        ApiError: the call's faults, or the space has a sender or a request for one.
    """
    texts, record = _read(described.OPEN_SENDER, request, OPEN)
    if _service(request, texts) is not None:
        raise _refused("CustSpaceId", "the space has a Viber sender already.")
    return _ask(request, texts, OPEN, record)


def change_sender(request: Request) -> Result:
    """Asks for a change of a sender.

    Raises:
        ApiError: the call's faults, or the space's sender cannot be changed so.
    """
    kind = request.given.get("RequestType", "").lower()
    texts, record = _read(described.CHANGE_SENDER, request, kind)
    service = _service(request, texts)
    if service is None:
        text = f"{shown(texts['CustSpaceId'])} has no Viber sender that was registered by call."
        raise from_faults([Fault(NOT_YOURS, "CustSpaceId", text)])
    if kind == SUSPEND and service.suspended:
        raise _refused("RequestType", "the sender is suspended already.")
    if kind == RECOVER and not service.suspended:
        raise _refused("RequestType", "the sender is not suspended.")
    return _ask(request, texts, kind, record, service.id)


def update_request(request: Request) -> Result:
    """Changes a request.

    Raises:
        ApiError: the call's faults, or it has passed.
    """
    known = _named(request, request.given)
    texts, record = _read(described.UPDATE_REQUEST, request, known.type if known is not None else OPEN)
    if known is None or known.space_id != texts["CustSpaceId"]:
        raise _absent(texts)
    if known.status == APPROVED:
        raise _refused("RequestNo", "the request has passed; only one that has not can be changed.")
    after = msgspec.structs.replace(
        known, record=record, status=UNREVIEWED, reason="", updated_at=request.now, reviewed_at=0
    )

    def write(transaction: Transaction) -> None:
        # Its review, or another call, may have come in between.
        if transaction.entry(entry_key(known)) != known:
            raise _refused("RequestNo", "the request was changed at the same time; call again.")
        transaction.put_entries([after], ORIGIN)

    return Result({"Success": True, "Data": {"RequestNo": known.id}}, write, reconfigures=True)


def get_request(request: Request) -> Result:
    """Shows a request.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = _read(described.GET_REQUEST, request, "")
    known = _named(request, texts)
    if known is None or texts.get("CustSpaceId", known.space_id) != known.space_id:
        raise _absent(texts)
    return Result({"Success": True, "Data": _row(known)})


def get_unreviewed(request: Request) -> Result:
    """Shows the request of a type that waits for its review.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = _read(described.GET_UNREVIEWED, request, "")
    found = _unreviewed(request, texts["CustSpaceId"], texts["RequestType"])
    data = _row(found) | {"AliUid": found.account_id} if found is not None else {}
    return Result({"Success": True, "Data": data})


def pause_times(request: Request) -> Result:
    """Tells when a sender is suspended.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = _read(described.PAUSE_TIMES, request, "")
    service = _service(request, texts)
    times = [
        {"SuspensionDate": _gmt(pause.start), "RecoveryDate": _gmt(pause.end)}
        for pause in (service.pauses if service is not None else ())
    ]
    data = {
        "ServiceId": service.id if service is not None else "",
        "State": service.state(request.now) if service is not None else NORMAL,
        "PauseTimes": times,
    }
    return Result({"Success": True, "Data": data})


def list_senders(request: Request) -> Result:
    """Lists the senders.

    Raises:
        ApiError: the call's faults.
    """
    texts, _ = _read(described.LIST_SENDERS, request, "")
    configuration, account_id = request.configuration, request.caller.account_id
    name = configuration.accounts[account_id].name
    rows = []
    for (channel, sender_id), sender in sorted(configuration.senders().items()):
        if channel != _CHANNEL or sender.account_id != account_id:
            continue
        service = configuration.viber_senders.service(account_id, sender_id)
        if service is None:
            rows.append(_listed(sender_id, NORMAL, {"BusinessAccountName": name}))
        elif service.space_id == texts["CustSpaceId"]:
            rows.append(_listed(sender_id, service.state(request.now), service.record))
    return Result({"Success": True, "Data": rows})


def _read(operation: Operation, request: Request, kind: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The call's texts and, for a request of that type, its record.

    Raises:
        ApiError: the call's faults.
    """
    texts, _, faults = operation.read(request.given)
    faults += space_faults(request, texts)
    given, wrong = read_object(RECORD, texts[RECORD], INVALID) if RECORD in texts else ({}, [])
    faults += wrong
    record: dict[str, Any] = {}
    if kind and not faults:
        record, wrong = check_record(kind, given, request.now)
        faults += wrong
    refuse(operation, faults)
    return texts, record


def _ask(
    request: Request, texts: Mapping[str, str], kind: str, record: dict[str, Any], service_id: str = ""
) -> Result:
    space_id = texts["CustSpaceId"]
    waits = _refused("CustSpaceId", f"a request of the type {kind} waits for its review; change that one.")
    if _unreviewed(request, space_id, kind) is not None:
        raise waits
    earlier = len(_of_type(request, space_id, kind))
    asked = ViberRequest(
        id=_request_no(request.caller.account_id, space_id, kind, earlier),
        account_id=request.caller.account_id,
        space_id=space_id,
        type=kind,
        record=record,
        service_id=service_id,
        user_id=request.caller.user_id or "",
        created_at=request.now,
        updated_at=request.now,
    )

    def write(transaction: Transaction) -> None:
        # Two calls can come in the same moment, before either is in the snapshot; the number follows from how
        # many there were, so the second one meets the first here.
        if transaction.entry(entry_key(asked)) is not None:
            raise waits
        transaction.put_entries([asked], ORIGIN)

    return Result({"Success": True, "Data": {"RequestNo": asked.id}}, write, reconfigures=True)


def _service(request: Request, texts: Mapping[str, str]) -> ViberService | None:
    return request.configuration.viber_senders.service_of_space(
        request.caller.account_id, texts["CustSpaceId"]
    )


def _named(request: Request, texts: Mapping[str, str]) -> ViberRequest | None:
    return request.configuration.viber_senders.request(request.caller.account_id, texts.get("RequestNo", ""))


def _unreviewed(request: Request, space_id: str, kind: str) -> ViberRequest | None:
    return next((one for one in _of_type(request, space_id, kind) if one.status == UNREVIEWED), None)


def _of_type(request: Request, space_id: str, kind: str) -> list[ViberRequest]:
    wanted = (request.caller.account_id, space_id, kind)
    return [
        one
        for one in request.configuration.viber_senders.requests.values()
        if (one.account_id, one.space_id, one.type) == wanted
    ]


def _request_no(account_id: str, space_id: str, kind: str, earlier: int) -> str:
    digest = hashlib.sha256(f"{account_id}\n{space_id}\n{kind}\n{earlier}".encode()).digest()
    return str(_DIGITS + int.from_bytes(digest[:16]) % (9 * _DIGITS))


def _absent(texts: Mapping[str, str]) -> ApiError:
    text = f"{shown(texts['RequestNo'])} is not a request of this account and space."
    return from_faults([Fault(NOT_YOURS, "RequestNo", text)])


def _refused(parameter: str, text: str) -> ApiError:
    return from_faults([Fault(described.STATUS, parameter, text)])


def _row(request: ViberRequest) -> dict[str, Any]:
    by = request.user_id or request.account_id
    return {
        "RequestNo": request.id,
        "RequestType": request.type,
        "State": request.status,
        "AuditResult": request.status if request.reviewed_at else "",
        "Reason": request.reason,
        "AuditTime": str(request.reviewed_at) if request.reviewed_at else "",
        "MaapServiceNo": request.service_id,
        RECORD: request.record,
        "Creator": by,
        "Modifier": by,
        "GmtCreate": str(request.created_at),
        "GmtModifier": str(request.updated_at),
        "Id": request.id,
        "SubscriberCode": request.space_id,
    }


def _listed(service_id: str, state: str, record: Mapping[str, Any]) -> dict[str, Any]:
    local, international = record.get(LOCAL, []), record.get(INTERNATIONAL, [])
    return {
        "ServiceId": service_id,
        "BusinessAccountName": record.get("BusinessAccountName", ""),
        "State": state,
        "IndustryInvolved": record.get("IndustryInvolved", ""),
        LOCAL: local,
        INTERNATIONAL: international,
        "DestinationCountryId": country_ids(local),
        "DestinationInternationalCountryId": country_ids(international),
    }


def _gmt(at: int | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


ENDPOINTS = (
    Endpoint(described.OPEN_SENDER, open_sender),
    Endpoint(described.CHANGE_SENDER, change_sender),
    Endpoint(described.UPDATE_REQUEST, update_request),
    Endpoint(described.GET_REQUEST, get_request),
    Endpoint(described.GET_UNREVIEWED, get_unreviewed),
    Endpoint(described.PAUSE_TIMES, pause_times),
    Endpoint(described.LIST_SENDERS, list_senders),
)
