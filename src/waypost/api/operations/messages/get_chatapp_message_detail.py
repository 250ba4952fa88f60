"""GetChatappMessageDetail, Waypost's own: shows a message with its legs, timers and callbacks."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from waypost.api.description import Operation, Parameter, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result, space_or_account_resource
from waypost.api.operations.messages.lookup import is_own, unknown_message
from waypost.api.operations.messages.message_row import MessageRow, message_row
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.messaging.history import MessageHistory, read_history
from waypost.model import codes
from waypost.model.identifiers import NO_MESSAGE, NO_SPACE, MessageId, SpaceId
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg
from waypost.storage.contract import Store
from waypost.storage.records import Callback

_CALLS_PER_SECOND = 50
_TIME = "milliseconds UTC"


class GetChatappMessageDetailParams(Params, frozen=True):
    """The message to show."""

    message_id: Annotated[
        MessageId,
        Parameter(
            "MessageId",
            "The message.",
            "2026112303460800000100000",
            required=True,
            invalid=codes.UNKNOWN_RESOURCE_OWNER,
        ),
    ] = NO_MESSAGE
    cust_space_id: Annotated[
        SpaceId,
        Parameter(
            "CustSpaceId",
            "The space that the message was sent in.",
            "cams-sandbox",
            invalid=codes.UNKNOWN_RESOURCE_OWNER,
            default="any space of the account",
        ),
    ] = NO_SPACE


class AttemptRow(Answer, frozen=True):
    """An attempt to submit a leg to a provider."""

    attempt: Annotated[int, member("From 1.")]
    outcome: Annotated[str, member("under_way, accepted, refused or unknown.", "refused")]
    provider_id: Annotated[str, member("The provider's id of the message.", "")]
    code: Annotated[str, member("The provider's code.", "SRVC_NOT_VIBER_USER")]
    text: Annotated[
        str, member("What that means, if the provider did not take it.", "The provider did not take it.")
    ]
    start_time: Annotated[int, member(f"When it was made, {_TIME}.")]
    end_time: Annotated[int | None, member(f"When its outcome was known, {_TIME}.")]


class LegRow(Answer, frozen=True):
    """A leg: one channel on which delivery was tried."""

    leg: Annotated[int, member("0 for its own channel.")]
    channel_type: Annotated[str, member("The channel.", "viber")]
    from_: Annotated[str, member("The sender.", "20001")]
    to: Annotated[str, member("The recipient.", "8613900000000")]
    state: Annotated[str, member("Where it is, or how it ended.", "failed")]
    reason: Annotated[str, member("What set it off, of a fallback.", "")]
    error_code: Annotated[str, member("Why it failed.", "SRVC_NOT_VIBER_USER")]
    error_description: Annotated[
        str, member("The same in words.", "The recipient does not use this channel.")
    ]
    double_delivery: Annotated[bool, member("Whether the person got it twice.")]
    start_time: Annotated[int, member(f"When it was begun, {_TIME}.")]
    update_time: Annotated[int, member(f"When it last changed, {_TIME}.")]
    attempts: Annotated[list[AttemptRow], member("The submissions to the provider.")]


class TimelineRow(Answer, frozen=True):
    """An event of the timeline."""

    time: Annotated[int, member(f"When, {_TIME}.")]
    leg: Annotated[int, member("Which leg it is about.")]
    kind: Annotated[str, member("What it is.", "fallback")]
    text: Annotated[str, member("The event and its reason.", "no fallback: ...")]


class TimerRow(Answer, frozen=True):
    """A timer that has not fired."""

    kind: Annotated[str, member("fallback or expiry.", "fallback")]
    leg: Annotated[int, member("Which leg it looks at.")]
    due_time: Annotated[int, member(f"When, {_TIME}.")]


class CallbackRow(Answer, frozen=True):
    """A callback to the customer."""

    callback_id: Annotated[int, member("The callback.")]
    status: Annotated[str, member("The Status in it.", "Delivered")]
    state: Annotated[str, member("waiting, delivered, dead (given up) or stored (no URL).", "delivered")]
    tries: Annotated[int, member("How often it was pushed.")]
    error: Annotated[str, member("What was wrong at the last try.", "")]
    create_time: Annotated[int, member(f"When it came to be, {_TIME}.")]


class MessageDetail(Answer, frozen=True):
    """A message with its legs, timeline, timers and callbacks."""

    message: Annotated[MessageRow, member("The row that ListChatappMessage has of it.")]
    cust_space_id: Annotated[SpaceId, member("The space it was sent in.", "cams-sandbox")]
    task_id: Annotated[str, member("As the call gave it, or the MessageId.", "100000001")]
    group_message_id: Annotated[str, member("Of one that was sent to many at once.", "")]
    label: Annotated[str, member("As the call gave it.", "transaction")]
    ttl: Annotated[int, member("Seconds.")]
    fall_back_id: Annotated[str, member("The policy it goes by; empty for none.", "S_000001")]
    state: Annotated[str, member("The best that any leg reached, else that of the latest.", "delivered")]
    legs: Annotated[list[LegRow], member("The ways that were tried, its own channel first.")]
    timeline: Annotated[list[TimelineRow], member("The events, oldest first.")]
    timers: Annotated[list[TimerRow], member("What still waits, by its time.")]
    callbacks: Annotated[list[CallbackRow], member("What was published to the customer, oldest first.")]


class GetChatappMessageDetailAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with one message."""

    data: Annotated[MessageDetail, member("The message.")]


