"""WhatsApp by Meta's Cloud API: `POST /{phone-number-id}/messages`, and its webhooks.

Nothing removes duplicates. `biz_opaque_callback_data` carries our reference and comes back in every
status, so an attempt without an answer is still found by its receipts. Source: Meta's OpenAPI (v23.0).
"""

from collections.abc import Mapping

import aiohttp
import msgspec

from waypost.connectors.contract import Submission, Webhook
from waypost.connectors.meta.graph import GRAPH_URL, Graph
from waypost.connectors.meta.whatsapp import webhooks
from waypost.connectors.meta.whatsapp.codes import WHATSAPP_CODES
from waypost.connectors.meta.whatsapp.requests import request
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
    """One route to the Cloud API.

    Args:
        route: the route's name, put on every receipt.
        session: whose connections are used; it is not closed here.
        token: the system user's access token.
        numbers: sender (the registered number's digits) to Meta's phone number id.
        url: with its version.
        app_secret: signs the webhooks; empty to take them unsigned.
        verify_token: what Meta shows when it asks whether the address is ours.
        timeout_s: seconds for the connection, and for each silence while waiting for the answer.
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
        """Hands one leg over, once."""
        number_id = self._numbers.get(submission.sender)
        if number_id is None:
            return Refused(SendFailure.NOT_CONFIGURED, "", "the route has no phone number id of this sender")
        answer = await self._graph.post(
            f"{number_id}/messages", request(submission), WHATSAPP_CODES, token=self._token
        )
        outcome = _accepted(answer) if isinstance(answer, Reply) else answer
        log_unaccepted("whatsapp", self._route, submission, outcome)
        return outcome

    def answer_challenge(self, webhook: Webhook) -> str | None:
        """The challenge, when Meta asks whether the address is ours.

        Raises:
            InvalidSignatureError: it shows another token than ours.
        """
        return self._graph.answer_challenge(webhook)

    def parse_webhook(self, webhook: Webhook) -> list[Receipt | Inbound]:
        """What a webhook says: see `webhooks`.

        Raises:
            InvalidSignatureError: it is not signed with the app's secret.
            MalformedWebhookError: not of the provider's form.
        """
        self._graph.check_signature(webhook)
        return webhooks.parse_webhook(self._route, webhook.body, self._senders)


def _accepted(reply: Reply) -> Outcome:
    try:
        answer = msgspec.json.decode(reply.body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unknown(f"unreadable answer: {reply.text}")
    if answer.messages:
        return Accepted(answer.messages[0].id)
    if answer.success:
        # A typing indicator: it has no id, and nothing more will be heard of it.
        return Accepted(None, delivered=True)
    return Unknown(f"an answer without a message: {reply.text}")
