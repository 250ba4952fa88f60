"""WhatsApp by Meta's Cloud API: `POST /{phone-number-id}/messages`, and its webhooks.

Duplicates are not removed. Every status echoes our reference, which is sent as `biz_opaque_callback_data`, so
that the receipts of an attempt without a response can be matched. Source: Meta's OpenAPI (v23.0).
"""

from collections.abc import Mapping

import msgspec

from waypost.connectors.answers import Answers
from waypost.connectors.contract import Submission, Webhook
from waypost.connectors.meta.graph import Graph
from waypost.connectors.meta.whatsapp import webhooks
from waypost.connectors.meta.whatsapp.codes import WHATSAPP_CODES
from waypost.connectors.meta.whatsapp.requests import build_request
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Report, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply


class _Sent(msgspec.Struct):
    id: str


class _Contact(msgspec.Struct):
    wa_id: str | None = None


class _Answer(msgspec.Struct):
    messages: list[_Sent] = []
    contacts: list[_Contact] | None = None
    success: bool = False


_decode_answer = foreign_decoder(_Answer, tolerant=True)


class WhatsAppConnector:
    """A route to the WhatsApp Cloud API.

    Args:
        route: the name of the route, which every receipt carries.
        client: the HTTP client to use; the caller closes it.
        token: the system user's access token.
        numbers: sender (the registered number's digits) to Meta's phone number id.
        url: the URL of the Graph API with its version.
        app_secret: the secret that signs the webhooks; empty to accept unsigned ones.
        verify_token: the token that Meta sends with a challenge.
        timeout_s: seconds to connect, and between any two reads of the response.
    """

    removes_duplicates = False

    def __init__(
        self,
        route: str,
        client: HttpClient,
        *,
        token: str,
        numbers: Mapping[str, str],
        url: str,
        app_secret: str = "",
        verify_token: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._answers = Answers("whatsapp", route, url, (token, app_secret, verify_token))
        self._senders = {id_: sender for sender, id_ in numbers.items()}
        self._graph = Graph(
            client,
            url=url,
            app_secret=app_secret,
            verify_token=verify_token,
            timeout_s=timeout_s,
        )
        self._endpoints = {
            sender: self._graph.endpoint(f"{id_}/messages", token) for sender, id_ in numbers.items()
        }

    async def send(self, submission: Submission) -> Outcome:
        """Submits a leg, once."""
        endpoint = self._endpoints.get(submission.sender)
        if endpoint is None:
            return Refused(SendFailure.NOT_CONFIGURED, "", "the route has no phone number id of this sender")
        body = self._answers.encoded(submission, lambda: build_request(submission))
        if isinstance(body, Refused):
            return body
        answer = await self._graph.post(endpoint, body, WHATSAPP_CODES)
        outcome = _outcome_of_reply(answer) if isinstance(answer, Reply) else answer
        return self._answers.complete(submission, outcome)

    def answer_challenge(self, webhook: Webhook) -> str | None:
        """The response to Meta's challenge; None if the request is no challenge.

        Raises:
            InvalidSignatureError: the challenge does not have the verify token of the route.
        """
        return self._graph.answer_challenge(webhook)

    def parse_webhook(self, webhook: Webhook) -> list[Report]:
        """The receipts and users' messages of a webhook, in its order.

        Raises:
            InvalidSignatureError: it is not signed with the app's secret.
            MalformedWebhookError: it does not have the provider's form.
        """
        self._graph.check_signature(webhook)
        return webhooks.parse_webhook(self._route, webhook, self._senders, self._answers.redacted)


def _outcome_of_reply(reply: Reply) -> Outcome:
    try:
        answer = _decode_answer(reply.body, reply)
    except UnreadableJsonError:
        return Unknown(f"unreadable answer: {reply.text}")
    if answer.messages:
        spelled = (answer.contacts[0].wa_id or "") if answer.contacts else ""
        return Accepted(answer.messages[0].id, recipient=spelled)
    if answer.success:
        # A typing indicator, which has no id and no receipts.
        return Accepted(None, delivered=True)
    return Unknown(f"an answer without a message: {reply.text}")