OPERATION = Operation(
    "GetChatappMessageDetail",
    "Shows a message: what the call had, each way that was tried with its attempts, the timeline "
    "with the reason of each step, what still waits, and the callbacks.",
    GetChatappMessageDetailParams,
    GetChatappMessageDetailAnswer,
    errors=(codes.UNKNOWN_RESOURCE_OWNER,),
    source="",
    ignored=OWNER_PARAMETERS,
)


_OUTCOMES = {
    AttemptOutcome.UNDER_WAY: "",
    AttemptOutcome.ACCEPTED: "",
    AttemptOutcome.REFUSED: "The provider did not take it.",
    AttemptOutcome.UNKNOWN: "No usable answer came.",
}
"""What a customer reads of an attempt; the provider's own words are the operator's."""


async def handle(
    request: Request[GetChatappMessageDetailParams], store: Store
) -> Result[GetChatappMessageDetailAnswer]:
    """Shows one message.

    Raises:
        ApiError: a parameter is invalid; the account has no such message.
    """
    request.refuse()
    params = request.params
    history = await read_history(store, params.message_id)
    if history is None or not is_own(request, history.message, params.cust_space_id):
        raise unknown_message(params.message_id, params.cust_space_id)
    return Result(GetChatappMessageDetailAnswer(data=_detail(history)))


def _detail(history: MessageHistory) -> MessageDetail:
    message = history.message
    return MessageDetail(
        message=message_row(message, [each.leg for each in history.legs]),
        cust_space_id=message.space_id,
        task_id=message.task_id or message.message_id,
        group_message_id=message.group_id,
        label=message.label,
        ttl=message.ttl,
        fall_back_id=message.fallback.policy_id if message.fallback is not None else "",
        state=history.state.value,
        legs=[_leg_row(each.leg, each.attempts) for each in history.legs],
        timeline=[
            TimelineRow(time=event.at, leg=event.leg, kind=event.kind, text=event.text)
            for event in history.timeline
        ],
        timers=[
            TimerRow(kind=timer.kind.value, leg=timer.leg, due_time=timer.due) for timer in history.timers
        ],
        callbacks=[_callback_row(callback) for callback in history.callbacks],
    )


def _leg_row(leg: Leg, attempts: Sequence[Attempt]) -> LegRow:
    return LegRow(
        leg=leg.leg,
        channel_type=leg.channel,
        from_=leg.sender,
        to=leg.recipient,
        state=leg.state.value,
        reason=leg.why,
        error_code=leg.code,
        error_description=leg.text,
        double_delivery=leg.double_delivery,
        start_time=leg.started_at,
        update_time=leg.updated_at,
        attempts=[_attempt_row(attempt) for attempt in attempts],
    )


def _attempt_row(attempt: Attempt) -> AttemptRow:
    return AttemptRow(
        attempt=attempt.attempt,
        outcome=attempt.outcome.value,
        provider_id=attempt.provider_id or "",
        code=attempt.code,
        text=_OUTCOMES[attempt.outcome],
        start_time=attempt.started_at,
        end_time=attempt.ended_at,
    )


def _callback_row(callback: Callback) -> CallbackRow:
    return CallbackRow(
        callback_id=callback.id,
        status=msgspec.json.decode(callback.body, type=dict[str, Any]).get("Status", ""),
        state=callback.state.value,
        tries=callback.tries,
        error=callback.error,
        create_time=callback.created_at,
    )


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND, resources=space_or_account_resource("CustSpaceId"))
