"""The control endpoints by which a sandbox is dumped, loaded and forked."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from waypost.sandbox.json_answers import json_answer
from waypost.sandbox.sandbox_state import SandboxState, UnusableStateError, read_state

Dump = Callable[[], Awaitable[SandboxState]]


class NameInUseError(Exception):
    """A sandbox cannot be forked to a name; the text says why."""


class _Fork(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class StateEndpoints:
    """Answers the requests for it.

    Args:
        dump: returns the state of this sandbox.
        load: makes this sandbox go on from a state.
        fork: makes one of another name go on from a state; raises `NameInUseError`.
    """

    def __init__(
        self,
        dump: Dump,
        load: Callable[[SandboxState], Awaitable[None]],
        fork: Callable[[str, SandboxState], Awaitable[None]],
    ) -> None:
        self._dump, self._load, self._fork = dump, load, fork

    def routes(self) -> list[Route]:
        """The URL routes of the endpoints."""
        return [
            Route("/sandbox/state", self.dump, methods=["GET"]),
            Route("/sandbox/state", self.load, methods=["PUT", "POST"]),
            Route("/sandbox/fork", self.fork, methods=["POST"]),
        ]

    async def dump(self, _: Request) -> Response:
        """All that the sandbox is, as JSON."""
        return json_answer(await self._dump())

    async def load(self, request: Request) -> Response:
        """Makes the sandbox what it was when it was dumped."""
        try:
            state = read_state(await request.body())
        except UnusableStateError as error:
            return json_answer({"error": str(error)}, 400)
        await self._load(state)
        return json_answer({"ok": True})

    async def fork(self, request: Request) -> Response:
        """Makes another sandbox that goes on from here: {"name": "..."}."""
        try:
            fork = msgspec.json.decode(await request.body(), type=_Fork)
            await self._fork(fork.name, await self._dump())
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return json_answer({"error": f'{error}; send {{"name": NAME}}'}, 400)
        except NameInUseError as error:
            return json_answer({"error": str(error)}, 409)
        return json_answer({"name": fork.name, "access_key_id": f"{fork.name}@sandbox"})
