"""What a test looks at: the calls, the phones, the code that a person was sent; and faults on demand."""

import re

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.api.errors.catalogue import error_code
from waypost.console.rendering import is_long_query
from waypost.sandbox.calls import CallFault, Calls
from waypost.sandbox.phone_network import PhoneNetwork

# A one-time password, and not a part of a longer number.
_CODE = re.compile(r"(?<![0-9])[0-9]{4,8}(?![0-9])")
_MOST_FAULTY_CALLS = 100_000


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
            Route("/sandbox/faults/calls", self.faults, methods=["GET"]),
            Route("/sandbox/faults/calls", self.add_fault, methods=["POST"]),
            Route("/sandbox/faults/calls", self.clear_faults, methods=["DELETE"]),
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

    async def faults(self, _: Request) -> Response:
        """The calls that are refused next."""
        return _json({"faults": self._calls.faults})

    async def add_fault(self, request: Request) -> Response:
        """Has the next calls refused: {"code": "System.LimitControl", "count": 2, "operation": "..."}."""
        try:
            fault = msgspec.json.decode(await request.body(), type=CallFault)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _json({"error": f'{error}; send {{"code": CODE, "count": N, "operation": NAME}}'}, 400)
        if not 0 < fault.count <= _MOST_FAULTY_CALLS:
            return _json({"error": f"count must be from 1 to {_MOST_FAULTY_CALLS}"}, 400)
        try:
            error_code(fault.code)
        except LookupError:
            return _json({"error": f"code {fault.code!r} is none of /errors"}, 400)
        self._calls.faults.append(fault)
        return await self.faults(request)

    async def clear_faults(self, request: Request) -> Response:
        """Lets no more calls be refused on demand."""
        self._calls.faults.clear()
        return await self.faults(request)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
