"""What a test looks at: calls, phones, and the code that a person was sent."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.console.rendering import is_long_query
from waypost.sandbox.calls import Calls
from waypost.sandbox.json_answers import json_answer
from waypost.sandbox.phone_network import PhoneNetwork

# A one-time password, and not a part of a longer number.
_CODE = re.compile(r"(?<![0-9])[0-9]{4,8}(?![0-9])")


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
        ]

    async def calls(self, request: Request) -> Response:
        """The calls, accepted and refused, oldest first; `?code=` and `?operation=` select some."""
        params = {} if is_long_query(request) else request.query_params
        code, operation = params.get("code", ""), params.get("operation", "")
        return json_answer(
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
        return json_answer({"phones": self._network.phones()})

    async def code(self, request: Request) -> Response:
        """The last code that was sent to a phone: four to eight digits in a text."""
        number = request.path_params["number"]
        for message in reversed(self._network.phone(number)):
            found = _CODE.findall(message.text)
            if found:
                return json_answer({"code": found[-1], "text": message.text, "at": message.at})
        return json_answer({"error": f"no message on {number} has a code of four to eight digits"}, 404)
