"""The log has what the operator has to settle, without the recipient's number, and nothing else."""

import pytest
from structlog.testing import capture_logs

from tests.connectors.test_telegram import SUBMISSION
from waypost.connectors.answers import Answers
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Unknown

ANSWERS = Answers("telegram", "bot", "https://telegram.example", ())


@pytest.mark.parametrize(
    "outcome", [Unknown("no answer"), Refused(SendFailure.NOT_CONFIGURED, "401", "no such token")]
)
def test_what_is_logged(outcome: Unknown | Refused) -> None:
    with capture_logs() as logs:
        assert ANSWERS.complete(SUBMISSION, outcome) == outcome
    [entry] = logs
    assert (entry["event"], entry["log_level"], entry["route"]) == ("telegram.not_accepted", "debug", "bot")
    assert (entry["reference"], entry["why"]) == (SUBMISSION.reference, outcome.text)
    assert SUBMISSION.recipient not in entry.values()


@pytest.mark.parametrize("outcome", [Accepted("1"), Refused(SendFailure.OPTED_OUT, "403", "blocked")])
def test_what_is_between_the_customer_and_the_recipient_is_not(outcome: Outcome) -> None:
    with capture_logs() as logs:
        assert ANSWERS.complete(SUBMISSION, outcome) == outcome
    assert logs == []


def test_an_id_that_is_too_long_is_left_out() -> None:
    with capture_logs() as logs:
        assert ANSWERS.complete(SUBMISSION, Accepted("1" * 513, delivered=True)) == Accepted(None, True)
    assert [entry["event"] for entry in logs] == ["provider.id_unusable"]
