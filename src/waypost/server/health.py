"""The health endpoint: `GET /healthz`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from waypost.clock import Clock
from waypost.storage.contract import Store
from waypost.storage.records import Stage


class HealthEndpoint:
    """Reports that the service runs, and how late the work of each stage is."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def handle(self, _: Request) -> Response:
        """Responds with the lateness of the oldest row of each stage, in seconds."""
        # Not the number of rows: a count costs the more the longer the backlog is.
        now = self._clock.now()
        dues = {stage: await self._store.next_due(stage, -1) for stage in Stage}
        behind = {
            stage.value: max(0.0, (now - due) / 1000) if due is not None else 0.0
            for stage, due in dues.items()
        }
        return JSONResponse({"status": "ok", "behind_seconds": behind})
