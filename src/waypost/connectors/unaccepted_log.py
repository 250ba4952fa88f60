"""Logs the outcomes that concern the operator: configuration errors and requests without a response."""

import structlog

from waypost.connectors.contract import Submission
from waypost.model.masking import mask_number
from waypost.model.message.outcomes import Outcome, Refused, Unknown

_log = structlog.get_logger(__name__)


def log_unaccepted(provider: str, route: str, submission: Submission, outcome: Outcome) -> None:
    """Logs `<provider>.not_accepted` if an outcome is unknown, or a refusal that needs the operator."""
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
