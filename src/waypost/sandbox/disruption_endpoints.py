"""The control endpoints for what goes wrong on demand; `/sandbox/refusals` is short for the commonest."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.sandbox.disruptions import (
    CallbackDisruption,
    CallDisruption,
    Disruption,
    Disruptions,
    InvalidDisruptionError,
    ProviderDisruption,
)
from waypost.sandbox.json_answers import json_answer

_MOST_REFUSED = 100_000


class _Refusal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    code: str
    count: int = 1
    operation: str = ""


class DisruptionEndpoints:
    """Answers the requests for it.

    Args:
        disruptions: those of the sandbox.
        follow: lets the simulated providers refuse connections, or accept them, as the disruptions say.
    """

    def __init__(self, disruptions: Disruptions, follow: Callable[[], Awaitable[None]]) -> None:
        self._disruptions = disruptions
        self._follow = follow

    def routes(self) -> list[Route]:
        """The URL routes of the endpoints."""
        return [
            Route("/sandbox/disruptions", self.listed, methods=["GET"]),
            Route("/sandbox/disruptions", self.clear, methods=["DELETE"]),
            Route("/sandbox/disruptions/{id:int}", self.remove, methods=["DELETE"]),
            Route("/sandbox/disruptions/calls", self.add_of(CallDisruption), methods=["POST"]),
            Route("/sandbox/disruptions/providers", self.add_of(ProviderDisruption), methods=["POST"]),
            Route("/sandbox/disruptions/callbacks", self.add_of(CallbackDisruption), methods=["POST"]),
            Route("/sandbox/refusals", self.refusals, methods=["GET"]),
            Route("/sandbox/refusals", self.add_refusal, methods=["POST"]),
            Route("/sandbox/refusals", self.clear_refusals, methods=["DELETE"]),
        ]

    async def listed(self, _: Request) -> Response:
        """What is in force."""
        disruptions = self._disruptions
        return json_answer(
            {
                "calls": disruptions.calls,
                "providers": disruptions.providers,
                "callbacks": disruptions.callbacks,
            }
        )

    def add_of(self, kind: type[Disruption]) -> Callable[[Request], Awaitable[Response]]:
        """Puts one in force: {"kind": "timeout", "count": 1}; the answer has its id and seed."""

        async def add(request: Request) -> Response:
            try:
                disruption = msgspec.json.decode(await request.body(), type=kind)
                self._disruptions.add(disruption)
            except (msgspec.DecodeError, UnicodeDecodeError, InvalidDisruptionError) as error:
                return json_answer({"error": str(error)}, 400)
            await self._follow()
            return json_answer(disruption)

        return add

    async def clear(self, request: Request) -> Response:
        """Lets all go right again."""
        self._disruptions.clear()
        await self._follow()
        return await self.listed(request)

    async def remove(self, request: Request) -> Response:
        """Removes one by its id."""
        if not self._disruptions.remove(request.path_params["id"]):
            return json_answer({"error": "there is no disruption with this id, or it is used up"}, 404)
        await self._follow()
        return await self.listed(request)

    async def refusals(self, _: Request) -> Response:
        """The calls that are refused next."""
        refusals = [
            {"code": one.code, "count": one.count, "operation": one.operation}
            for one in self._disruptions.calls
            if one.code
        ]
        return json_answer({"refusals": refusals})

    async def add_refusal(self, request: Request) -> Response:
        """Has the next calls refused: {"code": "System.LimitControl", "count": 2, "operation": "..."}."""
        try:
            refusal = msgspec.json.decode(await request.body(), type=_Refusal)
            if not 0 < refusal.count <= _MOST_REFUSED:
                raise InvalidDisruptionError(f"count must be from 1 to {_MOST_REFUSED}")
            members: dict[str, Any] = msgspec.structs.asdict(refusal)
            self._disruptions.add(CallDisruption(kind="refuse", **members))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return json_answer(
                {"error": f'{error}; send {{"code": CODE, "count": N, "operation": NAME}}'}, 400
            )
        except InvalidDisruptionError as error:
            return json_answer({"error": str(error)}, 400)
        return await self.refusals(request)

    async def clear_refusals(self, request: Request) -> Response:
        """Lets no more calls be refused on demand."""
        self._disruptions.clear(lambda one: isinstance(one, CallDisruption) and bool(one.code))
        return await self.refusals(request)
