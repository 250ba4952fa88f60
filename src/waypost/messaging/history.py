"""The whole story of one message, for people and for tests."""

from typing import Any

from waypost.model.identifiers import shard_of
from waypost.model.message.leg import Leg, LegState
from waypost.model.message.work import decode_timer
from waypost.storage.contract import Store


async def timeline(store: Store, message_id: str) -> dict[str, Any] | None:
    """What was asked for, each leg with its attempts, what still waits, and in words why each thing happened.

    None when there is no such message.
    """
    try:
        shard_of(message_id)
    except ValueError:
        return None
    message = await store.find_message(message_id)
    if message is None:
        return None
    legs = await store.find_legs(message_id)
    attempts = await store.find_attempts(message_id)
    return {
        "message_id": message.message_id,
        "account_id": message.account_id,
        "space_id": message.space_id,
        "accepted_at": message.accepted_at,
        "channel": message.channel,
        "message_type": message.message_type,
        "from": message.sender,
        "to": message.recipient,
        "content": message.content,
        "label": message.label,
        "ttl": message.ttl,
        "tag": message.tag,
        "tracking_data": message.tracking_data,
        "task_id": message.task_id or message.message_id,
        "state": overall_state(legs).value,
        "legs": [
            {
                "leg": leg.leg,
                "channel": leg.channel,
                "from": leg.sender,
                "state": leg.state.value,
                "why": leg.why,
                "code": leg.code,
                "text": leg.text,
                "double_delivery": leg.double_delivery,
                "attempts": [
                    {
                        "attempt": attempt.attempt,
                        "route": attempt.route,
                        "started_at": attempt.started_at,
                        "ended_at": attempt.ended_at,
                        "outcome": attempt.outcome.value,
                        "provider_id": attempt.provider_id,
                        "code": attempt.code,
                        "text": attempt.text,
                    }
                    for attempt in attempts
                    if attempt.leg == leg.leg
                ],
            }
            for leg in legs
        ],
        "timers": [
            {
                "kind": (timer := decode_timer(work.body)).kind.value,
                "leg": timer.leg,
                "due": work.visible_at,
            }
            for work in await store.find_timers(message_id)
        ],
        "timeline": [
            {"at": message.accepted_at, "leg": 0, "kind": "accepted", "text": "the call was accepted"},
            *(
                {"at": event.at, "leg": event.leg, "kind": event.kind, "text": event.text}
                for event in await store.find_events(message_id)
            ),
        ],
    }


def overall_state(legs: list[Leg]) -> LegState:
    """The state of a message: the best any leg reached, else that of the leg tried last."""
    if not legs:
        return LegState.QUEUED
    arrived = [leg.state for leg in legs if leg.state.delivered]
    if arrived:
        return LegState.READ if LegState.READ in arrived else LegState.DELIVERED
    return legs[-1].state
