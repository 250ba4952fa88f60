"""The operations on the suppression list: people put on it, taken off it, and listed. Waypost's own."""

from collections.abc import Mapping
from typing import Any

from waypost.api.description import Kind, Member, Operation, Parameter, shown
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.recurring import (
    ANY_CALL,
    NOT_YOURS,
    OWNERS,
    PAGE_ROWS,
    SUCCESS,
    page_asked,
    sender_faults,
)
from waypost.model.addresses import ADDRESSES, OWN_IDS, PHONE_CHANNEL, read_to
from waypost.model.faults import Fault
from waypost.model.message.suppression import ANY, OptOutReason, Suppression
from waypost.storage.contract import Transaction

_CHANNELS = ("sms", *ADDRESSES)
_P = Parameter

_CHANNEL = _P(
    "ChannelType",
    Kind.STRING,
    "The channel.",
    "viber",
    allowed=_CHANNELS,
    invalid="InvalidParameter.ChannelTypeNotSupport",
    default="every channel whose recipients are phone numbers",
)
_FROM = _P(
    "From",
    Kind.STRING,
    "The sender that the person does not want to hear of; it needs ChannelType.",
    "20001",
    invalid=NOT_YOURS,
    default="every sender of the account",
)
_TO = _P(
    "To",
    Kind.STRING,
    "The person: a phone number in E.164 digits without +, or the id that the channel has of them.",
    "8613900000000",
    required=True,
    invalid="InvalidParameter.PhoneNumberError",
)

CREATE = Operation(
    name="CreateSuppression",
    summary="Puts a person on the suppression list: promotions to them are refused, transactions are not. "
    "One who is there already stays as they are.",
    source="",
    parameters=(_TO, _CHANNEL, _FROM, *OWNERS),
    answer=(SUCCESS,),
    errors=(*ANY_CALL, "InvalidParameter.ToOnlyNumeric", "MissingChannelType"),
)
DELETE = Operation(
    name="DeleteSuppression",
    summary="Takes a person off the suppression list: the very entry, as ListSuppressions shows it.",
    source="",
    parameters=(_TO, _CHANNEL, _FROM, *OWNERS),
    answer=(SUCCESS,),
    errors=(*ANY_CALL, NOT_YOURS, "InvalidParameter.ToOnlyNumeric", "MissingChannelType"),
)
LIST = Operation(
    name="ListSuppressions",
    summary="Lists the suppression list, the oldest entries first: who is added meanwhile comes last.",
    source="",
    parameters=(
        _TO._replace(required=False, invalid="", description="Lists that one person."),
        _CHANNEL._replace(description="Lists the entries of that channel.", default="all of them"),
        _FROM._replace(description="Lists the entries of that sender.", invalid="", default="all of them"),
        *PAGE_ROWS,
        *OWNERS,
    ),
    answer=(
        SUCCESS,
        Member(
            "Data",
            "The entries; a page with fewer rows than PageSize is the last one.",
            kind="array",
            members=(
                Member("To", "The person.", "8613900000000"),
                Member("ChannelType", "The channel; empty for all that have phone numbers.", "viber"),
                Member("From", "The sender; empty for all of the account's.", "20001"),
                Member("Reason", "stop_word, provider or call.", "stop_word"),
                Member("Detail", "The word they wrote, or the provider's code.", "STOP"),
                Member("CreateTime", "Since when, milliseconds UTC.", kind="integer"),
            ),
        ),
    ),
    errors=ANY_CALL,
)


def create(request: Request) -> Result:
    """Puts a person on the list.

    Raises:
        ApiError: the call's faults.
    """
    channel, sender, recipient = _read(CREATE, request)
    entry = Suppression(
        account_id=request.caller.account_id,
        channel=channel,
        sender=sender,
        recipient=recipient,
        reason=OptOutReason.CALL,
        at=request.now,
    )

    def write(transaction: Transaction) -> None:
        transaction.suppressions.add(entry)

    return Result({"Success": True}, write)


def delete(request: Request) -> Result:
    """Takes a person off the list.

    Raises:
        ApiError: the call's faults; there is no such entry.
    """
    channel, sender, recipient = _read(DELETE, request)

    def write(transaction: Transaction) -> None:
        if not transaction.suppressions.remove(request.caller.account_id, channel, sender, recipient):
            text = f"{shown(recipient)} is not on this account's list with this ChannelType and From."
            raise from_faults([Fault(NOT_YOURS, "To", text)])

    return Result({"Success": True}, write)


async def list_(request: Request) -> Result:
    """Lists a page.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers, faults = LIST.read(request.given)
    refuse(LIST, faults)
    page = page_asked(numbers)
    entries = await request.store.suppressions.page(
        request.caller.account_id,
        channel=texts.get("ChannelType", ANY),
        sender=texts.get("From", ANY),
        recipient=texts.get("To", ""),
        skip=page.skipped,
        limit=page.size,
    )
    return Result({"Success": True, "Data": [_row(entry) for entry in entries]})


def _read(operation: Operation, request: Request) -> tuple[str, str, str]:
    """The channel, the sender and the person of a call.

    Raises:
        ApiError: its faults.
    """
    texts, _, faults = operation.read(request.given)
    channel, sender, recipient = texts.get("ChannelType", ANY), texts.get("From", ANY), texts.get("To", "")
    if recipient:
        recipient, wrong = read_to(channel if channel in OWN_IDS else PHONE_CHANNEL, recipient)
        faults += wrong
    if sender and not channel:
        faults.append(Fault("MissingChannelType", "ChannelType", "it is missing; From needs it."))
    elif sender:
        faults += sender_faults(request, channel, sender, "From")
    refuse(operation, faults)
    return channel, sender, recipient


def _row(entry: Suppression) -> Mapping[str, Any]:
    return {
        "To": entry.recipient,
        "ChannelType": entry.channel,
        "From": entry.sender,
        "Reason": entry.reason.value,
        "Detail": entry.detail,
        "CreateTime": entry.at,
    }


ENDPOINTS = (Endpoint(CREATE, create), Endpoint(DELETE, delete), Endpoint(LIST, list_))
