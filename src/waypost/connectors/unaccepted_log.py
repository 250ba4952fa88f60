"""What an operator has to hear of: a refusal that is theirs to settle, and an answer that was lost."""

import structlog

from waypost.connectors.contract import Submission
from waypost.model.masking import mask_number
from waypost.model.message.outcomes import Outcome, Refused, Unknown

_log = structlog.get_logger(__name__)


def log_unaccepted(provider: str, route: str, submission: Submission, outcome: Outcome) -> None:
    """Logs `<provider>.not_accepted` for an outcome that the operator has to hear of."""
    if isinstance(outcome, Unknown) or (
        isinstance(outcome, Refused) and outcome.failure.facts.needs_operator
    ):
        _log.warning(
            f"{provider}.not_accepted",
            route=route,
            reference=submission.reference,
            recipient=mask_number(submission.recipient),
            outcome=type(outcome).__name__,
            why=outcome.text,
        )
