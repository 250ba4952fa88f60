"""SendChatappMassMessage: one template to up to 1,000 recipients, accepted whole or refused whole.

Each recipient's message is composed by the rules of the single send; only the list itself is read here.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import msgspec

from waypost.api.description import Kind, Member, Operation, Parameter, shown
from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.messages.client_token import CLIENT_TOKEN, idempotent
from waypost.api.operations.messages.send_chatapp_message import compose, unwanted
from waypost.api.operations.messages.send_description import SEND_CHATAPP_MESSAGE
from waypost.messaging.acceptance import accept_message
from waypost.model.faults import Fault
from waypost.model.message.message import Message
from waypost.storage.contract import Transaction

MOST_RECIPIENTS = 1000
_CALLS_PER_SECOND = 10
# A call with 1,000 bad numbers is told of the first ones: an error is read by a person.
_MOST_FAULTS_TOLD = 10
# A call to 1,000 takes a tenth of a second: others get their turn in between.
_AT_A_TIME = 50
_OF_RECIPIENT = (
    "To",
    "TemplateParams",
    "Payload",
    "FlowAction",
    "ProductAction",
    "RecipientType",
    "FallBackTo",
)
_LIST = "SenderList"

_SINGLE = {row.name: row for row in SEND_CHATAPP_MESSAGE.parameters}
_CODES_OF_RECIPIENT = tuple(code for name in _OF_RECIPIENT for code in _SINGLE[name].codes)
_SHARED = (
    "ChannelType",
    "TemplateCode",
    "TemplateName",
    "Language",
    "From",
    "FallBackId",
    "FallBackContent",
    "FallBackDuration",
    "FallBackRule",
    "CustSpaceId",
    "Label",
    "Ttl",
    "Tag",
    "TaskId",
)
_DIFFERS: dict[str, dict[str, Any]] = {
    "TemplateCode": {"required_for": "every call, unless TemplateName names the template"},
    "Language": {"required": True, "required_when": None, "description": "The language of the template."},
    "TaskId": {"description": "The caller's own id, returned in the callbacks of every recipient."},
}

SEND_CHATAPP_MASS_MESSAGE = Operation(
    name="SendChatappMassMessage",
    summary="Sends one template to up to 1,000 recipients, each with values of its own: all of them or none.",
    source="https://www.alibabacloud.com/help/en/chatapp/user-guide/use-chat-app-to-send-viber-messages-in-batches",
    parameters=(
        *(_SINGLE[name]._replace(**_DIFFERS.get(name, {})) for name in _SHARED),
        Parameter(
            _LIST,
            Kind.LIST,
            f"The recipients, at most {MOST_RECIPIENTS}: a JSON list of objects with To and, where the "
            "template has variables, TemplateParams; also Payload, FlowAction, ProductAction, RecipientType "
            "and FallBackTo, as SendChatappMessage has them. A number that stands there twice gets two "
            "messages.",
            '[{"To":"8613900000000","TemplateParams":{"name":"Zoe","code":"1234"}}]',
            required=True,
        ),
        CLIENT_TOKEN,
        *(row for row in SEND_CHATAPP_MESSAGE.parameters if row.ignored),
    ),
    answer=(
        Member(
            "GroupMessageId",
            "Names the whole; each recipient's message has a MessageId of its own, told in its callbacks and "
            "listed by ListChatappMessage.",
            "2026112303460800000100000",
        ),
    ),
    errors=tuple(
        code
        for code in (*SEND_CHATAPP_MESSAGE.errors, *_CODES_OF_RECIPIENT)
        if code not in ("InvalidParameter.TextNotEmpty", "InvalidParameter.LinkNotEmpty")
    ),
)

_decode_recipients = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode


async def prepare_all(request: Request) -> tuple[str, list[Message]]:
    """The GroupMessageId and the messages that a call asks for, in the order of its list.

    Raises:
        ApiError: the code of the first fault; the message tells of the call's own faults and of the first
            recipients' ones, each by its place in the list (`SenderList[17].To`).
    """
    given = {name: request.given[name] for name in _SHARED if name in request.given}
    recipients, faults = _recipients(request.given.get(_LIST))
    group_id = request.next_message_id(request.now)
    messages: list[Message] = []
    # Without a usable list the call's own faults are still told, as a recipient's message would meet them.
    for place, recipient in enumerate(recipients or [{}]):
        if place % _AT_A_TIME == _AT_A_TIME - 1:
            await asyncio.sleep(0)
        message, found = compose(
            {**given, "Type": "template", **recipient},
            request.caller.account_id,
            request.configuration,
            message_id=request.next_message_id(request.now),
            now=request.now,
            default_ttl=request.default_ttl,
            group_id=group_id,
        )
        if message is not None:
            messages.append(message)
        own = [fault for fault in found if fault.parameter not in _OF_RECIPIENT]
        # What is wrong with the call is wrong with every recipient: it is told once.
        faults += own if place == 0 else []
        if recipients:
            faults += [_of_place(fault, place) for fault in found if fault.parameter in _OF_RECIPIENT]
    if faults:
        raise from_faults(_told(SEND_CHATAPP_MASS_MESSAGE.in_order(faults)))
    return group_id, messages


def _recipients(text: str | None) -> tuple[list[dict[str, str]], list[Fault]]:
    """The parameters of each recipient, as the single send takes them."""
    if not text or text == "[]":
        return [], [Fault(f"Missing{_LIST}", _LIST, "it is missing or empty; every call needs recipients.")]
    try:
        listed = _decode_recipients(text)
    # Lone surrogates and deep nesting raise errors of their own.
    except (ValueError, RecursionError):
        needed = 'a JSON list of objects is needed, like [{"To":"8613900000000"}]'
        return [], [Fault(f"Invalid{_LIST}", _LIST, f"{shown(text)} is not allowed; {needed}.")]
    if len(listed) > MOST_RECIPIENTS:
        counted = f"it has {len(listed)} recipients; at most {MOST_RECIPIENTS} are allowed."
        return [], [Fault(f"Invalid{_LIST}", _LIST, counted)]
    return [_as_parameters(recipient) for recipient in listed], []


def _as_parameters(recipient: Mapping[str, msgspec.Raw]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name in _OF_RECIPIENT:
        literal = bytes(recipient[name]).decode() if name in recipient else "null"
        if literal.startswith('"'):
            given[name] = msgspec.json.decode(literal, type=str)
        elif literal != "null":
            given[name] = literal
    return given


def _of_place(fault: Fault, place: int) -> Fault:
    path = f"{_LIST}[{place}].{fault.parameter}"
    told = fault.message
    # A fault that begins with the name of its parameter begins with the whole path instead.
    told = path + told[len(fault.parameter) :] if told.startswith(fault.parameter) else told
    return fault._replace(parameter=path, message=told)


def _told(faults: Sequence[Fault]) -> list[Fault]:
    if len(faults) <= _MOST_FAULTS_TOLD:
        return list(faults)
    *first, last = faults[:_MOST_FAULTS_TOLD]
    more = f"{last.message} And {len(faults) - _MOST_FAULTS_TOLD} faults more."
    return [*first, last._replace(message=more)]


def handle(request: Request) -> Result | Awaitable[Result]:
    """Accepts all messages of one call in one transaction.

    Raises:
        ApiError: the call's faults; nothing was accepted.
    """
    return idempotent(request, SEND_CHATAPP_MASS_MESSAGE, _accept)


async def _accept(request: Request) -> Result:
    group_id, messages = await prepare_all(request)
    if messages[0].promotional:
        faults = [_of_place(fault, place) for place, fault in await unwanted(request, messages)]
        if faults:
            raise from_faults(_told(faults))

    def write(transaction: Transaction) -> None:
        for message in messages:
            accept_message(transaction, message)

    return Result({"GroupMessageId": group_id}, write)


ENDPOINTS = (Endpoint(SEND_CHATAPP_MASS_MESSAGE, handle, _CALLS_PER_SECOND),)
