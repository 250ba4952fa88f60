"""What is counted of submissions, for metrics: plain numbers in memory, by the lane of the work."""

from collections import Counter

from waypost.model.message.outcomes import Accepted, Outcome, Refused


class DispatchTallies:
    """Counts of the dispatch stage since the start of the process.

    Attributes:
        in_flight: requests under way, by lane.
        outcomes: how requests ended, by lane and `accepted`, `unknown` or the failure.
    """

    __slots__ = ("in_flight", "outcomes")

    def __init__(self) -> None:
        self.in_flight: Counter[str] = Counter()
        self.outcomes: Counter[tuple[str, str]] = Counter()

    def ended(self, lane: str, outcome: Outcome) -> None:
        """Counts the outcome of a request."""
        if isinstance(outcome, Accepted):
            name = "accepted"
        else:
            name = outcome.failure.value if isinstance(outcome, Refused) else "unknown"
        self.outcomes[lane, name] += 1
