"""What is known of a route beside its settings: whether its provider answers, and whether it is paused."""

from enum import Enum

import msgspec


class Breaker(Enum):
    """The circuit breaker of a route.

    It is closed while the provider answers; open while nothing is sent; half-open while one message is sent
    to find out whether the provider is back.
    """

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class RouteState(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a route, as all nodes see it; times in milliseconds UTC of business time.

    Attributes:
        since: since when the breaker is not closed; 0 while it is closed.
        reason: why it opened: a `SendFailure`, or `no_answer`.
        failed: how many attempts failed since, those before it opened included.
        probes: how many probes failed since.
        probe_at: when the next probe is due; while half-open, until when the present one is its prober's.
        prober: the run of the node that probes; 0 for none, or for one that is dead.
        paused_by: who paused the route; empty if it is not paused.
        paused_at: when; 0 if it is not paused.
        version: counts the changes; 0 for a route that nothing was ever written about.
    """

    route: str
    breaker: Breaker = Breaker.CLOSED
    since: int = 0
    reason: str = ""
    failed: int = 0
    probes: int = 0
    probe_at: int = 0
    prober: int = 0
    paused_by: str = ""
    paused_at: int = 0
    version: int = 0

    @property
    def is_paused(self) -> bool:
        """Whether an operator holds it."""
        return bool(self.paused_by)

    @property
    def is_usable(self) -> bool:
        """Whether messages may be sent by it: its breaker is closed, and nobody paused it."""
        return self.breaker is Breaker.CLOSED and not self.paused_by
