"""A route: which connector carries the legs of a sender."""

from waypost.connectors.contract import Connector
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown

_ROUTE_FAILURES = frozenset(
    {SendFailure.BUSY, SendFailure.UNREACHABLE, SendFailure.RATE_LIMITED, SendFailure.NOT_CONFIGURED}
)
_FAILING_AFTER = 5


class Route:
    """A connector with the name that senders refer to.

    Args:
        receipt_url: the URL that the provider sends receipts to.
        longest_request: how long a request may take at most, in seconds.
    """

    def __init__(
        self, name: str, connector: Connector, receipt_url: str, longest_request: float = 30.0
    ) -> None:
        self.name = name
        self.connector = connector
        self.receipt_url = receipt_url
        self.longest_request = longest_request
        self._failures = 0
        self._failure = ""

    def note(self, outcome: Outcome) -> None:
        """Takes the outcome of a request, for `failing`."""
        if type(outcome) is Accepted:
            self._failures = 0
        elif isinstance(outcome, Unknown):
            self._failures += 1
            self._failure = "no_answer"
        elif isinstance(outcome, Refused) and outcome.failure in _ROUTE_FAILURES:
            self._failures += 1
            self._failure = outcome.failure.value
        else:
            # The provider answered about the message.
            self._failures = 0

    @property
    def failing(self) -> str:
        """What the last requests failed by, if so many in a row did by the route, not by the message."""
        return self._failure if self._failures >= _FAILING_AFTER else ""
