"""WhatsApp by Meta's Cloud API: `POST /{phone-number-id}/messages`, and its webhooks.

Duplicates are not removed. Every status echoes our reference, which is sent as `biz_opaque_callback_data`, so
that the receipts of an attempt without a response can be matched. Source: Meta's OpenAPI (v23.0).
"""

from collections.abc import Mapping

import aiohttp
import msgspec

from waypost.connectors.contract import Submission, Webhook
from waypost.connectors.meta.graph import GRAPH_URL, Graph
from waypost.connectors.meta.whatsapp import webhooks
from waypost.connectors.meta.whatsapp.codes import WHATSAPP_CODES
from waypost.connectors.meta.whatsapp.requests import build_request
from waypost.connectors.unaccepted_log import log_unaccepted
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Receipt, Refused, Unknown
from waypost.outbound.http import Reply


class _Sent(msgspec.Struct):
    id: str


class _Answer(msgspec.Struct):
    messages: list[_Sent] = []
    success: bool = False


class WhatsAppConnector:
    """A route to the WhatsApp Cloud API.

    Args:
        route: the name of the route, which every receipt carries.
        session: the HTTP session to use; the caller closes it.
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
        session: aiohttp.ClientSession,
        *,
        token: str,
        numbers: Mapping[str, str],
        url: str = GRAPH_URL,
        app_secret: str = "",
        verify_token: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._token = token
        self._numbers = dict(numbers)
        self._senders = {id_: sender for sender, id_ in self._numbers.items()}
        self._graph = Graph(
            session,
            url=url,
            app_secret=app_secret,
            verify_token=verify_token,
            timeout_s=timeout_s,
        )

    async def send(self, submission: Submission) -> Outcome:
        """Submits a leg, once."""
        number_id = self._numbers.get(submission.sender)
        if number_id is None:
            return Refused(SendFailure.NOT_CONFIGURED, "", "the route has no phone number id of this sender")
        answer = await self._graph.post(
            f"{number_id}/messages", build_request(submission), WHATSAPP_CODES, token=self._token
        )
        outcome = _outcome_of_reply(answer) if isinstance(answer, Reply) else answer
        log_unaccepted("whatsapp", self._route, submission, outcome)
        return outcome

    def answer_challenge(self, webhook: Webhook) -> str | None:
        """The response to Meta's challenge; None if the request is no challenge.

        Raises:
            InvalidSignatureError: the challenge does not have the verify token of the route.
        """
        return self._graph.answer_challenge(webhook)

    def parse_webhook(self, webhook: Webhook) -> list[Receipt | Inbound]:
        """The receipts and users' messages of a webhook, in its order.

        Raises:
            InvalidSignatureError: it is not signed with the app's secret.
            MalformedWebhookError: it does not have the provider's form.
        """
        self._graph.check_signature(webhook)
        return webhooks.parse_webhook(self._route, webhook.body, self._senders)


def _outcome_of_reply(reply: Reply) -> Outcome:
    try:
        answer = msgspec.json.decode(reply.body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unknown(f"unreadable answer: {reply.text}")
    if answer.messages:
        return Accepted(answer.messages[0].id)
    if answer.success:
        # A typing indicator, which has no id and no receipts.
        return Accepted(None, delivered=True)
    return Unknown(f"an answer without a message: {reply.text}")
