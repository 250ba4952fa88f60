"""The operations on spaces, which the API calls instances: made, changed, shown, listed and deleted.

An InstanceId is the CustSpaceId of the other operations. A space that the operator's configuration declares
can be used like any other, and only be changed there.
"""

import secrets
import string
from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.api.description import Kind, Member, Operation, Parameter, without_effect
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.operations.endpoint import Endpoint, Request, Result, space_or_account_resource
from waypost.api.operations.recurring import (
    ANY_CALL,
    NOT_YOURS,
    ORIGIN,
    PAGE_ROWS,
    SOURCE,
    SUCCESS,
    change_entry,
    declared_fault,
    not_yours,
    page_asked,
    texts_of,
)
from waypost.model.configuration import Space
from waypost.model.faults import Fault
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

CHANNEL_TYPES = ("WHATSAPP", "VIBER", "MESSENGER", "INSTAGRAM", "TELEGRAM", "LINE")
_LONGEST = 1024
_ALPHABET = string.ascii_lowercase + string.digits
_DETAILS = ("CountryId", "OfficeAddress", "ContactMail", "FacebookBmId", "IsvTerms", "ResourceGroupId")
_P = Parameter

_ID = _P(
    "InstanceId",
    Kind.STRING,
    "The space, as CustSpaceId names it.",
    "cams-8x1k0aq4m2zd",
    required=True,
    invalid=NOT_YOURS,
)
_NAME = _P(
    "InstanceName",
    Kind.STRING,
    "What the space is called.",
    "Shop",
    required=True,
    longest=128,
    one_line=True,
)
_CHANNEL = _P(
    "ChannelType", Kind.STRING, "The channel the space is meant for.", "VIBER", allowed=CHANNEL_TYPES
)
_DESCRIPTION = _P(
    "InstanceDescription",
    Kind.STRING,
    "A description of it.",
    "For the shop's customers",
    longest=_LONGEST,
)
_KEPT = tuple(_P(name, Kind.STRING, "Kept and shown again.", "-", longest=_LONGEST) for name in _DETAILS)


_MEMBERS = (
    Member("InstanceId", "The space.", "cams-8x1k0aq4m2zd"),
    Member("InstanceName", "Its name.", "Shop"),
    Member("ChannelType", "Its channel.", "VIBER"),
    Member("InstanceDescription", "Its description.", ""),
    Member("ResourceRegionId", "Always empty.", ""),
    Member("SubmitTime", "When it was made, milliseconds UTC, as a text.", "1763869568000"),
)
_ALL_MEMBERS = (*_MEMBERS, *(Member(name, "As it was given.", "") for name in _DETAILS))
_ONE = Member("Data", "The space.", kind="object", members=_MEMBERS)

CREATE = Operation(
    name="CreateInstance",
    summary="Makes a space.",
    source=SOURCE + "createinstance",
    parameters=(
        _CHANNEL._replace(required=True),
        _NAME,
        _DESCRIPTION,
        *_KEPT,
        *without_effect("IsConfirmAudit"),
    ),
    answer=(SUCCESS, _ONE),
    errors=ANY_CALL,
)
UPDATE = Operation(
    name="UpdateInstance",
    summary="Changes a space; what is left out stays.",
    source=SOURCE + "updateinstance",
    parameters=(_ID, _NAME, _DESCRIPTION, *_KEPT, *without_effect("IsConfirmAudit")),
    answer=(SUCCESS, _ONE),
    errors=(*ANY_CALL, "InvalidInstanceId"),
)
QUERY = Operation(
    name="QueryInstance",
    summary="Shows a space.",
    source=SOURCE + "queryinstance",
    parameters=(_ID,),
    answer=(SUCCESS, Member("Data", "The space.", kind="object", members=_ALL_MEMBERS)),
    errors=(*ANY_CALL, "InvalidInstanceId"),
)
LIST = Operation(
    name="ListInstance",
    summary="Lists the account's spaces, those declared by the operator first, then by their age.",
    source=SOURCE + "listinstance",
    parameters=(
        _CHANNEL._replace(description="Lists spaces of that channel; declared ones are of every channel."),
        _ID._replace(required=False, invalid="", description="Lists that one space."),
        _NAME._replace(required=False, longest=None, description="Lists spaces whose name holds that text."),
        _P("FilterStr", Kind.STRING, "Lists spaces whose name or InstanceId holds that text.", "Shop"),
        *PAGE_ROWS,
        *without_effect("BindId", "IsBind", "ResourceGroupId", "SubmitTime"),
    ),
    answer=(
        SUCCESS,
        Member("TotalCount", "How many there are on all pages.", kind="integer"),
        Member(
            "Data",
            "The spaces.",
            kind="array",
            members=(
                *_ALL_MEMBERS,
                Member("CustSpaceId", "The InstanceId.", "cams-8x1k0aq4m2zd"),
                Member("State", "Always normal.", "normal"),
            ),
        ),
    ),
    errors=ANY_CALL,
)
DELETE = Operation(
    name="DeleteInstance",
    summary="Deletes a space. Messages that were sent in it stay.",
    source=SOURCE + "deleteinstance",
    parameters=(_ID,),
    answer=(SUCCESS,),
    errors=(*ANY_CALL, "InvalidInstanceId"),
)


