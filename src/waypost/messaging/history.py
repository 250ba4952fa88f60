"""The history of one message, read in one way for the API, the sandbox and the command line."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from waypost.model.identifiers import MessageId, is_message_id
from waypost.model.message.leg import Attempt, Leg, LegState
from waypost.model.message.message import Message
from waypost.model.message.work import TimerKind, decode_timer
from waypost.storage.contract import Store
from waypost.storage.records import Callback, Event


class LegHistory(NamedTuple):
    """A leg and its submissions to the provider, oldest first."""

    leg: Leg
    attempts: tuple[Attempt, ...]


class PendingTimer(NamedTuple):
    """A timer that a message still waits for.

    Attributes:
        leg: which leg it looks at.
        due: milliseconds UTC.
    """

    kind: TimerKind
    leg: int
    due: int


class MessageHistory(NamedTuple):
    """A message from the call to its end.

    Attributes:
        legs: the ways that were tried, its own channel first.
        timeline: what happened and why, oldest first, beginning with the accepted call.
        timers: what it still waits for, by due time.
        callbacks: what was published to the customer, oldest first.
    """

    message: Message
    legs: tuple[LegHistory, ...]
    timeline: tuple[Event, ...]
    timers: tuple[PendingTimer, ...]
    callbacks: tuple[Callback, ...]

    @property
    def state(self) -> LegState:
        """The state of the message as a whole."""
        return overall_state([each.leg for each in self.legs])


async def read_history(store: Store, message_id: MessageId) -> MessageHistory | None:
    """The history of a message; None when there is no such message."""
    message = await store.find_message(message_id) if is_message_id(message_id) else None
    if message is None:
        return None
    attempts = await store.find_attempts(message_id)
    timers = [(decode_timer(work.body), work.visible_at) for work in await store.find_timers(message_id)]
    accepted = Event(message_id, 0, message.accepted_at, "accepted", "the call was accepted")
    return MessageHistory(
        message,
        tuple(
            LegHistory(leg, tuple(attempt for attempt in attempts if attempt.leg == leg.leg))
            for leg in await store.find_legs(message_id)
        ),
        (accepted, *await store.find_events(message_id)),
        tuple(PendingTimer(timer.kind, timer.leg, due) for timer, due in timers),
        tuple(await store.list_callbacks(message_id=message_id)),
    )


def overall_state(legs: Sequence[Leg]) -> LegState:
    """The state of a message: the best any leg reached, else that of the leg tried last."""
    if not legs:
        return LegState.QUEUED
    arrived = [leg.state for leg in legs if leg.state.delivered]
    if arrived:
        return LegState.READ if LegState.READ in arrived else LegState.DELIVERED
    return legs[-1].state


async def timeline(store: Store, message_id: MessageId) -> dict[str, Any] | None:
    """The history of a message as JSON, for the sandbox's control endpoint and `waypost messages show`; None
    when there is no such message."""
    history = await read_history(store, message_id)
    return None if history is None else _fields(history)


def _fields(history: MessageHistory) -> dict[str, Any]:
    message = history.message
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
        "state": history.state.value,
        "legs": [_leg_fields(each) for each in history.legs],
        "timers": [
            {"kind": timer.kind.value, "leg": timer.leg, "due": timer.due} for timer in history.timers
        ],
        "timeline": [
            {"at": event.at, "leg": event.leg, "kind": event.kind, "text": event.text}
            for event in history.timeline
        ],
    }


def _leg_fields(history: LegHistory) -> dict[str, Any]:
    leg = history.leg
    return {
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
            for attempt in history.attempts
        ],
    }
