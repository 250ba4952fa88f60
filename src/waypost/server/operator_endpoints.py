"""What an operator asks a running service: whether it turns, can accept and is well, and its figures."""

from collections.abc import Iterator

from starlette.routing import BaseRoute

from waypost.api.call_recorder import CallRecorder
from waypost.api.gate import Gate
from waypost.clock import Clock
from waypost.config.settings import Settings
from waypost.delivery.route_states import LiveRouteStates
from waypost.server.health import HealthEndpoints, Reason
from waypost.server.metrics import AccountGroups, Figures, MetricsEndpoint
from waypost.server.operator_access import OperatorAccess
from waypost.server.stages import Delivery, delivery_reasons
from waypost.server.watches import MachineWatch
from waypost.storage.contract import Store


class OperatorEndpoints:
    """The endpoints of health and metrics.

    Args:
        gate: whether calls are accepted.
        machine: whether disk and clock are as they should be.
        recorder: counts calls.
        delivery: the running stages.
        route_states: whether routes may be used.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        gate: Gate,
        machine: MachineWatch,
        recorder: CallRecorder,
        delivery: Delivery,
        route_states: LiveRouteStates,
    ) -> None:
        self._store = store
        self._clock = clock
        self._gate = gate
        self._machine = machine
        self._recorder = recorder
        self._delivery = delivery
        access = OperatorAccess(settings.server.status_token)
        self._health = HealthEndpoints(store, clock, self._not_ready, self._degraded, access, self._counts)
        groups = AccountGroups(settings.metrics.groups)
        figures = Figures(store, recorder, delivery, groups, route_states)
        self._metrics = MetricsEndpoint(store, clock, figures, access)

    def routes(self) -> list[BaseRoute]:
        """The URL routes of the endpoints."""
        return [*self._health.routes(), *self._metrics.routes()]

    def _counts(self) -> dict[str, object]:
        return {"calls": {"not_recorded": self._recorder.dropped}}

    def _not_ready(self) -> Iterator[Reason]:
        condition = self._store.condition()
        if condition.away_for:
            yield Reason("database", {"seconds": round(condition.away_for, 1), "error": condition.reason})
        if not self._gate.is_open:
            yield Reason("draining", {})
        yield from self._machine.not_ready()

    def _degraded(self) -> Iterator[Reason]:
        yield from self._machine.degraded()
        yield from delivery_reasons(self._delivery, self._clock.now())
