"""What a connector makes of its provider's answers: redacted and bounded, and logged if it is the operator's
business."""

from collections.abc import Callable, Iterable, Iterator

import msgspec
import structlog

from waypost.connectors.contract import Submission
from waypost.connectors.redaction import Redaction, secrets_of_url
from waypost.model.masking import mask_number
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import MAX_ID_LENGTH, Accepted, Outcome, Refused, Unknown

_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger(__name__)


class Answers:
    """Completes the outcomes of one route.

    Args:
        provider: begins the names of the log's events.
        route: the name of the route.
        url: the provider's URL, which may have credentials.
        secrets: the other credentials of the route.
    """

    def __init__(self, provider: str, route: str, url: str, secrets: Iterable[str]) -> None:
        self._provider = provider
        self._route = route
        self._redaction = Redaction([*secrets_of_url(url), *secrets])

    def complete(self, submission: Submission, outcome: Outcome) -> Outcome:
        """The outcome as it is stored, without secrets and content; for whoever looks
        at single attempts it logs `<provider>.not_accepted` if it is unknown, or a refusal that needs the
        operator."""
        if isinstance(outcome, Accepted):
            id_ = outcome.provider_id
            if id_ is None or (len(id_) <= MAX_ID_LENGTH and "\ufffd" not in id_):
                return outcome
            _log.warning("provider.id_unusable", route=self._route, reference=submission.reference)
            return msgspec.structs.replace(outcome, provider_id=None)
        text = self._redaction.apply(outcome.text, _contents(submission)) if outcome.text else ""
        outcome = msgspec.structs.replace(outcome, text=text)
        if isinstance(outcome, Unknown) or outcome.failure.facts.needs_operator:
            # Of each attempt; that the provider is down is logged once, by its route.
            _log.debug(
                f"{self._provider}.not_accepted",
                route=self._route,
                reference=submission.reference,
                recipient=mask_number(submission.recipient),
                outcome=type(outcome).__name__,
                why=outcome.text,
            )
        return outcome

    def redacted(self, text: str) -> str:
        """A text of the provider without secrets."""
        return self._redaction.apply(text)

    def encoded(self, submission: Submission, build: Callable[[], object]) -> bytes | Refused:
        """The JSON of a request; a refusal if it cannot be built, so that certainly nothing is sent."""
        try:
            return _encode(build())
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
            _log.warning(
                "request.not_built",
                route=self._route,
                reference=submission.reference,
                error=type(error).__name__,
            )
            return Refused(
                SendFailure.BAD_REQUEST,
                "",
                f"{type(error).__name__} while the request was built",
                explanation="the content cannot be expressed in a request to the provider",
            )


def _contents(submission: Submission) -> Iterator[str]:
    """What a request had of the customer and the recipient, and the secret of the URL for receipts."""
    if submission.receipt_url:
        yield submission.receipt_url
        yield submission.receipt_url.rstrip("/").rpartition("/")[2]
    yield submission.recipient
    yield from (value for value in submission.content.values() if isinstance(value, str) and len(value) > 3)
