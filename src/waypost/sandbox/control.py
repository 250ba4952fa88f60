"""The sandbox's control endpoints, JSON, beside the API they control."""

from contextlib import suppress
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from waypost.clock import MovableClock
from waypost.messaging.history import timeline
from waypost.model.identifiers import MessageId, parse_reference
from waypost.sandbox import fixture
from waypost.sandbox.phone_network import PhoneMessage, PhoneNetwork, ReplyRefusedError
from waypost.sandbox.time_travel import TimeTravel
from waypost.storage.contract import Store
from waypost.storage.records import CallbackState

_LONGEST_ADVANCE_S = 400 * 86_400


class _Advance(msgspec.Struct, forbid_unknown_fields=True):
    seconds: float


class _Reply(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class Control:
    """Handles them.

    Args:
        store: the ledger of the service under test.
        network: the simulated providers and phones.
    """

    def __init__(self, clock: MovableClock, store: Store, network: PhoneNetwork, travel: TimeTravel) -> None:
        self._clock = clock
        self._store = store
        self._network = network
        self._travel = travel

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            Route("/sandbox/phones/{number}", self.phone, methods=["GET"]),
            Route("/sandbox/phones/{number}/reply", self.reply, methods=["POST"]),
            Route("/sandbox/clock", self.clock, methods=["GET"]),
            Route("/sandbox/clock/advance", self.advance, methods=["POST"]),
            Route("/sandbox/callbacks", self.callbacks, methods=["GET"]),
            Route("/sandbox/messages/{message_id}", self.message, methods=["GET"]),
            Route("/sandbox/reset", self.reset, methods=["POST"]),
        ]

    async def phone(self, request: Request) -> Response:
        """What a phone shows, oldest first."""
        number = request.path_params["number"]
        messages = [await self._shown(message) for message in self._network.phone(number)]
        return JSONResponse({"number": number, "messages": messages})

    async def _shown(self, message: PhoneMessage) -> dict[str, Any]:
        message_id, leg = await self._whose(message)
        return {
            "channel": message.channel,
            "from": message.from_,
            "text": message.text,
            "media": message.media,
            "message_id": message_id,
            "leg": leg,
            "state": message.state,
            "at": message.at,
        }

    async def _whose(self, message: PhoneMessage) -> tuple[str | None, int | None]:
        """The message and leg a provider was handed: by our reference, the number it echoes or its own id."""
        if message.reference is not None:
            # A provider can be called directly too, with a reference that is not ours.
            with suppress(ValueError):
                message_id, leg, _ = parse_reference(message.reference)
                return message_id, leg
        if message.seq is not None:
            attempt = await self._store.find_attempt_by_number(message.seq)
            if attempt is not None:
                return attempt.message_id, attempt.leg
        route = fixture.route_of(message.channel, message.from_)
        named = await self._store.transact(lambda tx: tx.attempt_by_provider_id(route, message.token))
        return (None, None) if named is None else (named.message_id, named.leg)

    async def reply(self, request: Request) -> Response:
        """The person answers the last message: {"text": "..."}."""
        try:
            request_body = msgspec.json.decode(await request.body(), type=_Reply)
            await self._network.reply(request.path_params["number"], request_body.text)
        except (msgspec.DecodeError, UnicodeDecodeError, ReplyRefusedError) as error:
            return JSONResponse({"error": str(error)}, 400)
        await self._travel.settle()
        return JSONResponse({"ok": True})

    async def clock(self, _: Request) -> Response:
        """The sandbox's time and how far it is ahead."""
        return JSONResponse(self._time())

    def _time(self) -> dict[str, float]:
        return {"now": self._clock.now(), "ahead_seconds": self._clock.offset / 1000}

    async def advance(self, request: Request) -> Response:
        """Moves the clock: {"seconds": N}; answers when everything due until then has happened."""
        try:
            request_body = msgspec.json.decode(await request.body(), type=_Advance)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return JSONResponse({"error": f'{error}; send {{"seconds": N}}'}, 400)
        if not 0 <= request_body.seconds <= _LONGEST_ADVANCE_S:
            return JSONResponse({"error": f"seconds must be from 0 to {_LONGEST_ADVANCE_S}"}, 400)
        await self._travel.advance(request_body.seconds)
        return JSONResponse(self._time())

    async def callbacks(self, request: Request) -> Response:
        """What would have been pushed, had the account a URL; `?message_id=` for one message's."""
        message_id = request.query_params.get("message_id")
        kept = await self._store.list_callbacks(
            message_id=MessageId(message_id) if message_id is not None else None,
            states=(CallbackState.STORED,),
            limit=100_000,
        )
        return JSONResponse(
            {
                "callbacks": [
                    {
                        "id": callback.id,
                        "kind": callback.kind,
                        "account_id": callback.account_id,
                        "message_id": callback.message_id or None,
                        "at": callback.created_at,
                        "body": msgspec.json.decode(callback.body),
                    }
                    for callback in kept
                ]
            }
        )

    async def message(self, request: Request) -> Response:
        """The timeline of a message."""
        found = await timeline(self._store, request.path_params["message_id"])
        if found is None:
            return JSONResponse({"error": "there is no such message"}, 404)
        return JSONResponse(found)

    async def reset(self, _: Request) -> Response:
        """Forgets all messages, callbacks and what the phones show. The clock stays where it is."""
        await self._travel.settle()
        await self._network.reset()
        await self._store.clear()
        return JSONResponse({"ok": True})
