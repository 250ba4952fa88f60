"""SendChatappMassMessage: sends one template to up to 1,000 recipients; all are accepted, or none.

Each message is composed by the rules of SendChatappMessage; only the list itself is decoded here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Annotated

import msgspec

from waypost.api.description import Decoded, Operation, Parameter, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.limits import MOST_RECIPIENTS
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.messages import send_chatapp_message
from waypost.api.operations.messages.client_token import ClientToken, idempotent
from waypost.api.operations.messages.send_chatapp_message import compose, suppression_faults
from waypost.api.operations.messages.send_parameters import (
    LANGUAGE,
    TASK_ID,
    TEMPLATE,
    TEMPLATE_CODE,
    UNDELIVERED,
    ChannelType,
    CustSpaceId,
    FallBackContent,
    FallBackDuration,
    FallBackId,
    FallBackRule,
    From,
    LabelParameter,
    Tag,
    TemplateName,
    Ttl,
)
from waypost.messaging.acceptance import Accept
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE, MessageId
from waypost.model.message.message import Message
from waypost.model.message.sms_limits import SmsLimits
from waypost.storage.contract import Store

_CALLS_PER_SECOND = 10
# A call with 1,000 invalid numbers lists only the first ones: a person reads the error.
_MOST_FAULTS = 10
# A call with 1,000 recipients takes about 0.1 s: it yields to other calls after this many.
_BATCH_SIZE = 50
_OF_RECIPIENT = (
    "To",
    "TemplateParams",
    "Payload",
    "FlowAction",
    "ProductAction",
    "RecipientType",
    "FallBackTo",
)
"""The parameters of SendChatappMessage that each recipient sets for itself."""
_LIST = "SenderList"
_EMPTY_LIST = Fault(codes.missing(_LIST), _LIST, "it is missing or empty", "every call needs recipients")
_SINGLE = send_chatapp_message.OPERATION
_SINGLE_ROWS = {row.name: row for row in _SINGLE.parameters}

_decode_recipients = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode


def decode_sender_list(text: str) -> Decoded:
    """Decodes SenderList into the raw parameters of SendChatappMessage for each recipient."""
    try:
        recipients = _decode_recipients(text)
    # Lone surrogates raise UnicodeEncodeError, deep nesting RecursionError.
    except (ValueError, RecursionError):
        allowed = 'a JSON list of objects is needed, like [{"To":"8613900000000"}]'
        return (), [Fault(codes.invalid(_LIST), _LIST, "is not allowed", allowed, text)]
    if not recipients:
        return (), [_EMPTY_LIST]
    if len(recipients) > MOST_RECIPIENTS:
        problem, allowed = f"it has {len(recipients)} recipients", f"at most {MOST_RECIPIENTS} are allowed"
        return (), [Fault(codes.invalid(_LIST), _LIST, problem, allowed)]
    return [_as_parameters(recipient) for recipient in recipients], ()


def _as_parameters(recipient: Mapping[str, msgspec.Raw]) -> dict[str, str]:
    raw_params: dict[str, str] = {}
    for name in _OF_RECIPIENT:
        literal = bytes(recipient[name]).decode() if name in recipient else "null"
        if literal.startswith('"'):
            raw_params[name] = msgspec.json.decode(literal, type=str)
        elif literal != "null":
            raw_params[name] = literal
    return raw_params


class SendChatappMassMessageParams(Params, frozen=True):
    """The template and the recipients."""

    channel_type: ChannelType = ""
    template_code: Annotated[
        str, TEMPLATE_CODE._replace(required_for="every call, unless TemplateName names the template")
    ] = ""
    template_name: TemplateName = ""
    language: Annotated[
        str,
        LANGUAGE._replace(required=True, required_when=None, description="The language of the template."),
    ] = ""
    sender: From = ""
    fall_back_id: FallBackId = ""
    fall_back_content: FallBackContent = ""
    fall_back_duration: FallBackDuration = None
    fall_back_rule: FallBackRule = UNDELIVERED
    cust_space_id: CustSpaceId = NO_SPACE
    label: LabelParameter = None
    ttl: Ttl = None
    tag: Tag = ""
    task_id: Annotated[
        str,
        TASK_ID._replace(description="The caller's own id, returned in the callbacks of every recipient."),
    ] = ""
    sender_list: Annotated[
        Sequence[Mapping[str, str]],
        Parameter(
            _LIST,
            f"The recipients, at most {MOST_RECIPIENTS}: a JSON list of objects with To and, where the "
            "template has variables, TemplateParams; also Payload, FlowAction, ProductAction, RecipientType "
            "and FallBackTo, as SendChatappMessage has them. A number that stands there twice gets two "
            "messages.",
            '[{"To":"8613900000000","TemplateParams":{"name":"Zoe","code":"1234"}}]',
            required=True,
            decode=decode_sender_list,
        ),
    ] = ()
    client_token: ClientToken = ""


class SendChatappMassMessageAnswer(Answer, frozen=True):
    """The answer with the id of the accepted group."""

    group_message_id: Annotated[
        str,
        member(
            "Names the whole; each recipient's message has a MessageId of its own, shown in its callbacks "
            "and listed by ListChatappMessage.",
            "2026112303460800000100000",
        ),
    ]


OPERATION = Operation(
    "SendChatappMassMessage",
    "Sends one template to up to 1,000 recipients, each with values of its own: all of them or none.",
    SendChatappMassMessageParams,
    SendChatappMassMessageAnswer,
    errors=tuple(
        code
        for code in (
            *_SINGLE.errors,
            *(code for name in _OF_RECIPIENT for code in _SINGLE_ROWS[name].codes),
        )
        if code not in (*_SINGLE.product.any_call, codes.TEXT_NOT_EMPTY, codes.LINK_NOT_EMPTY)
    ),
    source="https://www.alibabacloud.com/help/en/chatapp/user-guide/use-chat-app-to-send-viber-messages-in-batches",
    ignored=tuple(row for row in _SINGLE.parameters if row.ignored),
)
_SHARED = tuple(
    row.name for row in OPERATION.parameters if row.name not in (_LIST, "ClientToken") and not row.ignored
)
"""The parameters of SendChatappMessage that all recipients share."""


async def compose_all(
    request: Request[SendChatappMassMessageParams],
    next_message_id: Callable[[int], MessageId],
    default_ttl: int,
    sms_limits: SmsLimits,
) -> tuple[str, list[Message]]:
    """The GroupMessageId and the messages of a call, in the order of its list.

    Raises:
        ApiError: with the code of the first fault; its message lists the faults of the call and of the first
            invalid recipients, each with its index in the list (`SenderList[17].To`).
    """
    shared = {name: request.raw_params[name] for name in _SHARED if name in request.raw_params} | {
        "Type": TEMPLATE
    }
    recipients, faults = request.params.sender_list, _list_faults(request)
    account_id, now = request.caller.account_id, request.now
    group_id, on_record = next_message_id(now), request.on_record()
    messages: list[Message] = []
    # Without a valid list the shared parameters are still checked, as for one recipient.
    for index, recipient in enumerate(recipients or [{}]):
        if index % _BATCH_SIZE == _BATCH_SIZE - 1:
            await asyncio.sleep(0)
        params, call_faults = _SINGLE.read({**shared, **recipient})
        message, call_faults = compose(
            params,
            call_faults,
            account_id,
            request.configuration,
            message_id=next_message_id(now),
            now=now,
            default_ttl=default_ttl,
            sms_limits=sms_limits,
            group_id=group_id,
            call=on_record,
        )
        if message is not None:
            messages.append(message)
            continue
        # A fault of a shared parameter recurs for every recipient: it is listed once.
        faults += (
            [fault for fault in call_faults if fault.parameter not in _OF_RECIPIENT] if index == 0 else []
        )
        if recipients:
            faults += [_at_index(fault, index) for fault in call_faults if fault.parameter in _OF_RECIPIENT]
    if faults:
        raise from_faults(_first_of(OPERATION.in_order(faults)))
    return group_id, messages


def _list_faults(request: Request[SendChatappMassMessageParams]) -> list[Fault]:
    """The faults of SenderList itself; the shared parameters are checked with each recipient."""
    if not request.raw_params.get(_LIST):
        return [_EMPTY_LIST]
    return [fault for fault in request.faults if fault.parameter == _LIST]


def _at_index(fault: Fault, index: int) -> Fault:
    path = f"{_LIST}[{index}].{fault.parameter}"
    problem = fault.problem
    # If the problem begins with the name of the parameter, the path replaces the name.
    problem = path + problem[len(fault.parameter) :] if problem.startswith(fault.parameter) else problem
    return fault._replace(parameter=path, problem=problem)


def _first_of(faults: Sequence[Fault]) -> list[Fault]:
    """The first faults; the last of them says how many more there are."""
    if len(faults) <= _MOST_FAULTS:
        return list(faults)
    *first, last = faults[:_MOST_FAULTS]
    sentence = f"{last.message} And {len(faults) - _MOST_FAULTS} faults more"
    return [*first, Fault(last.code, last.parameter, sentence)]


def handle(
    request: Request[SendChatappMassMessageParams],
    store: Store,
    next_message_id: Callable[[int], MessageId],
    default_ttl: int,
    sms_limits: SmsLimits,
    accept: Accept,
) -> Result[SendChatappMassMessageAnswer] | Awaitable[Result[SendChatappMassMessageAnswer]]:
    """Accepts all messages of a call in one transaction.

    Raises:
        ApiError: a parameter is invalid; no message was accepted.
    """
    return idempotent(
        request, store, partial(_accept, request, store, next_message_id, default_ttl, sms_limits, accept)
    )


async def _accept(
    request: Request[SendChatappMassMessageParams],
    store: Store,
    next_message_id: Callable[[int], MessageId],
    default_ttl: int,
    sms_limits: SmsLimits,
    accept: Accept,
) -> Result[SendChatappMassMessageAnswer]:
    group_id, messages = await compose_all(request, next_message_id, default_ttl, sms_limits)
    if messages[0].promotional:
        faults = [_at_index(fault, index) for index, fault in await suppression_faults(store, messages)]
        if faults:
            raise from_faults(_first_of(faults))

    accepted = [accept(message, request.configuration) for message in messages]

    def settled(written: bool) -> None:
        for each in accepted:
            if each.settled is not None:
                each.settled(written)

    commands = [command for each in accepted for command in each.commands]
    answer = SendChatappMassMessageAnswer(group_message_id=group_id)
    return Result(answer, commands=commands, settled=settled)


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND, accepts_messages=True)
