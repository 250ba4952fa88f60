"""GetChatappMessageDetail, Waypost's own: a message from the call to its end, each step with its reason."""

from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.api.description import Parameter
from waypost.api.errors.catalogue import from_faults, refuse
from waypost.api.legacy_description import Operation
from waypost.api.members import Member
from waypost.api.operations.endpoint import space_or_account_resource
from waypost.api.operations.legacy import Endpoint, Request, Result
from waypost.api.operations.messages.list_chatapp_message import message_row
from waypost.api.operations.recurring import ANY_CALL, NOT_YOURS, OWNERS, SUCCESS, not_yours
from waypost.messaging.history import overall_state
from waypost.model.identifiers import shard_of
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.model.message.work import decode_timer
from waypost.storage.records import Callback, Work

_CALLS_PER_SECOND = 50
_TIME = "milliseconds UTC"

GET = Operation(
    name="GetChatappMessageDetail",
    summary="Shows a message: what was asked for, each way that was tried with its attempts, the timeline "
    "with the reason of each step, what still waits, and the callbacks.",
    source="",
    parameters=(
        Parameter(
            "MessageId",
            "The message.",
            "2026112303460800000100000",
            required=True,
            invalid=NOT_YOURS,
        ),
        Parameter(
            "CustSpaceId",
            "The space that the message was sent in.",
            "cams-sandbox",
            invalid=NOT_YOURS,
            default="any space of the account",
        ),
        *OWNERS,
    ),
    answer=(
        SUCCESS,
        Member(
            "Data",
            "The message.",
            kind="object",
            members=(
                Member("Message", "The row that ListChatappMessage has of it.", kind="object"),
                Member("CustSpaceId", "The space it was sent in.", "cams-sandbox"),
                Member("TaskId", "As the call gave it, or the MessageId.", "100000001"),
                Member("GroupMessageId", "Of one that was sent to many at once.", ""),
                Member("Label", "As the call gave it.", "transaction"),
                Member("Ttl", "Seconds.", kind="integer"),
                Member("FallBackId", "The policy it goes by; empty for none.", "S_000001"),
                Member("State", "The best that any leg reached, else that of the latest.", "delivered"),
                Member(
                    "Legs",
                    "The ways that were tried, its own channel first.",
                    kind="array",
                    members=(
                        Member("Leg", "0 for its own channel.", kind="integer"),
                        Member("ChannelType", "The channel.", "viber"),
                        Member("From", "The sender.", "20001"),
                        Member("To", "The recipient.", "8613900000000"),
                        Member("State", "Where it is, or how it ended.", "failed"),
                        Member("Reason", "What set it off, of a fallback.", ""),
                        Member("ErrorCode", "Why it failed.", "SRVC_NOT_VIBER_USER"),
                        Member("ErrorDescription", "The same in words.", "Viber status 9"),
                        Member("DoubleDelivery", "Whether the person got it twice.", kind="boolean"),
                        Member("StartTime", f"When it was begun, {_TIME}.", kind="integer"),
                        Member("UpdateTime", f"When it last changed, {_TIME}.", kind="integer"),
                        Member(
                            "Attempts",
                            "The submissions to the provider.",
                            kind="array",
                            members=(
                                Member("Attempt", "From 1.", kind="integer"),
                                Member("Outcome", "under_way, accepted, refused or unknown.", "refused"),
                                Member("ProviderId", "The provider's id of the message.", ""),
                                Member("Code", "The provider's code.", "SRVC_NOT_VIBER_USER"),
                                Member("Text", "The provider's words.", "Viber status 9"),
                                Member("StartTime", f"When it was made, {_TIME}.", kind="integer"),
                                Member("EndTime", f"When its outcome was known, {_TIME}.", kind="integer"),
                            ),
                        ),
                    ),
                ),
                Member(
                    "Timeline",
                    "What happened, oldest first.",
                    kind="array",
                    members=(
                        Member("Time", f"When, {_TIME}.", kind="integer"),
                        Member("Leg", "Which leg it is about.", kind="integer"),
                        Member("Kind", "What it is.", "fallback"),
                        Member("Text", "What happened and why.", "no fallback: ..."),
                    ),
                ),
                Member(
                    "Timers",
                    "What still waits, by its time.",
                    kind="array",
                    members=(
                        Member("Kind", "fallback or expiry.", "fallback"),
                        Member("Leg", "Which leg it looks at.", kind="integer"),
                        Member("DueTime", f"When, {_TIME}.", kind="integer"),
                    ),
                ),
                Member(
                    "Callbacks",
                    "What was published to the customer, oldest first.",
                    kind="array",
                    members=(
                        Member("CallbackId", "The callback.", kind="integer"),
                        Member("Status", "The Status it tells.", "Delivered"),
                        Member(
                            "State", "waiting, delivered, dead (given up) or stored (no URL).", "delivered"
                        ),
                        Member("Tries", "How often it was pushed.", kind="integer"),
                        Member("Error", "What was wrong at the last try.", ""),
                        Member("CreateTime", f"When it came to be, {_TIME}.", kind="integer"),
                    ),
                ),
            ),
        ),
    ),
    errors=(*ANY_CALL, NOT_YOURS),
)


