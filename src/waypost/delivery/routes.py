"""A route: which connector carries the legs of a sender."""

import structlog

from waypost.connectors.contract import Connector
from waypost.delivery.outages import Outage
from waypost.model.message.failures import ROUTE_FAILURES, SendFailure
from waypost.model.message.outcomes import Outcome, Refused, Unknown

log = structlog.get_logger()

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
        # What the operator has to settle goes on for as long as that takes, and is another thing.
        self._outages = {False: Outage(), True: Outage()}

    def note(self, outcome: Outcome) -> None:
        """Takes the outcome of a request, for `failing` and the log: `provider.down` when the route begins to
        fail, and `provider.back` with the number of failures when it is well again."""
        if isinstance(outcome, Unknown):
            self._fail("no_answer", "", outcome.text)
        elif isinstance(outcome, Refused) and outcome.failure in ROUTE_FAILURES:
            self._fail(outcome.failure.value, outcome.code, outcome.text)
        else:
            # The provider took the message, or answered about it.
            self._failures = 0
            for outage in self._outages.values():
                if outage.is_on and (recovery := outage.note_answer()) is not None:
                    log.warning(
                        "provider.back", route=self.name, failed=recovery.failed, seconds=recovery.seconds
                    )

    def _fail(self, failure: str, code: str, why: str) -> None:
        self._failures += 1
        self._failure = failure
        outage = self._outages[failure == SendFailure.NOT_CONFIGURED.value]
        if outage.note_failure():
            log.warning(
                "provider.down",
                route=self.name,
                failure=failure,
                code=code,
                why=why,
                failed=outage.failed,
            )

    @property
    def failing(self) -> str:
        """What the last requests failed by, if so many in a row did by the route, not by the message."""
        return self._failure if self._failures >= _FAILING_AFTER else ""
