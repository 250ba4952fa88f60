"""`/sandbox/events`: calls, messages, callbacks and the clock, as they change."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from waypost.sandbox.calls import Call
from waypost.sandbox.event_feed import MOST_READERS, EventFeed
from waypost.sandbox.json_answers import json_answer
from waypost.storage.changes import AddMessage, Command, EndCallback, Publish, PutLeg, ReplayCallback


class EventEndpoint:
    """Publishes what happens, and answers those who read it.

    Args:
        watch: has `listener` called with what the service writes; None for nobody.
    """

    def __init__(self, watch: Callable[[Callable[[Sequence[Command]], None] | None], None]) -> None:
        self._watch = watch
        self.feed = EventFeed(self._follow)

    def routes(self) -> list[Route]:
        """The URL route of the endpoint."""
        return [Route("/sandbox/events", self.events, methods=["GET"])]

    async def events(self, request: Request) -> Response:
        """The events from now on, or behind `Last-Event-ID`."""
        if self.feed.is_full:
            return json_answer({"error": f"{MOST_READERS} read the events already"}, 503)
        stream = self.feed.stream(request.headers.get("Last-Event-ID", ""))
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    def note_call(self, call: Call) -> None:
        """Publishes a call that was answered."""
        self.feed.publish("call", lambda: call)

    def note_clock(self, now: int) -> None:
        """Publishes that the clock was moved to `now`, milliseconds UTC."""
        self.feed.publish("clock", lambda: {"now": now})

    def _follow(self, is_watched: bool) -> None:
        self._watch(self._note_commands if is_watched else None)

    def _note_commands(self, commands: Sequence[Command]) -> None:
        for command in commands:
            fields = _fields_of(command)
            if fields is not None:
                kind, data = fields
                self.feed.publish(kind, lambda data=data: data)  # type: ignore[misc]


def _fields_of(command: Command) -> tuple[str, dict[str, Any]] | None:
    """The kind of an event and its data; None for what is none."""
    match command:
        case AddMessage(message):
            return "message", {
                "message_id": message.message_id,
                "leg": 0,
                "channel": message.channel,
                "to": message.recipient,
                "state": "queued",
            }
        case PutLeg(leg):
            return "message", {
                "message_id": leg.message_id,
                "leg": leg.leg,
                "channel": leg.channel,
                "to": leg.recipient,
                "state": leg.state.value,
            }
        case Publish(callback) | EndCallback(callback) | ReplayCallback(callback):
            return "callback", {
                # Only a callback that was written before has its id here.
                "id": callback.id or None,
                "kind": callback.kind,
                "message_id": callback.message_id or None,
                "url": callback.url or None,
                "state": callback.state.value,
                "tries": callback.tries,
                "error": callback.error or None,
            }
    return None
