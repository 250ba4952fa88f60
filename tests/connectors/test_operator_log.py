"""The operator hears of what is theirs to settle, without the recipient's number, and of nothing else."""

import pytest
from structlog.testing import capture_logs

from tests.connectors.test_telegram import SUBMISSION
from waypost.connectors.unaccepted_log import log_unaccepted
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown


@pytest.mark.parametrize(
    "outcome", [Unknown("no answer"), Refused(SendFailure.NOT_CONFIGURED, "401", "no such token")]
)
def test_what_the_operator_hears_of(outcome: Unknown | Refused) -> None:
    with capture_logs() as logs:
        log_unaccepted("telegram", "bot", SUBMISSION, outcome)
    [told] = logs
    assert (told["event"], told["log_level"], told["route"]) == ("telegram.not_accepted", "warning", "bot")
    assert (told["reference"], told["why"]) == (SUBMISSION.reference, outcome.text)
    assert SUBMISSION.recipient not in told.values()


@pytest.mark.parametrize("outcome", [Accepted("1"), Refused(SendFailure.OPTED_OUT, "403", "blocked")])
def test_what_is_between_the_customer_and_the_recipient(outcome: Outcome) -> None:
    with capture_logs() as logs:
        log_unaccepted("telegram", "bot", SUBMISSION, outcome)
    assert logs == []
