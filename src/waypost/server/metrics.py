"""`/metrics`: figures of this process and of its database, in the format of Prometheus.

They are the operator's, so they are answered to whoever asks from this machine itself, not through a proxy,
or has the token of `server.status_token`; anybody else gets 403.

What happens often is counted in plain numbers where it happens, and put together when somebody asks. What is
read from the database is bounded, and remembered for some seconds, so that who asks often costs little.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from waypost.api.call_recorder import CallRecorder
from waypost.clock import Clock, steady_seconds
from waypost.delivery.route_states import LiveRouteStates
from waypost.model.events import EVENTS_COUNTER
from waypost.model.histogram import Histogram
from waypost.model.identifiers import AccountId
from waypost.model.message.lanes import parse_callback_lane, parse_dispatch_lane
from waypost.model.routes.state import Breaker
from waypost.server.event_counts import EVENT_COUNTS
from waypost.server.metric_families import FAMILIES
from waypost.server.operator_access import OperatorAccess
from waypost.server.stages import Delivery
from waypost.storage.backlogs import Backlog
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import Stage

K = TypeVar("K", bound=Hashable)
Labels = tuple[str, ...]

_REMEMBERED_S = 5.0
_REFUSED = "Ask from the machine itself, or send 'Authorization: Bearer <server.status_token>'.\n"
_PAUSED = "paused"


class AccountGroups:
    """The names under which accounts are counted together.

    Args:
        groups: name to accounts; with none, all accounts are the group `all`, else all others are `other`.
    """

    def __init__(self, groups: Mapping[str, Iterable[AccountId]]) -> None:
        self._names = {account: name for name, accounts in groups.items() for account in accounts}
        self._others = "other" if groups else "all"

    def name_of(self, account_id: AccountId) -> str:
        """The group of an account."""
        return self._names.get(account_id, self._others)


class Backlogs(NamedTuple):
    """What was read of the database last.

    Attributes:
        stages: what is due in the lanes of each stage.
        at: when, milliseconds UTC.
    """

    stages: Mapping[Stage, list[Backlog]] = {}
    at: int = 0


class Figures(Collector):
    """Puts the figures together.

    Args:
        recorder: counts calls.
        groups: the groups of accounts.
        route_states: whether routes may be used.
    """

    def __init__(
        self,
        store: Store,
        recorder: CallRecorder,
        delivery: Delivery,
        groups: AccountGroups,
        route_states: LiveRouteStates,
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._delivery = delivery
        self._groups = groups
        self._route_states = route_states
        self.backlogs = Backlogs()

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        tallies, notifier = self._delivery.tallies, self._delivery.notifier
        yield from self._of_backlogs()
        yield _gauge("waypost_in_flight", _summed(tallies.in_flight.items(), self._of_lane))
        outcomes = _summed(tallies.outcomes.items(), lambda key: (*self._of_lane(key[0]), key[1]))
        yield _counter("waypost_outcomes_total", outcomes)
        yield _gauge("waypost_route_state", dict(self._states()))
        tried = _summed(notifier.tried.items(), lambda key: (self._groups.name_of(key[0]), key[1]))
        yield _counter("waypost_callback_tries_total", tried)
        yield _counter("waypost_calls_total", self._recorder.calls)
        yield _histogram("waypost_accept_seconds", self._recorder.accepts)
        yield _histogram("waypost_flush_seconds", self._store.flushes)
        yield _counter("waypost_calls_not_recorded_total", {(): self._recorder.dropped})
        yield from _of_events()

    def _of_backlogs(self) -> Iterator[Metric]:
        stages, at = self.backlogs
        dispatch, callbacks = stages.get(Stage.DISPATCH, []), stages.get(Stage.CALLBACK, [])
        for names, rows, labels in (
            (("waypost_waiting", "waypost_oldest_waiting_seconds"), dispatch, self._of_lane),
            (
                ("waypost_callbacks_waiting", "waypost_callbacks_oldest_seconds"),
                callbacks,
                lambda lane: (self._groups.name_of(parse_callback_lane(lane).account_id),),
            ),
        ):
            yield _gauge(names[0], _summed(((row.lane, row.rows) for row in rows), labels))
            yield _gauge(names[1], _longest(rows, labels, at))
        behind = {(stage.value,): _age(rows, at) for stage, rows in stages.items()}
        yield _gauge("waypost_stage_behind_seconds", behind)

    def _of_lane(self, lane: str) -> Labels:
        route, account_id, message_class = parse_dispatch_lane(lane)
        return route, message_class, self._groups.name_of(account_id)

    def _states(self) -> Iterator[tuple[Labels, float]]:
        for name in self._delivery.routes:
            state = self._route_states.state(name)
            present = _PAUSED if state.is_paused else state.breaker.value
            for word in (*(breaker.value for breaker in Breaker), _PAUSED):
                yield (name, word), float(word == present)


class MetricsEndpoint:
    """Answers `/metrics`.

    Args:
        access: who may read it.
    """

    def __init__(self, store: Store, clock: Clock, figures: Figures, access: OperatorAccess) -> None:
        self._store = store
        self._clock = clock
        self._figures = figures
        self._access = access
        self._registry = CollectorRegistry()
        self._registry.register(figures)
        ProcessCollector(registry=self._registry)
        self._read_again_at = 0.0

    def routes(self) -> list[Route]:
        """The web route."""
        return [Route("/metrics", self.metrics, methods=["GET"])]

    async def metrics(self, request: Request) -> Response:
        """Responds with the figures."""
        if not self._access.allows(request):
            return PlainTextResponse(_REFUSED, 403)
        await self._read()
        # Between the turns of the event loop, so that nothing changes meanwhile.
        text = generate_latest(self._registry)
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})

    async def _read(self) -> None:
        """Reads the backlogs; they are as they were last while the database does not answer."""
        if steady_seconds() < self._read_again_at:
            return
        self._read_again_at = steady_seconds() + _REMEMBERED_S
        now, reader = self._clock.now(), self._store.backlogs
        try:
            stages = {stage: await asyncio.to_thread(reader.of_stage, stage, now) for stage in Stage}
        except StoreUnavailableError:
            return
        self._figures.backlogs = Backlogs(stages, now)


def _summed(rows: Iterable[tuple[K, int]], labels: Callable[[K], Labels]) -> dict[Labels, float]:
    sums: dict[Labels, float] = {}
    for key, number in rows:
        own = labels(key)
        sums[own] = sums.get(own, 0) + number
    return sums


def _longest(rows: Iterable[Backlog], labels: Callable[[str], Labels], at: int) -> dict[Labels, float]:
    ages: dict[Labels, float] = {}
    for row in rows:
        own = labels(row.lane)
        ages[own] = max(ages.get(own, 0.0), _age([row], at))
    return ages


def _age(rows: Iterable[Backlog], at: int) -> float:
    return max(0.0, (at - min((row.oldest for row in rows), default=at)) / 1000)


def _gauge(name: str, rows: Mapping[Any, float]) -> Metric:
    family = FAMILIES[name]
    metric = GaugeMetricFamily(name, family.meaning, labels=family.labels)
    for labels, value in rows.items():
        metric.add_metric(labels, value)
    return metric


def _counter(name: str, rows: Mapping[Any, float]) -> Metric:
    family = FAMILIES[name]
    metric = CounterMetricFamily(name, family.meaning, labels=family.labels)
    for labels, value in rows.items():
        metric.add_metric(labels, value)
    return metric


def _histogram(name: str, histogram: Histogram) -> Metric:
    metric = HistogramMetricFamily(name, FAMILIES[name].meaning)
    metric.add_metric([], histogram.cumulative(), histogram.total)
    return metric


def _of_events() -> Iterator[Metric]:
    by_counter: dict[str, Counter[Labels]] = {}
    for (counter, labels), count in EVENT_COUNTS.counts.items():
        by_counter.setdefault(counter, Counter())[labels] = count
    by_counter.setdefault(EVENTS_COUNTER, Counter())
    for counter, rows in by_counter.items():
        yield _counter(counter, rows)
