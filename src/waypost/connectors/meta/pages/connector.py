"""Messenger and Instagram by Meta's Send API: `POST /me/messages`, and their webhooks.

Nothing removes duplicates, and a failure is only ever told at once. On Messenger delivery and reading are
told, by the ids of messages or as a watermark, and the echo of a message brings our reference back. Instagram
tells of reading alone. Source: Meta, Messenger Platform and Instagram Messaging.
"""

from collections.abc import Mapping

import aiohttp
import msgspec

from waypost.connectors.contract import Submission, Webhook
from waypost.connectors.meta.graph import GRAPH_URL, Graph
from waypost.connectors.meta.pages import webhooks
from waypost.connectors.meta.pages.codes import PAGE_CODES
from waypost.connectors.meta.pages.requests import request
from waypost.connectors.meta.pages.webhooks import Channel, message_id
from waypost.connectors.unaccepted_log import log_unaccepted
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Receipt, Refused, Unknown
from waypost.outbound.http import Reply


class _Answer(msgspec.Struct):
    message_id: MessageId


class PageConnector:
    """One app that writes from pages, or from Instagram accounts.

    Args:
        route: the route's name, put on every receipt.
        session: whose connections are used; it is not closed here.
        channel: which of the two.
        tokens: sender (the page's or the account's id) to its access token.
        url: with its version.
        app_secret: signs the webhooks; empty to take them unsigned.
        verify_token: what Meta shows when it asks whether the address is ours.
        template_tag: the message tag of templates, which are sent outside the 24 hours too; empty for none.
        accepted_is_delivered: what was taken counts as delivered: Instagram tells nothing of delivery.
        timeout_s: seconds for the connection, and for each silence while waiting for the answer.
    """

    removes_duplicates = False

    def __init__(
        self,
        route: str,
        session: aiohttp.ClientSession,
        *,
        channel: Channel,
        tokens: Mapping[str, str],
        url: str = GRAPH_URL,
        app_secret: str = "",
        verify_token: str = "",
        template_tag: str = "",
        accepted_is_delivered: bool = False,
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._channel: Channel = channel
        self._tokens = dict(tokens)
        self._template_tag = template_tag
        self._accepted_is_delivered = accepted_is_delivered
        self._graph = Graph(
            session, url=url, app_secret=app_secret, verify_token=verify_token, timeout_s=timeout_s
        )

    async def send(self, submission: Submission) -> Outcome:
        """Hands one leg over, once."""
        token = self._tokens.get(submission.sender)
        if token is None:
            return Refused(SendFailure.NOT_CONFIGURED, "", "the route has no access token of this sender")
        body = request(
            submission,
            template_tag=self._template_tag,
            # Only Messenger documents that it comes back.
            reference_back=self._channel == "messenger",
        )
        answer = await self._graph.post("me/messages", body, PAGE_CODES, token=token)
        outcome = self._accepted(answer, submission) if isinstance(answer, Reply) else answer
        log_unaccepted(self._channel, self._route, submission, outcome)
        return outcome

    def _accepted(self, reply: Reply, submission: Submission) -> Outcome:
        try:
            mid = msgspec.json.decode(reply.body, type=_Answer).message_id
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Unknown(f"unreadable answer: {reply.text}")
        return Accepted(message_id(submission.recipient, mid), self._accepted_is_delivered)

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
        return webhooks.parse_webhook(self._route, self._channel, webhook.body)
