"""What happened in a sandbox, as text for people who look at a failed test."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from waypost.testing.control import Control
from waypost.testing.records import Call, Callback, Message

_MOST_LISTED = 50


def trace(
    control: Control, calls: Sequence[Call], messages: Sequence[Message], callbacks: Sequence[Callback]
) -> str:
    """What goes wrong, with its seed, and the latest calls, messages with their timelines, and callbacks."""
    lines = [*_disruptions(control), *_calls(calls[-_MOST_LISTED:])]
    lines += [message_lines(control, message) for message in messages[-_MOST_LISTED:]]
    lines += _callbacks(callbacks[-_MOST_LISTED:])
    return "\n".join(lines) if lines else "nothing was called"


def message_lines(control: Control, message: Message) -> str:
    """A message with its timeline."""
    history = control.get(f"/sandbox/messages/{message.message_id}")
    head = f"message {message.message_id} by {message.channel} to {message.to}: {message.state}"
    lines = [
        f"  {_time(event['at'])}  leg {event['leg']}  {event['kind']}: {event['text']}"
        for event in history.get("timeline", ())
    ]
    lines += [
        f"  leg {leg['leg']} by {leg['channel']}: {leg['state']} {leg['code']} {leg['text']}".rstrip()
        for leg in history.get("legs", ())
    ]
    return "\n".join([head, *lines])


def _disruptions(control: Control) -> Iterator[str]:
    for about, listed in control.get("/sandbox/disruptions").items():
        for one in listed:
            seed = "" if one["seed"] is None else f"  share {one['share']:g}  seed {one['seed']}"
            yield f"disruption of {about}: {one['kind']}{seed}  {one['hits']} hits"


def _calls(calls: Sequence[Call]) -> Iterator[str]:
    for call in calls:
        wrong = f"  {call.message}" if call.message else ""
        unknown = f"  unknown: {', '.join(call.unknown)}" if call.unknown else ""
        yield f"call {_time(call.at)}  {call.operation}  {call.code}{wrong}{unknown}"
        if call.cause:
            yield f"  its signature: {call.cause}"


def _callbacks(callbacks: Sequence[Callback]) -> Iterator[str]:
    for callback in callbacks:
        about = callback.message_id or callback.body.get("From", "")
        what = callback.body.get("Status", callback.kind)
        where = f"{callback.state} {callback.url}" if callback.url else callback.state
        error = f"  {callback.error}" if callback.error else ""
        yield f"callback {_time(callback.at)}  {about}  {what}  {where}{error}"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%m-%d %H:%M:%S.%f")[:-3]
