"""The ids that calls answer next, chosen by a test that has to know them beforehand."""

import re
from collections import deque
from collections.abc import Mapping, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.api.http_messages import Handler, HttpRequest, Reply
from waypost.api.operations.chosen_ids import ID_KINDS, IdKind, choosing_ids
from waypost.sandbox.json_answers import json_answer

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST = 1000


class _Choice(msgspec.Struct, forbid_unknown_fields=True):
    kind: IdKind
    next: list[str]


class NextIds:
    """The chosen ids of one sandbox, and the control endpoint for them.

    An id that is taken already is passed over: the call is decided again, and draws one.
    """

    def __init__(self) -> None:
        self._waiting: dict[IdKind, deque[str]] = {kind: deque() for kind in ID_KINDS}

    def routes(self) -> list[Route]:
        """The URL routes of the endpoint."""
        return [
            Route("/sandbox/ids", self.listed, methods=["GET"]),
            Route("/sandbox/ids", self.choose, methods=["POST"]),
            Route("/sandbox/ids", self.clear, methods=["DELETE"]),
        ]

    def handle(self, request: HttpRequest, reply: Reply, forward: Handler) -> None:
        """Lets `forward` answer a call, with the chosen ids if there are any."""
        if not any(self._waiting.values()):
            forward(request, reply)
            return
        with choosing_ids(self._take):
            forward(request, reply)

    def state(self) -> dict[str, list[str]]:
        """The ids that wait, by kind."""
        return {kind: list(ids) for kind, ids in self._waiting.items() if ids}

    def restore(self, ids: Mapping[str, Sequence[str]]) -> None:
        """Takes over what `state` returned."""
        for kind, waiting in self._waiting.items():
            waiting.extend(ids.get(kind, ()))

    async def listed(self, _: Request) -> Response:
        """The ids that wait."""
        return json_answer({"ids": self.state()})

    async def choose(self, request: Request) -> Response:
        """Chooses the ids of the next things of a kind: {"kind": "template", "next": ["my_code"]}."""
        try:
            choice = msgspec.json.decode(await request.body(), type=_Choice)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return json_answer({"error": f"{error}; kind is one of: {', '.join(ID_KINDS)}"}, 400)
        waiting = self._waiting[choice.kind]
        if not all(_ID.fullmatch(id_) for id_ in choice.next):
            return json_answer({"error": "an id has 1 to 64 letters, digits, _ and -"}, 400)
        if len(waiting) + len(choice.next) > _MOST:
            return json_answer({"error": f"at most {_MOST} ids of a kind wait"}, 400)
        waiting.extend(choice.next)
        return await self.listed(request)

    async def clear(self, request: Request) -> Response:
        """Lets all ids be drawn again."""
        for waiting in self._waiting.values():
            waiting.clear()
        return await self.listed(request)

    def _take(self, kind: IdKind) -> str:
        waiting = self._waiting[kind]
        return waiting.popleft() if waiting else ""
