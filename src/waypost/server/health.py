"""The health endpoints: `/livez`, `/readyz` and `/healthz`.

    /livez     200 while the event loop turns: a process that does not answer wants to be started again
    /readyz    503 while this process can accept nothing durably: calls are better sent elsewhere
    /healthz   200 with what is degraded, for people and for alarms; none of it is mended by a restart

Anybody gets codes. What they are about (routes, hosts) only whoever asks from this machine, not through a
proxy, or has the token of `server.status_token`.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from waypost.clock import Clock, steady_seconds
from waypost.server.operator_access import OperatorAccess
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import Stage

# Work that is overdue by more than this is late; seconds of the service's clock.
_LATE_S = 60.0
# How long what was read from the database is reported, so that who asks often costs little; real seconds.
_REMEMBERED_S = 1.0
# How long an answer waits for that; real seconds.
_LOOK_WITHIN_S = 1.0


class Reason(NamedTuple):
    """Why the service is degraded, or not ready.

    Attributes:
        code: for programs.
        details: for the operator alone.
    """

    code: str
    details: dict[str, Any]


class HealthEndpoints:
    """Answers the health endpoints.

    Args:
        readiness: returns why nothing can be accepted durably.
        degradation: returns what else does not go as it should.
        access: who may see the details.
        counts: returns what is counted and is no reason by itself, for the details of `/healthz`.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        readiness: Callable[[], Iterable[Reason]],
        degradation: Callable[[], Iterable[Reason]],
        access: OperatorAccess,
        counts: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._store = store
        self._clock = clock
        self._readiness = readiness
        self._degradation = degradation
        self._access = access
        self._counts = counts
        self._behind = dict.fromkeys((stage.value for stage in Stage), 0.0)
        self._behind_until = 0.0
        self._looking: asyncio.Task[None] | None = None

    def routes(self) -> list[Route]:
        """The web routes."""
        return [
            Route("/livez", self.live, methods=["GET"]),
            Route("/readyz", self.ready, methods=["GET"]),
            Route("/healthz", self.health, methods=["GET"]),
        ]

    async def live(self, _: Request) -> Response:
        """Responds that the event loop turns."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Responds whether calls can be accepted."""
        reasons = list(self._readiness())
        status = "not_ready" if reasons else "ok"
        return self._answer(request, status, reasons, {}, 503 if reasons else 200)

    async def health(self, request: Request) -> Response:
        """Responds with what is degraded, and with how late the oldest work of each stage is, in seconds."""
        behind = await self._behind_seconds()
        late = {stage: round(seconds, 1) for stage, seconds in behind.items() if seconds > _LATE_S}
        reasons = [
            *self._readiness(),
            *self._degradation(),
            *([Reason("lag", {"behind_seconds": late})] if late else []),
        ]
        status = "degraded" if reasons else "ok"
        return self._answer(request, status, reasons, {"behind_seconds": behind}, counts=self._counts())

    def _answer(
        self,
        request: Request,
        status: str,
        reasons: list[Reason],
        more: dict[str, Any],
        http_status: int = 200,
        counts: Mapping[str, Any] = MappingProxyType({}),
    ) -> Response:
        body: dict[str, Any] = {"status": status, "reasons": [reason.code for reason in reasons], **more}
        if self._access.allows(request):
            body["details"] = {reason.code: reason.details for reason in reasons} | dict(counts)
        return JSONResponse(body, http_status, {"Cache-Control": "no-store"})

    async def _behind_seconds(self) -> dict[str, float]:
        """How late each stage is; as it was last, while the database does not answer."""
        if self._looking is None or (self._looking.done() and steady_seconds() >= self._behind_until):
            self._behind_until = steady_seconds() + _REMEMBERED_S
            self._looking = asyncio.create_task(self._look())
        await asyncio.wait([self._looking], timeout=_LOOK_WITHIN_S)
        return self._behind

    async def _look(self) -> None:
        # Not the number of rows: a count costs the more the longer the backlog is.
        now = self._clock.now()
        for stage in Stage:
            try:
                dues = [due for _, due in await self._store.lanes(stage) if due is not None]
            except StoreUnavailableError:
                return
            self._behind[stage.value] = max(0.0, (now - min(dues, default=now)) / 1000)
