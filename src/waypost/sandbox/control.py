"""The sandbox's control endpoints: JSON over HTTP, beside the API that is tested."""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from waypost.clock import MovableClock
from waypost.console.rendering import is_long_query
from waypost.messaging.history import timeline
from waypost.messaging.message_search import find_messages, message_fields
from waypost.model.configuration import Configuration
from waypost.sandbox.list_pages import InvalidQueryError
from waypost.sandbox.message_list import listed_messages
from waypost.sandbox.phone_actions import ActionRefusedError
from waypost.sandbox.phone_legs import PhoneLegs
from waypost.sandbox.phone_network import PhoneMessage, PhoneNetwork
from waypost.sandbox.time_travel import StoppedError, TimeTravel
from waypost.storage.contract import Store

_MAX_ADVANCE_S = 400 * 86_400


class _Advance(msgspec.Struct, forbid_unknown_fields=True):
    seconds: float


class _Text(msgspec.Struct, forbid_unknown_fields=True):
    EMPTY: ClassVar[bytes] = b""
    text: str


# What needs no text takes no body, or an empty object.
class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    EMPTY: ClassVar[bytes] = b"{}"
    text: ClassVar[str] = ""


_Act = Callable[[PhoneNetwork, str, str], None]

PHONE_ACTIONS: dict[str, tuple[type[_Text | _Nothing], _Act]] = {
    "reply": (_Text, lambda network, number, text: network.reply(number, text)),
    "tap": (_Text, lambda network, number, text: network.tap(number, text)),
    "read": (_Nothing, lambda network, number, _: network.read(number)),
    "block": (_Nothing, lambda network, number, _: network.block(number)),
    "unblock": (_Nothing, lambda network, number, _: network.block(number, blocks=False)),
}
"""What the person who has a phone does, by its name in the path: with which body, and how."""

_Endpoint = Callable[[Request], Awaitable[Response]]


def _until_stopped(endpoint: _Endpoint) -> _Endpoint:
    """An endpoint that waits for due work, and is answered 503 when the sandbox is stopped meanwhile."""

    async def respond(request: Request) -> Response:
        try:
            return await endpoint(request)
        except StoppedError:
            return JSONResponse({"error": "the sandbox is being stopped"}, 503)

    return respond


class Control:
    """Answers the requests to the control endpoints.

    Args:
        store: the store of the service under test.
        network: the simulated providers and phones.
        configuration: returns the current snapshot of the service under test.
        reset: makes the sandbox anew, as it was at first.
        close: ends the sandbox; None if it ends with the process.
    """

    def __init__(
        self,
        clock: MovableClock,
        store: Store,
        network: PhoneNetwork,
        travel: TimeTravel,
        configuration: Callable[[], Configuration],
        reset: Callable[[], Awaitable[None]],
        close: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self._clock = clock
        self._store = store
        self._network = network
        self._travel = travel
        self._legs = PhoneLegs(store, configuration)
        self._reset, self._close = reset, close

    def routes(self) -> list[Route]:
        """The URL routes of the endpoints."""
        return [
            Route("/sandbox/phones/{number}", self.phone, methods=["GET"]),
            *(
                Route(f"/sandbox/phones/{{number}}/{action}", self._acting(*how), methods=["POST"])
                for action, how in PHONE_ACTIONS.items()
            ),
            Route("/sandbox/clock", self.clock, methods=["GET"]),
            Route("/sandbox/clock/advance", _until_stopped(self.advance), methods=["POST"]),
            Route("/sandbox/clock/next", _until_stopped(self.advance_to_next), methods=["POST"]),
            Route("/sandbox/messages", self.messages, methods=["GET"]),
            Route("/sandbox/messages/{message_id}", self.message, methods=["GET"]),
            Route("/sandbox/reset", self.reset, methods=["POST"]),
            Route("/sandbox", self.close, methods=["DELETE"]),
        ]

    async def phone(self, request: Request) -> Response:
        """The messages that a phone shows, oldest first."""
        number = request.path_params["number"]
        messages = [await self._message_json(number, message) for message in self._network.phone(number)]
        return JSONResponse({"number": number, "messages": messages})

    async def _message_json(self, number: str, message: PhoneMessage) -> dict[str, Any]:
        message_id, leg = await self._legs.find(number, message)
        return {
            "channel": message.channel,
            "from": message.from_,
            "text": message.text,
            "media": message.media,
            "message_id": message_id,
            "leg": leg,
            "state": message.state,
            "at": message.at,
            "buttons": [button.text for button in message.buttons],
        }

    def _acting(self, kind: type[_Text | _Nothing], act: _Act) -> _Endpoint:
        """Lets a person do something: {"text": "..."}; responds when all that follows has been done."""

        async def respond(request: Request) -> Response:
            try:
                body = await request.body() or kind.EMPTY
                text = msgspec.json.decode(body, type=kind).text
                # A message that was just accepted is on its way; a person acts on what they have got.
                await self._travel.settle()
                act(self._network, request.path_params["number"], text)
            except (msgspec.DecodeError, UnicodeDecodeError, ActionRefusedError) as error:
                return JSONResponse({"error": str(error)}, 400)
            await self._travel.settle()
            return JSONResponse({"ok": True})

        return _until_stopped(respond)

    async def clock(self, _: Request) -> Response:
        """The sandbox's time, and by how much it is ahead of real time."""
        return JSONResponse(self._time())

    def _time(self) -> dict[str, float]:
        return {"now": self._clock.now(), "ahead_seconds": self._clock.offset / 1000}

    async def advance(self, request: Request) -> Response:
        """Moves the clock: {"seconds": N}; responds when all work due until then is done."""
        try:
            request_body = msgspec.json.decode(await request.body(), type=_Advance)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return JSONResponse({"error": f'{error}; send {{"seconds": N}}'}, 400)
        if not 0 <= request_body.seconds <= _MAX_ADVANCE_S:
            return JSONResponse({"error": f"seconds must be from 0 to {_MAX_ADVANCE_S}"}, 400)
        await self._travel.advance(request_body.seconds)
        return JSONResponse(self._time())

    async def advance_to_next(self, _: Request) -> Response:
        """Moves the clock to when the next thing is due; responds when that is done."""
        moved = await self._travel.advance_to_next()
        return JSONResponse(self._time() | {"moved": moved})

    async def messages(self, request: Request) -> Response:
        """Messages, newest first: `?to=...&state=...`, what else a message is found by, and pages."""
        params = {} if is_long_query(request) else dict(request.query_params)
        try:
            filters, page = listed_messages(params)
        except InvalidQueryError as error:
            return JSONResponse({"error": str(error)}, 400)
        newest_first = not page.after
        found = find_messages(self._store, filters, limit=page.limit + 1, newest_first=newest_first)
        messages = [message_fields(each) async for each in found]
        listed = messages[: page.limit]
        return JSONResponse(
            {"messages": listed if newest_first else listed[::-1], "more": len(messages) > page.limit}
        )

    async def message(self, request: Request) -> Response:
        """The timeline of a message."""
        history = await timeline(self._store, request.path_params["message_id"])
        if history is None:
            return JSONResponse({"error": "there is no such message"}, 404)
        return JSONResponse(history)

    async def reset(self, _: Request) -> Response:
        """Makes the sandbox what it was at first: without messages, without what calls made, at real time."""
        await self._reset()
        return JSONResponse({"ok": True})

    async def close(self, _: Request) -> Response:
        """Ends a sandbox that has a name; the name can be used again."""
        if self._close is None:
            return JSONResponse({"error": "only a sandbox with a name can be closed"}, 409)
        await self._close()
        return JSONResponse({"ok": True})