def create(request: Request) -> Result:
    """Makes a space.

    Raises:
        ApiError: the call's faults.
    """
    texts = texts_of(CREATE, request)
    space = Space(
        id="cams-" + "".join(secrets.choice(_ALPHABET) for _ in range(12)),
        account_id=request.caller.account_id,
        channel=texts["ChannelType"],
        name=texts["InstanceName"],
        description=texts.get("InstanceDescription", ""),
        details={name: texts[name] for name in _DETAILS if name in texts},
        created_at=request.now,
    )

    def write(transaction: Transaction) -> None:
        transaction.put_entries([space], ORIGIN)

    return Result({"Success": True, "Data": _row(space)}, write, reconfigures=True)


def update(request: Request) -> Result:
    """Changes a space.

    Raises:
        ApiError: the call's faults.
    """
    texts = texts_of(UPDATE, request)
    space = _changeable(request, texts)
    given = {name: texts[name] for name in _DETAILS if name in texts}

    def change(current: Space) -> Space:
        return msgspec.structs.replace(
            current,
            name=texts["InstanceName"],
            description=texts.get("InstanceDescription", current.description),
            details=current.details | given,
        )

    return change_entry(space, change, _row, _not_there(space.id))


def query(request: Request) -> Result:
    """Shows a space.

    Raises:
        ApiError: the call's faults.
    """
    space = _own(request, texts_of(QUERY, request))
    return Result({"Success": True, "Data": _row(space) | _details(space)})


def list_(request: Request) -> Result:
    """Lists spaces.

    Raises:
        ApiError: the call's faults.
    """
    texts, numbers, faults = LIST.read(request.given)
    refuse(LIST, faults)
    page = page_asked(numbers)
    hold_data_folder = texts.get("FilterStr", "")
    found = [
        space
        for space in request.configuration.spaces(request.caller.account_id)
        if (space.declared or texts.get("ChannelType", space.channel) == space.channel)
        and texts.get("InstanceId", space.id) == space.id
        and texts.get("InstanceName", "") in space.name
        and (hold_data_folder in space.name or hold_data_folder in space.id)
    ]
    rows = [
        _row(space) | _details(space) | {"CustSpaceId": space.id, "State": "normal"}
        for space in found[page.skipped : page.skipped + page.size]
    ]
    return Result({"Success": True, "TotalCount": len(found), "Data": rows})


def delete(request: Request) -> Result:
    """Deletes a space.

    Raises:
        ApiError: the call's faults.
    """
    space = _changeable(request, texts_of(DELETE, request))
    keys = [entry_key(space)]
    return Result({"Success": True}, lambda transaction: transaction.remove_entries(keys), reconfigures=True)


def _own(request: Request, texts: Mapping[str, str]) -> Space:
    space = request.configuration.space(request.caller.account_id, texts["InstanceId"])
    if space is None:
        raise from_faults([_not_there(texts["InstanceId"])])
    return space


def _not_there(space_id: str) -> Fault:
    return not_yours("InstanceId", space_id, "a space")


def _changeable(request: Request, texts: Mapping[str, str]) -> Space:
    space = _own(request, texts)
    if space.declared:
        raise from_faults([declared_fault("InvalidInstanceId", "InstanceId", space.id)])
    return space


def _row(space: Space) -> dict[str, Any]:
    return {
        "InstanceId": space.id,
        "InstanceName": space.name,
        "ChannelType": space.channel,
        "InstanceDescription": space.description,
        "ResourceRegionId": "",
        "SubmitTime": str(space.created_at),
    }


def _details(space: Space) -> dict[str, str]:
    return {name: space.details.get(name, "") for name in _DETAILS}


ENDPOINTS = (
    Endpoint(CREATE, create),
    Endpoint(UPDATE, update),
    Endpoint(QUERY, query),
    Endpoint(LIST, list_, resources=space_or_account_resource),
    Endpoint(DELETE, delete),
)
