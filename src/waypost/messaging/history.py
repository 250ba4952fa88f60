"""The history of a message, which the API, the sandbox and the command line all read from here."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from waypost.messaging.derived_events import with_derived
from waypost.model.identifiers import MessageId, is_message_id
from waypost.model.message.leg import Attempt, Leg, LegState
from waypost.model.message.message import Message
from waypost.model.message.work import TimerKind, decode_timer
from waypost.storage.contract import Store
from waypost.storage.records import Callback, Event


class LegHistory(NamedTuple):
    """A leg and its attempts, oldest first."""

    leg: Leg
    attempts: tuple[Attempt, ...]


class PendingTimer(NamedTuple):
    """A timer of a message that has not fired yet.

    Attributes:
        leg: the number of the leg that it belongs to.
        due: milliseconds UTC.
    """

    kind: TimerKind
    leg: int
    due: int


class MessageHistory(NamedTuple):
    """All that is known about a message.

    Attributes:
        legs: its legs, leg 0 first.
        timeline: its events, oldest first, beginning with the accepted call.
        timers: its pending timers, earliest due first.
        callbacks: the callbacks about it, oldest first.
    """

    message: Message
    legs: tuple[LegHistory, ...]
    timeline: tuple[Event, ...]
    timers: tuple[PendingTimer, ...]
    callbacks: tuple[Callback, ...]

    @property
    def state(self) -> LegState:
        """The state of the message as a whole."""
        return overall_state([history.leg for history in self.legs])


async def read_history(store: Store, message_id: MessageId) -> MessageHistory | None:
    """The history of a message; None if there is no such message."""
    message = await store.find_message(message_id) if is_message_id(message_id) else None
    if message is None:
        return None
    attempts = await store.find_attempts(message_id)
    legs = await store.find_legs(message_id)
    events = with_derived(await store.find_events(message_id), legs, attempts)
    # A timer of a leg that has ended does nothing when it falls due.
    ended = {leg.leg for leg in legs if leg.state.ended}
    timers = [(decode_timer(work.body), work.visible_at) for work in await store.find_timers(message_id)]
    accepted = Event(message_id, 0, message.accepted_at, "accepted", "the call was accepted")
    return MessageHistory(
        message,
        tuple(
            LegHistory(leg, tuple(attempt for attempt in attempts if attempt.leg == leg.leg)) for leg in legs
        ),
        (accepted, *events),
        tuple(PendingTimer(timer.kind, timer.leg, due) for timer, due in timers if timer.leg not in ended),
        tuple(await store.list_callbacks(message_id=message_id)),
    )


def overall_state(legs: Sequence[Leg]) -> LegState:
    """The state of a message: the best that a leg has reached, else that of the last leg."""
    if not legs:
        return LegState.QUEUED
    delivered = [leg.state for leg in legs if leg.state.delivered]
    if delivered:
        return LegState.READ if LegState.READ in delivered else LegState.DELIVERED
    return legs[-1].state


async def timeline(
    store: Store, message_id: MessageId, *, for_operator: bool = False
) -> dict[str, Any] | None:
    """The history of a message as JSON data, for the sandbox's control endpoint and `waypost messages show`;
    None if there is no such message.

    Args:
        for_operator: whether it has what the providers answered, in their own words.
    """
    history = await read_history(store, message_id)
    return None if history is None else _history_fields(history, for_operator=for_operator)


def _history_fields(history: MessageHistory, *, for_operator: bool) -> dict[str, Any]:
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
        "redacted": message.redacted,
        "label": message.label,
        "ttl": message.ttl,
        "tag": message.tag,
        "tracking_data": message.tracking_data,
        "task_id": message.task_id or message.message_id,
        "state": history.state.value,
        "legs": [_leg_fields(leg, for_operator=for_operator) for leg in history.legs],
        "timers": [
            {"kind": timer.kind.value, "leg": timer.leg, "due": timer.due} for timer in history.timers
        ],
        "timeline": [
            {"at": event.at, "leg": event.leg, "kind": event.kind, "text": event.text}
            for event in history.timeline
        ],
    }


def _leg_fields(history: LegHistory, *, for_operator: bool) -> dict[str, Any]:
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
                **({"text": attempt.text} if for_operator else {}),
            }
            for attempt in history.attempts
        ],
    }
