"""The circuit breaker of a route: while its provider is down, one message at a time finds out whether it is
back, and all others wait in the journal as they are."""

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from waypost.clock import Clock
from waypost.delivery.route_states import LiveRouteStates
from waypost.model.message.outcomes import Accepted, Outcome, Refused
from waypost.model.routes.breaker import (
    BreakerOptions,
    Judgement,
    Noted,
    Sign,
    after_probe,
    closed,
    is_probe_due,
    judge,
    opened,
    probing,
    should_open,
)
from waypost.model.routes.state import Breaker, RouteState
from waypost.storage.contract import StoreUnavailableError

log = structlog.get_logger()

Transition = Callable[[RouteState], RouteState | None]

# Of so many times the least number of outcomes the latest are looked at.
_LATEST = 4
# Beyond the longest request, what a probe needs to be claimed and written; milliseconds.
_PROBE_MARGIN_MS = 15_000
# After that a change is written again that found no database, in real seconds.
_WRITE_RETRY_S = 0.5
NO_BOUND = 1 << 30


class RouteBreaker:
    """The breaker of one route in one process; its state is the store's.

    Args:
        run: the run of this process, by which others know whose a probe is.
        longest_request: returns how long a request takes at most, in seconds.
        woken: called when more may be claimed than before.

    Attributes:
        is_free: whether anything may be sent, not a probe alone.
    """

    def __init__(
        self,
        route: str,
        states: LiveRouteStates,
        clock: Clock,
        options: BreakerOptions,
        run: int,
        *,
        longest_request: Callable[[], float],
        woken: Callable[[], None],
    ) -> None:
        self._route = route
        self._states = states
        self._clock = clock
        self._options = options
        self._run = run
        self._longest_request = longest_request
        self._woken = woken
        self._latest: deque[Noted] = deque(maxlen=_LATEST * options.least)
        # What this process knows and has not written yet.
        self._assumed: RouteState | None = None
        self._changing: asyncio.Task[None] | None = None
        # Counts how often it opened: what was sent before that says nothing about what a probe finds.
        self._opened = 0
        self._probe_out = False
        self.is_free = self._is_closed = True
        self.follow()

    @property
    def state(self) -> RouteState:
        """The state of the route."""
        return self._assumed or self._states.state(self._route)

    def follow(self) -> None:
        """Follows a change of the state, whoever made it."""
        state = self.state
        was_closed, self._is_closed = self._is_closed, state.breaker is Breaker.CLOSED
        self.is_free = state.is_usable
        if was_closed and not self._is_closed:
            self._opened += 1
            self._latest.clear()
        if not self._is_probing():
            self._probe_out = False
        self._woken()

    def places(self) -> int:
        """How many more messages may be claimed, as far as the state of the route says."""
        if self.is_free:
            return NO_BOUND
        return int(self._is_probing() and not self._probe_out)

    def start_probe(self) -> None:
        """Notes that messages are claimed for a probe."""
        self._probe_out = True

    def drop_probe(self) -> bool:
        """Notes that none of them is under way any more; whether none of them was sent: then the next one
        is the probe."""
        was_out, self._probe_out = self._probe_out, False
        if was_out:
            self._woken()
        return was_out

    @property
    def is_probing(self) -> bool:
        """Whether one message may be sent as a probe, by this process."""
        return self._is_probing()

    def wake_at(self) -> int | None:
        """When a probe is due, if nothing else may be sent; milliseconds UTC."""
        state = self.state
        if self.is_free or state.is_paused or self._changing is not None:
            return None
        # While it probes: when the probe counts as lost.
        return None if self._is_probing() and not self._probe_out else state.probe_at

    def look(self, now: int) -> None:
        """Begins a probe if one is due; called while messages wait for the route."""
        if self.is_free or self._changing is not None:
            return
        if not self._options.threshold:
            # It was opened by other settings.
            self._change(closed)
        elif is_probe_due(self.state, now):
            self._probe_out = False
            longest = int(self._longest_request() * 1000) + _PROBE_MARGIN_MS
            self._change(lambda state: probing(state, self._run, self._clock.now(), longest), assume=False)

    def ticket(self) -> int:
        """What `note` needs to know of the moment in which a request began."""
        return self._opened

    def note(self, ticket: int, outcome: Outcome) -> None:
        """Takes the outcome of a request.

        Args:
            ticket: of when the request began.
        """
        if not self._options.threshold or ticket != self._opened:
            return
        judgement = judge(outcome)
        if self._is_closed:
            self._note_closed(judgement, outcome)
        elif self._is_probing():
            self._change(
                lambda state: after_probe(state, self._run, self._clock.now(), judgement, self._options),
                outcome,
            )

    def _note_closed(self, judgement: Judgement, outcome: Outcome) -> None:
        now = self._clock.now()
        self._latest.append(Noted(now, judgement.sign))
        if judgement.sign is Sign.ANSWERS or not should_open(self._latest, now, self._options):
            return
        failed = sum(one.sign is not Sign.ANSWERS for one in self._latest)
        wait = judgement.rest_ms or self._options.wait(0)
        self._change(lambda state: opened(state, now, judgement.reason, failed, wait), outcome)

    def _is_probing(self) -> bool:
        state = self.state
        return (
            state.breaker is Breaker.HALF_OPEN
            and state.prober == self._run
            and not state.is_paused
            and state.probe_at > self._clock.now()
        )

    def _change(self, change: Transition, outcome: Outcome | None = None, *, assume: bool = True) -> None:
        """Writes a change, and goes by it at once if it does not matter who is first."""
        if assume:
            self._assumed = change(self.state) or self._assumed
            self.follow()
        before = self._changing
        self._changing = asyncio.get_running_loop().create_task(self._write(change, outcome, before))

    async def _write(
        self, change: Transition, outcome: Outcome | None, before: "asyncio.Task[None] | None"
    ) -> None:
        if before is not None:
            await before
        try:
            while True:
                known = self._states.state(self._route)
                changed = change(known)
                if changed is None:
                    return
                try:
                    if await self._states.replace(changed):
                        self._log(known, changed, outcome)
                        return
                except StoreUnavailableError as error:
                    log.debug("route_state.not_written", route=self._route, error=str(error))
                    await asyncio.sleep(_WRITE_RETRY_S)
        finally:
            if self._changing is asyncio.current_task():
                self._changing = None
                self._assumed = None
            self.follow()

    def _log(self, before: RouteState, after: RouteState, outcome: Outcome | None) -> None:
        if before.breaker is Breaker.CLOSED and outcome is not None:
            code, why = _words(outcome)
            log.warning(
                "provider.down",
                route=self._route,
                failure=after.reason,
                code=code,
                why=why,
                failed=after.failed,
            )
        elif after.breaker is Breaker.CLOSED:
            seconds = round((self._clock.now() - before.since) / 1000, 1)
            log.warning("provider.back", route=self._route, failed=before.failed, seconds=seconds)


def _words(outcome: Outcome) -> tuple[str, str]:
    if isinstance(outcome, Accepted):
        return "", ""
    return (outcome.code if isinstance(outcome, Refused) else ""), outcome.text
