"""`/sandbox/events`: calls, messages, callbacks and the clock, as they change; for pages, that they do."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from waypost.console.rendering import is_long_query
from waypost.sandbox.calls import Call
from waypost.sandbox.event_feed import MOST_READERS, EventFeed
from waypost.sandbox.json_answers import json_answer
from waypost.sandbox.page_changes import MOST_WATCHERS, PageChanges
from waypost.storage.changes import AddMessage, Command, EndCallback, Publish, PutLeg, ReplayCallback


class EventEndpoint:
    """Publishes what happens, and answers those who read it.

    Args:
        watch: has `listener` called with what the service writes; None for nobody.
    """

    def __init__(self, watch: Callable[[Callable[[Sequence[Command]], None] | None], None]) -> None:
        self._watch = watch
        self.feed = EventFeed(self._follow)
        self.changes = PageChanges(self._follow)

    def routes(self) -> list[Route]:
        """The URL route of the endpoint."""
        return [
            Route("/sandbox/events", self.events, methods=["GET"]),
            Route("/view/changes", self.page_changes, methods=["GET"]),
        ]

    async def events(self, request: Request) -> Response:
        """The events from now on, or behind `Last-Event-ID`."""
        if self.feed.is_full:
            return json_answer({"error": f"{MOST_READERS} read the events already"}, 503)
        stream = self.feed.stream(request.headers.get("Last-Event-ID", ""))
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def page_changes(self, request: Request) -> Response:
        """That something on a page has changed; `?of=` is what the page is about, without it everything."""
        if self.changes.is_full:
            return json_answer({"error": f"{MOST_WATCHERS} pages are open already"}, 503)
        subject = "" if is_long_query(request) else request.query_params.get("of", "")
        return StreamingResponse(
            self.changes.stream(subject),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    def close(self) -> None:
        """Ends all streams."""
        self.feed.close()
        self.changes.close()

    def note_call(self, call: Call) -> None:
        """Publishes a call that was answered."""
        self.feed.publish("call", lambda: call)
        self.changes.note(("calls", call.message_id, call.parameters.get("To", "").removeprefix("+")))

    def note_clock(self, now: int) -> None:
        """Publishes that the clock was moved to `now`, milliseconds UTC."""
        self.feed.publish("clock", lambda: {"now": now})
        self.changes.note_all()

    def note_disruptions(self) -> None:
        """Notes for the pages that other things go wrong from now on."""
        self.changes.note_all()

    @property
    def is_watched(self) -> bool:
        """Whether somebody reads the events, or has a page open that follows them."""
        return self.feed.is_on or self.changes.is_watched

    def _follow(self, _: bool) -> None:
        self._watch(self._note_commands if self.is_watched else None)

    def _note_commands(self, commands: Sequence[Command]) -> None:
        if self.changes.is_watched:
            self.changes.note(subject for command in commands for subject in _subjects_of(command))
        if not self.feed.is_on:
            return
        for command in commands:
            fields = _fields_of(command)
            if fields is not None:
                kind, data = fields
                self.feed.publish(kind, lambda data=data: data)  # type: ignore[misc]


def _subjects_of(command: Command) -> Sequence[str]:
    """The ids of messages and the numbers of phones that a page about them shows otherwise from now on."""
    match command:
        case AddMessage(message):
            return message.message_id, message.recipient.removeprefix("+")
        case PutLeg(leg):
            return leg.message_id, leg.recipient.removeprefix("+")
        case Publish(callback) | EndCallback(callback) | ReplayCallback(callback):
            # One about no message, such as a reply, is on the main page alone.
            return (callback.message_id or "callbacks",)
    return ()


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
