"""Messenger and Instagram by Meta's Send API: `POST /me/messages`, and their webhooks.

Duplicates are not removed, and a failure is only reported in the response. Messenger has delivery and read
receipts, by message id or as a watermark, and the echo of a message carries our reference. Instagram has read
receipts only. Source: Meta, Messenger Platform and Instagram Messaging.
"""

from collections.abc import Mapping

import msgspec

from waypost.connectors.answers import Answers
from waypost.connectors.contract import Submission, Webhook
from waypost.connectors.meta.graph import Graph
from waypost.connectors.meta.pages import webhooks
from waypost.connectors.meta.pages.codes import PAGE_CODES
from waypost.connectors.meta.pages.inbound import message_id
from waypost.connectors.meta.pages.requests import build_request
from waypost.connectors.meta.pages.webhooks import Channel
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.identifiers import MessageId
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Report, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply


class _Answer(msgspec.Struct):
    message_id: MessageId


_decode_answer = foreign_decoder(_Answer, tolerant=True)


class PageConnector:
    """A route for one app that sends from Facebook pages, or from Instagram accounts.

    Args:
        route: the name of the route, which every receipt carries.
        client: the HTTP client to use; the caller closes it.
        channel: `messenger` or `instagram`.
        tokens: sender (the id of the page or account) to its access token.
        url: the URL of the Graph API with its version.
        app_secret: the secret that signs the webhooks; empty to accept unsigned ones.
        verify_token: the token that Meta sends with a challenge.
        template_tag: the message tag of templates, which may be sent outside the 24 hours; empty for none.
        accepted_is_delivered: whether an accepted message counts as delivered, because Instagram has no
            delivery receipts.
        timeout_s: seconds to connect, and between any two reads of the response.
    """

    removes_duplicates = False

    def __init__(
        self,
        route: str,
        client: HttpClient,
        *,
        channel: Channel,
        tokens: Mapping[str, str],
        url: str,
        app_secret: str = "",
        verify_token: str = "",
        template_tag: str = "",
        accepted_is_delivered: bool = False,
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._channel: Channel = channel
        self._answers = Answers(channel, route, url, (*tokens.values(), app_secret, verify_token))
        self._template_tag = template_tag
        self._accepted_is_delivered = accepted_is_delivered
        self._graph = Graph(
            client, url=url, app_secret=app_secret, verify_token=verify_token, timeout_s=timeout_s
        )
        self._endpoints = {
            sender: self._graph.endpoint("me/messages", token) for sender, token in tokens.items()
        }

    async def send(self, submission: Submission) -> Outcome:
        """Submits a leg, once."""
        endpoint = self._endpoints.get(submission.sender)
        if endpoint is None:
            return Refused(SendFailure.NOT_CONFIGURED, "", "the route has no access token of this sender")
        body = self._answers.encoded(
            submission,
            lambda: build_request(
                submission,
                template_tag=self._template_tag,
                # Only Messenger documents that echoes carry it.
                echo_reference=self._channel == "messenger",
            ),
        )
        if isinstance(body, Refused):
            return body
        answer = await self._graph.post(endpoint, body, PAGE_CODES)
        outcome = self._outcome_of_reply(answer, submission) if isinstance(answer, Reply) else answer
        return self._answers.complete(submission, outcome)

    def _outcome_of_reply(self, reply: Reply, submission: Submission) -> Outcome:
        try:
            mid = _decode_answer(reply.body, reply).message_id
        except UnreadableJsonError:
            return Unknown(f"unreadable answer: {reply.text}")
        return Accepted(message_id(submission.recipient, mid), self._accepted_is_delivered)

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
        return webhooks.parse_webhook(self._route, self._channel, webhook)
