"""The operations on where receipts go: the account's numbers, and the settings of a number and of a space.

What they set stands beside what the operator declares and goes before it (`waypost.model.message.destinations`).
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from waypost.api.description import Kind, Member, Operation, Parameter, shown, without_effect
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.recurring import (
    ANY_CALL,
    NOT_YOURS,
    ORIGIN,
    OWNERS,
    SOURCE,
    SUCCESS,
    not_yours,
    space_faults,
)
from waypost.model.configuration import Entry, ReceiptSettings, Sender
from waypost.model.faults import Fault
from waypost.model.message.callback_urls import url_error
from waypost.model.message.destinations import Subject, destination
from waypost.model.message.statuses import INBOUND_KIND, STATUS_KIND
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

STATUS_URL, INBOUND_URL = "StatusCallbackUrl", "UpCallbackUrl"
_LONGEST_URL = 1024
_CONNECTED = "CONNECTED"
# An SMS sender carries fallbacks, whose receipts are told as those of the message's own sender.
_FALLBACK_ONLY = "sms"
_P = Parameter

_SPACE = _P("CustSpaceId", Kind.STRING, "The space.", "cams-8x1k0aq4m2zd", required=True, invalid=NOT_YOURS)
_NUMBER = _P(
    "PhoneNumber",
    Kind.STRING,
    "The sender: a WhatsApp number, a Viber service ID, or any other From of the account. A leading + is "
    "passed over. Where two channels have it, both are meant.",
    "20001",
    required=True,
    invalid=NOT_YOURS,
)
_FLAGS = (
    _P(
        "HttpFlag",
        Kind.STRING,
        "Y: receipts are pushed to the URLs. N: nothing is pushed. Left out: as before.",
        "Y",
        allowed=("Y", "N"),
    ),
    _P(
        "QueueFlag",
        Kind.STRING,
        "Y: receipts are put in the account's queues. N: they are not. Left out: as before. Both ways may be "
        "on at once.",
        "N",
        allowed=("Y", "N"),
    ),
    _P(
        STATUS_URL,
        Kind.STRING,
        "Where statuses and reviews are pushed: http or https, to an address of the public internet.",
        "https://shop.example.com/status",
        required_when=("HttpFlag", "Y"),
        longest=_LONGEST_URL,
    ),
)
_INBOUND = _P(
    INBOUND_URL,
    Kind.STRING,
    "Where the messages of users are pushed.",
    "https://shop.example.com/inbound",
    longest=_LONGEST_URL,
)

QUERY = Operation(
    name="QueryChatappPhoneNumbers",
    summary="Lists the account's WhatsApp numbers and where their receipts go.",
    source=SOURCE + "querychatappphonenumbers",
    parameters=(
        _SPACE._replace(
            required=False,
            description="The space whose receipts are meant. The numbers are the same in all of them.",
            default="the default space",
        ),
        _P("Status", Kind.STRING, "Lists numbers with that Status.", _CONNECTED),
        *OWNERS,
        *without_effect("IsvCode"),
    ),
    answer=(
        SUCCESS,
        Member(
            "PhoneNumbers",
            "The numbers, in their order.",
            kind="array",
            members=(
                Member("PhoneNumber", "The number, digits only.", "15550001111"),
                Member("Status", "Always CONNECTED.", _CONNECTED),
                Member("VerifiedName", "The account's name.", "Acme"),
                Member("NameStatus", "Always APPROVED.", "APPROVED"),
                Member("CodeVerificationStatus", "Always VERIFIED.", "VERIFIED"),
                Member("QualityRating", "Always UNKNOWN: only Meta knows it.", "UNKNOWN"),
                Member(STATUS_URL, "Where statuses are pushed; empty for nowhere.", "https://..."),
                Member(INBOUND_URL, "Where messages of users are pushed; empty for nowhere.", "https://..."),
                Member(
                    "StatusQueue",
                    "The queue statuses are put in; empty for none.",
                    "Alicom-Queue-acme-ChatAppStatus",
                ),
                Member(
                    "UpQueue",
                    "The queue messages of users are put in; empty for none.",
                    "Alicom-Queue-acme-ChatAppInbound",
                ),
            ),
        ),
    ),
    errors=ANY_CALL,
)
UPDATE_PHONE = Operation(
    name="UpdatePhoneWebhook",
    summary="Sets where the receipts of one sender go, in whatever space its messages are sent.",
    source=SOURCE + "updatephonewebhook",
    parameters=(_SPACE, _NUMBER, *_FLAGS, _INBOUND, *OWNERS),
    answer=(),
    errors=ANY_CALL,
)
UPDATE_ACCOUNT = Operation(
    name="UpdateAccountWebhook",
    summary="Sets where the receipts of a space go, of all senders that have no setting of their own.",
    source=SOURCE + "updateaccountwebhook",
    parameters=(_SPACE, *_FLAGS, *OWNERS),
    answer=(),
    errors=ANY_CALL,
)


def query(request: Request) -> Result:
    """Lists the numbers.

    Raises:
        ApiError: the call's faults.
    """
    texts = _read(QUERY, request)
    configuration, account_id = request.configuration, request.caller.account_id
    rows = [
        _row(request, sender, texts.get("CustSpaceId", ""))
        for sender in sorted(configuration.senders().values(), key=lambda sender: sender.id)
        if sender.account_id == account_id
        and sender.channel == "whatsapp"
        and texts.get("Status", _CONNECTED) == _CONNECTED
    ]
    return Result({"Success": True, "PhoneNumbers": rows})


def update_phone(request: Request) -> Result:
    """Sets where the receipts of a sender go.

    Raises:
        ApiError: the call's faults.
    """
    texts = _read(UPDATE_PHONE, request)
    account_id = request.caller.account_id
    number = texts["PhoneNumber"].removeprefix("+")
    named = [
        ReceiptSettings(account_id=account_id, channel=sender.channel, sender_id=sender.id)
        for sender in request.configuration.senders().values()
        if sender.account_id == account_id and sender.id == number and sender.channel != _FALLBACK_ONLY
    ]
    if not named:
        raise from_faults([not_yours("PhoneNumber", texts["PhoneNumber"], "a sender")])
    return _set(named, texts)


def update_account(request: Request) -> Result:
    """Sets where the receipts of a space go.

    Raises:
        ApiError: the call's faults.
    """
    texts = _read(UPDATE_ACCOUNT, request)
    return _set([ReceiptSettings(account_id=request.caller.account_id, space_id=texts["CustSpaceId"])], texts)


def _read(operation: Operation, request: Request) -> dict[str, str]:
    texts, _, faults = operation.read(request.given)
    faults += space_faults(request, texts)
    for name in (STATUS_URL, INBOUND_URL):
        wrong = url_error(texts[name]) if name in texts else None
        if wrong is not None:
            faults.append(Fault(f"Invalid{name}", name, f"{shown(texts[name])} is not allowed; {wrong}"))
    refuse(operation, faults)
    return texts


def _set(whose: Iterable[ReceiptSettings], texts: dict[str, str]) -> Result:
    changes: dict[str, Any] = {
        name: texts[flag] == "Y"
        for name, flag in (("http", "HttpFlag"), ("queue", "QueueFlag"))
        if flag in texts
    }
    changes |= {
        name: texts[url]
        for name, url in (("status_url", STATUS_URL), ("inbound_url", INBOUND_URL))
        if url in texts
    }
    empty = list(whose)

    def write(transaction: Transaction) -> None:
        # What is set now is read here: another call may have set something else in the same moment.
        now_set = [_as_set(transaction.entry(entry_key(one)), one) for one in empty]
        transaction.put_entries([msgspec.structs.replace(one, **changes) for one in now_set], ORIGIN)

    return Result({}, write, reconfigures=True)


def _as_set(entry: Entry | None, empty: ReceiptSettings) -> ReceiptSettings:
    """What is set, or nothing: a sender may have been another account's before."""
    if isinstance(entry, ReceiptSettings) and entry.account_id == empty.account_id:
        return entry
    return empty


def _row(request: Request, sender: Sender, space_id: str) -> dict[str, Any]:
    subject = Subject(sender.account_id, space_id, sender.channel, sender.id)
    status = destination(request.configuration, subject, STATUS_KIND)
    inbound = destination(request.configuration, subject, INBOUND_KIND)
    return {
        "PhoneNumber": sender.id,
        "Status": _CONNECTED,
        "VerifiedName": request.configuration.accounts[sender.account_id].name,
        "NameStatus": "APPROVED",
        "CodeVerificationStatus": "VERIFIED",
        "QualityRating": "UNKNOWN",
        STATUS_URL: status.url,
        INBOUND_URL: inbound.url,
        "StatusQueue": status.queue,
        "UpQueue": inbound.queue,
    }


ENDPOINTS = (
    Endpoint(QUERY, query),
    Endpoint(UPDATE_PHONE, update_phone),
    Endpoint(UPDATE_ACCOUNT, update_account),
)
