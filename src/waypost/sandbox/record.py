"""What a test looks at: calls, phones, the code that a person was sent; and what is refused on demand."""

import re

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.api.errors.catalogue import error_code
from waypost.console.rendering import is_long_query
from waypost.sandbox.calls import Calls, NextRefusal
from waypost.sandbox.phone_network import PhoneNetwork

# A one-time password, and not a part of a longer number.
_CODE = re.compile(r"(?<![0-9])[0-9]{4,8}(?![0-9])")
_MOST_REFUSED = 100_000


class Record:
    """Answers the requests for it.

    Args:
        calls: the calls of the sandbox.
        network: its phones.
    """

    def __init__(self, calls: Calls, network: PhoneNetwork) -> None:
        self._calls = calls
        self._network = network

    def routes(self) -> list[Route]:
        """The URL routes of the endpoints."""
        return [
            Route("/sandbox/calls", self.calls, methods=["GET"]),
            Route("/sandbox/phones", self.phones, methods=["GET"]),
            Route("/sandbox/phones/{number}/code", self.code, methods=["GET"]),
            Route("/sandbox/refusals", self.refusals, methods=["GET"]),
            Route("/sandbox/refusals", self.add_refusal, methods=["POST"]),
            Route("/sandbox/refusals", self.clear_refusals, methods=["DELETE"]),
        ]

    async def calls(self, request: Request) -> Response:
        """The calls, accepted and refused, oldest first; `?code=` and `?operation=` select some."""
        params = {} if is_long_query(request) else request.query_params
        code, operation = params.get("code", ""), params.get("operation", "")
        return _json(
            {
                "calls": [
                    call
                    for call in self._calls.listed
                    if code in ("", call.code) and operation in ("", call.operation)
                ]
            }
        )

    async def phones(self, _: Request) -> Response:
        """The phones that something has reached, the latest first."""
        return _json({"phones": self._network.phones()})

    async def code(self, request: Request) -> Response:
        """The last code that was sent to a phone: four to eight digits in a text."""
        number = request.path_params["number"]
        for message in reversed(self._network.phone(number)):
            found = _CODE.findall(message.text)
            if found:
                return _json({"code": found[-1], "text": message.text, "at": message.at})
        return _json({"error": f"no message on {number} has a code of four to eight digits"}, 404)

    async def refusals(self, _: Request) -> Response:
        """The calls that are refused next."""
        return _json({"refusals": self._calls.refusals})

    async def add_refusal(self, request: Request) -> Response:
        """Has the next calls refused: {"code": "System.LimitControl", "count": 2, "operation": "..."}."""
        try:
            refusal = msgspec.json.decode(await request.body(), type=NextRefusal)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _json({"error": f'{error}; send {{"code": CODE, "count": N, "operation": NAME}}'}, 400)
        if not 0 < refusal.count <= _MOST_REFUSED:
            return _json({"error": f"count must be from 1 to {_MOST_REFUSED}"}, 400)
        try:
            error_code(refusal.code)
        except LookupError:
            return _json({"error": f"code {refusal.code!r} is none of /errors"}, 400)
        self._calls.refusals.append(refusal)
        return await self.refusals(request)

    async def clear_refusals(self, request: Request) -> Response:
        """Lets no more calls be refused on demand."""
        self._calls.refusals.clear()
        return await self.refusals(request)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
