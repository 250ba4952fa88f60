"""SendChatappMessage: accepts one message to one recipient."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated

from waypost.api.description import Operation, Params, without_effect
from waypost.api.errors.catalogue import refuse
from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.messages.client_token import ClientToken, idempotent
from waypost.api.operations.messages.message_body import (
    NO_BODY,
    MessageBody,
    NamedTemplate,
    free_body,
    template_body,
)
from waypost.api.operations.messages.requested_fallback import (
    FALL_BACK_TO,
    NO_FALLBACK_ADDRESSES,
    FallbackRequest,
    requested_fallback,
)
from waypost.api.operations.messages.send_parameters import (
    LANGUAGE,
    MESSAGE,
    SENT_FAILED,
    TASK_ID,
    TEMPLATE,
    TEMPLATE_CODE,
    TEMPLATE_PARAMS,
    UNDELIVERED,
    ChannelType,
    Content,
    ContextMessageId,
    CustSpaceId,
    FallBackContent,
    FallBackDuration,
    FallBackId,
    FallBackRule,
    FallBackTo,
    FlowActionParameter,
    From,
    LabelParameter,
    MessageType,
    Payload,
    ProductActionParameter,
    RecipientType,
    Tag,
    TemplateName,
    TemplateParams,
    To,
    TrackingData,
    Ttl,
    Type,
)
from waypost.api.operations.ownership import OWNER_PARAMETERS, not_owned
from waypost.messaging.acceptance import Accept
from waypost.model import codes
from waypost.model.addresses import INDIVIDUAL, check_from, has_phone, read_to
from waypost.model.channels import CHANNELS
from waypost.model.configuration import Configuration
from waypost.model.content.check import render_plain_text
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_SPACE, AccountId, MessageId, SpaceId
from waypost.model.message.extras import extras_of
from waypost.model.message.free_messages import check_window
from waypost.model.message.labels import Label
from waypost.model.message.message import MARKETING, NOT_ON_RECORD, AcceptedCall, Message
from waypost.model.message.sms_limits import SmsLimits
from waypost.storage.contract import Store


class SendChatappMessageParams(Params, frozen=True):
    """The message to send."""

    channel_type: ChannelType = ""
    type: Type = ""
    message_type: MessageType = ""
    template_code: Annotated[str, TEMPLATE_CODE] = ""
    template_name: TemplateName = ""
    language: Annotated[str, LANGUAGE] = ""
    sender: From = ""
    to: To = ""
    template_params: TemplateParams = {}
    content: Content = ""
    fall_back_id: FallBackId = ""
    fall_back_content: FallBackContent = ""
    fall_back_to: FallBackTo = NO_FALLBACK_ADDRESSES
    fall_back_duration: FallBackDuration = None
    fall_back_rule: FallBackRule = UNDELIVERED
    cust_space_id: CustSpaceId = NO_SPACE
    tracking_data: TrackingData = ""
    label: LabelParameter = None
    ttl: Ttl = None
    tag: Tag = ""
    task_id: Annotated[str, TASK_ID] = ""
    client_token: ClientToken = ""
    payload: Payload = ()
    flow_action: FlowActionParameter = None
    product_action: ProductActionParameter = None
    context_message_id: ContextMessageId = ""
    recipient_type: RecipientType = ""


class SendChatappMessageAnswer(Answer, frozen=True):
    """The answer with the id of the accepted message."""

    message_id: Annotated[
        MessageId,
        member("The message's id: 25 digits that begin with the date.", "2026112303460800000100000"),
    ]


OPERATION = Operation(
    "SendChatappMessage",
    "Sends one message to one recipient: a template or a free message, with SMS fallback if wanted.",
    SendChatappMessageParams,
    SendChatappMessageAnswer,
    errors=(
        codes.UNKNOWN_RESOURCE_OWNER,
        codes.NO_AUTH,
        codes.TEXT_NOT_EMPTY,
        codes.LINK_NOT_EMPTY,
        codes.CONTENT_ERROR,
        codes.FROM_ONLY_NUMERIC,
        codes.TO_ONLY_NUMERIC,
        codes.PHONE_NUMBER_ERROR,
        codes.TO_SUPPRESSED,
        codes.IDEMPOTENT_PARAMETER_MISMATCH,
        codes.SEND_SMS_NOT_SUPPORT,
        codes.invalid("FallBackId"),
        codes.invalid("FallBackContent"),
        codes.WINDOW_CLOSED,
        codes.TEMPLATE_CODE_NOT_EMPTY,
        codes.invalid(TEMPLATE_PARAMS),
        codes.AUDIT_STATUS_NOT_SUPPORT,
    ),
    ignored=(*without_effect("IsvCode", "CustWabaId"), *OWNER_PARAMETERS),
)


_TEMPLATE_NAMES = ("TemplateCode", "TemplateName", "Language")
"""The parameters that name a template: a fault of one is a fault of the template, which may fall back."""


def compose(
    params: SendChatappMessageParams,
    description_faults: Sequence[Fault],
    account_id: AccountId,
    configuration: Configuration,
    *,
    message_id: MessageId,
    now: int,
    default_ttl: int,
    sms_limits: SmsLimits,
    group_id: str = "",
    call: AcceptedCall = NOT_ON_RECORD,
) -> tuple[Message | None, list[Fault]]:
    """Composes the message of a call; if the call has faults, returns None and all faults in the order of the
    reference.

    Args:
        params: the parameters of the call.
        description_faults: the faults found when the parameters were decoded.
        account_id: the account of the caller.
        message_id: the id of the new message.
        now: when it is accepted, milliseconds UTC.
        default_ttl: seconds, for a Viber message without Ttl.
        sms_limits: the limits on fallback SMS.
        group_id: the group of a mass send; empty for a single message.
        call: what the message keeps of its call.
    """
    faults: list[Fault] = []
    template_faults: Sequence[Fault] = ()
    value_faults: Sequence[Fault] = ()
    address_faults: Sequence[Fault] = ()
    if description_faults:
        # Faults of these two parameters are reported only where the parameters have an effect.
        value_faults = [fault for fault in description_faults if fault.parameter == TEMPLATE_PARAMS]
        address_faults = [fault for fault in description_faults if fault.parameter == FALL_BACK_TO]
        conditional = (TEMPLATE_PARAMS, FALL_BACK_TO, *_TEMPLATE_NAMES)
        faults = [fault for fault in description_faults if fault.parameter not in conditional]
        template_faults = [fault for fault in description_faults if fault.parameter in _TEMPLATE_NAMES]
    channel, sender, recipient = params.channel_type, params.sender, params.to
    if channel:
        faults += check_from(channel, sender) if sender else []
        if recipient:
            recipient, to_faults = read_to(channel, recipient, params.recipient_type or INDIVIDUAL)
            faults += to_faults
    body, body_faults = _body(params, value_faults, account_id, configuration)
    body_faults = [*template_faults, *body_faults]
    space_id, owner_faults = _owned(params, account_id, configuration, now)
    faults += owner_faults
    fallback = None
    if params.fall_back_id:
        text = params.fall_back_content or (
            render_plain_text(body.message_type, body.content) if body.content else ""
        )
        fallback, fallback_faults = requested_fallback(
            FallbackRequest(
                policy_id=params.fall_back_id,
                account_id=account_id,
                space_id=space_id,
                channel=channel,
                recipient_is_phone=has_phone(channel, params.recipient_type or INDIVIDUAL),
                text=text,
                label=params.label,
                promotional=params.label is Label.PROMOTION or body.category == MARKETING,
                addresses=params.fall_back_to,
                address_faults=address_faults,
                rule=params.fall_back_rule,
                duration=params.fall_back_duration,
                max_segments=sms_limits.max_segments,
            ),
            configuration,
        )
        faults += fallback_faults
    reason = ""
    if body_faults and fallback is not None and fallback.rule == SENT_FAILED and params.type == TEMPLATE:
        reason = " ".join(f"{fault.parameter}: {fault.message}" for fault in body_faults)
    else:
        faults += body_faults
    if faults:
        return None, OPERATION.in_order(faults)
    ttl = params.ttl or body.ttl or CHANNELS[channel].time_to_live or default_ttl
    message = Message(
        message_id=message_id,
        account_id=account_id,
        space_id=space_id,
        accepted_at=now,
        channel=channel,
        message_type=body.message_type,
        sender=sender,
        recipient=recipient,
        content=body.content,
        template_code=body.template_code,
        template_name=body.template_name,
        language=body.language,
        category=body.category,
        label=str(params.label or ""),
        ttl=ttl,
        tag=params.tag,
        tracking_data=params.tracking_data,
        task_id=params.task_id,
        group_id=group_id,
        fallback=fallback,
        fault=reason,
        template=body.template_call,
        extras=extras_of(
            params.payload,
            params.flow_action,
            params.product_action,
            params.context_message_id,
            params.recipient_type,
        ),
        call=call,
    )
    return message, []


def _body(
    params: SendChatappMessageParams,
    value_faults: Sequence[Fault],
    account_id: AccountId,
    configuration: Configuration,
) -> tuple[MessageBody, list[Fault]]:
    if params.type == TEMPLATE:
        reference = NamedTemplate(
            account_id,
            params.channel_type,
            params.template_code,
            params.template_name,
            params.language,
            params.cust_space_id,
        )
        return template_body(reference, params.template_params, value_faults, params.label, configuration)
    if params.type == MESSAGE and params.channel_type and params.message_type:
        return free_body(params.channel_type, params.message_type, params.content, params.label)
    return NO_BODY, []


def _owned(
    params: SendChatappMessageParams, account_id: AccountId, configuration: Configuration, now: int
) -> tuple[SpaceId, list[Fault]]:
    """The id of the space, and the faults if the space or sender is not the account's, or the sender may not
    send."""
    faults = []
    channel, sender = params.channel_type, params.sender
    space, usable, service = configuration.standing(account_id, params.cust_space_id, channel, sender)
    if space is None and params.cust_space_id:
        faults.append(not_owned("CustSpaceId", params.cust_space_id, "a space"))
    if usable is None and channel and sender.isdecimal():
        faults.append(not_owned("From", sender, f"a {channel} sender", "this account and space"))
    if usable is not None and service is not None and service.paused(now):
        problem, allowed = "the sender is suspended", "GetViberPauseTimes tells how long"
        faults.append(Fault(codes.NO_AUTH, "From", problem, allowed))
    return space.id if space is not None else NO_SPACE, faults


def handle(
    request: Request[SendChatappMessageParams],
    store: Store,
    next_message_id: Callable[[int], MessageId],
    default_ttl: int,
    sms_limits: SmsLimits,
    accept: Accept,
) -> Result[SendChatappMessageAnswer] | Awaitable[Result[SendChatappMessageAnswer]]:
    """Accepts one message for delivery.

    Raises:
        ApiError: a parameter is invalid.
    """
    return idempotent(
        request, store, partial(_accept, request, store, next_message_id, default_ttl, sms_limits, accept)
    )


def _accept(
    request: Request[SendChatappMessageParams],
    store: Store,
    next_message_id: Callable[[int], MessageId],
    default_ttl: int,
    sms_limits: SmsLimits,
    accept: Accept,
) -> Result[SendChatappMessageAnswer] | Awaitable[Result[SendChatappMessageAnswer]]:
    message, faults = compose(
        request.params,
        request.faults,
        request.caller.account_id,
        request.configuration,
        message_id=next_message_id(request.now),
        now=request.now,
        default_ttl=default_ttl,
        sms_limits=sms_limits,
        call=request.on_record(),
    )
    refuse(OPERATION, faults)
    assert message is not None
    may_be_listed = message.promotional and store.suppressions.people.might_contain(
        message.account_id, message.recipient
    )
    if may_be_listed or _is_free(message):
        return _accept_if_allowed(message, store, request, accept)
    return _accepted(message, request.configuration, accept)


def _is_free(message: Message) -> bool:
    """Whether it is a free message on a channel that allows one only for a time after the user wrote."""
    limited = CHANNELS[message.channel].free_window is not None
    return limited and not message.template_code and not message.fault


async def _accept_if_allowed(
    message: Message, store: Store, request: Request[SendChatappMessageParams], accept: Accept
) -> Result[SendChatappMessageAnswer]:
    """Accepts a message if its recipient may receive it.

    Raises:
        ApiError: a promotion to a suppressed recipient, or a free message to a user who has not written
            recently.
    """
    faults: list[Fault] = []
    if message.promotional:
        faults += [fault for _, fault in await suppression_faults(store, [message])]
    if _is_free(message):
        last = await store.conversations.last_inbound(message.channel, message.sender, message.recipient)
        faults += check_window(message.channel, last, request.now)
    refuse(OPERATION, faults)
    return _accepted(message, request.configuration, accept)


async def suppression_faults(store: Store, messages: Sequence[Message]) -> list[tuple[int, Fault]]:
    """The faults of promotions to suppressed recipients, each with its index; all have the same sender."""
    first = messages[0]
    people = [message.recipient for message in messages]
    refusing = await store.suppressions.among(first.account_id, first.channel, first.sender, people)
    problem = "is on the suppression list"
    return [
        (index, Fault(codes.TO_SUPPRESSED, "To", problem, value=person))
        for index, person in enumerate(people)
        if person in refusing
    ]


def _accepted(
    message: Message, configuration: Configuration, accept: Accept
) -> Result[SendChatappMessageAnswer]:
    accepted = accept(message, configuration)
    answer = SendChatappMessageAnswer(message_id=message.message_id)
    return Result(answer, commands=accepted.commands, settled=accepted.settled)


ENDPOINT = Endpoint(OPERATION, handle, accepts_messages=True)
