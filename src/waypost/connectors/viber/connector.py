"""Viber Business Messages by the direct partner API: `POST …/vibersrvc/1/send_message`.

Access is granted by service id and IP address; a request has no credentials. The HTTP status is 200 even for
a refusal; the outcome is the JSON member `status`. Duplicates are not removed: `seq` is only echoed. Sources:
see `codes` and `webhooks`.
"""

from collections.abc import Mapping

import msgspec
import structlog

from waypost.connectors.answers import Answers
from waypost.connectors.contract import Submission, Webhook
from waypost.connectors.http_statuses import outcome_of_status
from waypost.connectors.viber import webhooks
from waypost.connectors.viber.codes import IN_DOUBT, REFUSALS, TYPE_CODES, status_of_text
from waypost.connectors.viber.requests import NotExpressibleError, build_request, forms
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Report, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply

VIBER_URL = "https://services.viber.com/vibersrvc/1/send_message"

# A status is a small number; a larger one is not repeated to anybody.
_MAX_STATUS = 99_999

_log = structlog.get_logger(__name__)


class _Answer(msgspec.Struct):
    status: int | str
    message_token: int | str | None = None


_decode_answer = foreign_decoder(_Answer, tolerant=True)


class ViberConnector:
    """A route to Viber's partner API.

    Args:
        route: the name of the route, which every receipt carries.
        client: the HTTP client to use; the caller closes it.
        url: Viber's URL, or that of a relay or the sandbox.
        type_codes: entries that override `codes.TYPE_CODES`.
        extra_headers: headers to add to each request, for a relay that needs them.
        timeout_s: seconds to connect, and between any two reads of the response.
    """

    removes_duplicates = False

    def __init__(
        self,
        route: str,
        client: HttpClient,
        *,
        url: str = VIBER_URL,
        type_codes: Mapping[str, int] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._answers = Answers("viber", route, url, (extra_headers or {}).values())
        self._forms = forms(TYPE_CODES | dict(type_codes or {}))
        self._send_message = client.endpoint(
            "POST",
            url,
            timeout_s=timeout_s,
            headers={**(extra_headers or {}), "Content-Type": "application/json"},
        )

    async def send(self, submission: Submission) -> Outcome:
        """Submits a leg, once. Its `seq` is the submission's number."""
        try:
            request = build_request(submission, self._forms)
        except NotExpressibleError as error:
            refusal = REFUSALS[error.status]
            return Refused(refusal.failure, refusal.name, str(error), explanation=str(error))
        body = self._answers.encoded(submission, lambda: request)
        if isinstance(body, Refused):
            return body
        answer = await self._send_message.exchange(body)
        outcome = self._outcome(answer) if isinstance(answer, Reply) else answer
        return self._answers.complete(submission, outcome)

    def _outcome(self, reply: Reply) -> Outcome:
        """The outcome that a response of Viber means."""
        if reply.status != 200:
            return outcome_of_status(reply, f"HTTP {reply.status}: {reply.text}")
        try:
            answer = _decode_answer(reply.body, reply)
        except UnreadableJsonError:
            return Unknown(f"unreadable answer: {reply.text}")
        status = status_of_text(answer.status) if isinstance(answer.status, str) else answer.status
        if status is None:
            return Unknown(f"unreadable answer: {reply.text}")
        if status == 0:
            return Accepted(None if answer.message_token is None else str(answer.message_token))
        if status in IN_DOUBT:
            return Unknown(f"{IN_DOUBT[status]} (Viber status {status})")
        if status in REFUSALS:
            refusal = REFUSALS[status]
            return Refused(refusal.failure, refusal.name, f"Viber status {status}")
        code = status if abs(status) <= _MAX_STATUS else "UNKNOWN"
        _log.error("viber.unknown_status", status=code, answer=self._answers.redacted(reply.text))
        return Refused(SendFailure.BAD_REQUEST, f"SRVC_{code}", f"Viber status {code}, not documented")

    def parse_webhook(self, webhook: Webhook) -> list[Report]:
        """The receipt or the user's message of a webhook; empty for other webhooks.

        Raises:
            MalformedWebhookError: it does not have the provider's form.
        """
        return webhooks.parse_webhook(self._route, webhook)