async def handle(request: Request) -> Result:
    """Shows one message.

    Raises:
        ApiError: the call's faults; the account has no such message.
    """
    texts, _, faults = GET.read(request.given)
    refuse(GET, faults)
    message = await own_message(request, texts)
    store, message_id = request.store, message.message_id
    legs = await store.find_legs(message_id)
    attempts = await store.find_attempts(message_id)
    timeline = [_happened(message.accepted_at, 0, "accepted", "the call was accepted")]
    timeline += [
        _happened(one.at, one.leg, one.kind, one.text) for one in await store.find_events(message_id)
    ]
    data = _asked_for(message, legs) | {
        "Legs": [_leg(leg, [one for one in attempts if one.leg == leg.leg]) for leg in legs],
        "Timeline": timeline,
        "Timers": [_timer(work) for work in await store.find_timers(message_id)],
        "Callbacks": [_callback(one) for one in await store.list_callbacks(message_id=message_id)],
    }
    return Result({"Success": True, "Data": data})


async def own_message(request: Request, texts: Mapping[str, str]) -> Message:
    """The message of the caller's account that a call names, and of the space that it names.

    Raises:
        ApiError: there is none with that id.
    """
    message_id, space_id = texts["MessageId"], texts.get("CustSpaceId", "")
    message = await request.store.find_message(message_id) if _well_formed(message_id) else None
    if (
        message is None
        or message.account_id != request.caller.account_id
        or space_id not in ("", message.space_id)
    ):
        whose = "this account and space" if space_id else "this account"
        raise from_faults([not_yours("MessageId", message_id, "a message", whose)])
    return message


def _well_formed(message_id: str) -> bool:
    try:
        shard_of(message_id)
    except ValueError:
        return False
    return True


def _asked_for(message: Message, legs: list[Leg]) -> dict[str, Any]:
    return {
        "Message": message_row(message, legs),
        "CustSpaceId": message.space_id,
        "TaskId": message.task_id or message.message_id,
        "GroupMessageId": message.group_id,
        "Label": message.label,
        "Ttl": message.ttl,
        "FallBackId": message.fallback.policy_id if message.fallback is not None else "",
        "State": overall_state(legs).value,
    }


def _leg(leg: Leg, attempts: list[Attempt]) -> dict[str, Any]:
    return {
        "Leg": leg.leg,
        "ChannelType": leg.channel,
        "From": leg.sender,
        "To": leg.recipient,
        "State": leg.state.value,
        "Reason": leg.why,
        "ErrorCode": leg.code,
        "ErrorDescription": leg.text,
        "DoubleDelivery": leg.double_delivery,
        "StartTime": leg.started_at,
        "UpdateTime": leg.updated_at,
        "Attempts": [
            {
                "Attempt": attempt.attempt,
                "Outcome": attempt.outcome.value,
                "ProviderId": attempt.provider_id or "",
                "Code": attempt.code,
                "Text": attempt.text,
                "StartTime": attempt.started_at,
                "EndTime": attempt.ended_at,
            }
            for attempt in attempts
        ],
    }


def _happened(at: int, leg: int, kind: str, text: str) -> dict[str, Any]:
    return {"Time": at, "Leg": leg, "Kind": kind, "Text": text}


def _timer(work: Work) -> dict[str, Any]:
    timer = decode_timer(work.body)
    return {"Kind": timer.kind.value, "Leg": timer.leg, "DueTime": work.visible_at}


def _callback(callback: Callback) -> dict[str, Any]:
    return {
        "CallbackId": callback.id,
        "Status": msgspec.json.decode(callback.body, type=dict[str, Any]).get("Status", ""),
        "State": callback.state.value,
        "Tries": callback.tries,
        "Error": callback.error,
        "CreateTime": callback.created_at,
    }


ENDPOINTS = (Endpoint(GET, handle, _CALLS_PER_SECOND, resources=space_or_account_resource),)
