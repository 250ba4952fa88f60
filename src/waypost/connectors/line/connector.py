"""LINE by the Messaging API: `POST /v2/bot/message/push`, and its webhooks.

`X-Line-Retry-Key` is an idempotency key for 24 hours: a leg in doubt is sent again with the same key, and 409
means that it was accepted before. There are no receipts for a push. Source: LINE's OpenAPI.
"""

import base64
import hashlib
import hmac
import uuid
from typing import Any

import msgspec

from waypost.connectors.answers import Answers
from waypost.connectors.contract import InvalidSignatureError, MalformedWebhookError, Submission, Webhook
from waypost.connectors.line.events import parse_event
from waypost.connectors.line.requests import build_messages
from waypost.connectors.reports import parse_items
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused, Report, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply, retry_after

STATUSES = {
    400: SendFailure.BAD_REQUEST,
    401: SendFailure.NOT_CONFIGURED,
    403: SendFailure.NOT_CONFIGURED,
    404: SendFailure.NOT_ON_CHANNEL,
    413: SendFailure.BAD_REQUEST,
    415: SendFailure.BAD_REQUEST,
    422: SendFailure.NOT_ON_CHANNEL,
    429: SendFailure.RATE_LIMITED,
    503: SendFailure.BUSY,
}
"""HTTP status to failure; LINE has no error codes."""


class _Sent(msgspec.Struct):
    id: str


class _Answer(msgspec.Struct, rename="camel"):
    message: str = ""
    sent_messages: list[_Sent] = []


_decode_answer = foreign_decoder(_Answer, tolerant=True)


class _Envelope(msgspec.Struct):
    events: list[msgspec.Raw]


_decode_envelope = foreign_decoder(_Envelope)
_decode_event = foreign_decoder(dict[str, Any])


class LineConnector:
    """A route to a LINE Official Account.

    Args:
        route: the name of the route, which every receipt carries.
        client: the HTTP client to use; the caller closes it.
        token: the channel access token.
        channel_secret: the secret that signs the webhooks; empty to accept unsigned ones.
        url: LINE's URL, or that of a relay or the sandbox.
        accepted_is_delivered: whether an accepted message counts as delivered, because LINE has no receipts.
        timeout_s: seconds to connect, and between any two reads of the response.
    """

    removes_duplicates = True

    def __init__(
        self,
        route: str,
        client: HttpClient,
        *,
        token: str,
        channel_secret: str = "",
        url: str,
        accepted_is_delivered: bool = True,
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._channel_secret = channel_secret.encode()
        self._accepted_is_delivered = accepted_is_delivered
        self._answers = Answers("line", route, url, (token, channel_secret))
        self._push = client.endpoint(
            "POST",
            f"{url.rstrip('/')}/v2/bot/message/push",
            timeout_s=timeout_s,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )

    async def send(self, submission: Submission) -> Outcome:
        """Submits a leg, once; every attempt of a leg has the same retry key."""
        body = self._answers.encoded(
            submission, lambda: {"to": submission.recipient, "messages": build_messages(submission)}
        )
        if isinstance(body, Refused):
            return body
        answer = await self._push.exchange(
            body,
            headers={"X-Line-Retry-Key": retry_key(submission.reference)},
        )
        outcome = self._outcome(answer) if isinstance(answer, Reply) else answer
        return self._answers.complete(submission, outcome)

    def _outcome(self, reply: Reply) -> Outcome:
        reply_text = f"HTTP {reply.status}: {reply.text}"
        try:
            answer = _decode_answer(reply.body, reply)
        except UnreadableJsonError:
            answer = _Answer()
        # 409: the key was accepted by an earlier attempt, whose response was lost.
        if reply.status in (200, 409):
            sent = answer.sent_messages[0].id if answer.sent_messages else None
            if sent is None and reply.status == 200:
                return Unknown(reply_text)
            return Accepted(sent, self._accepted_is_delivered)
        failure = STATUSES.get(reply.status)
        if failure is None:
            return Unknown(reply_text)
        message = answer.message.lower()
        if reply.status == 400 and "failed to send messages" in message:
            failure = SendFailure.NOT_ON_CHANNEL
        if reply.status == 429 and "monthly limit" in message:
            failure = SendFailure.NOT_CONFIGURED
        return Refused(failure, str(reply.status), answer.message or reply_text, retry_after(reply))

    def parse_webhook(self, webhook: Webhook) -> list[Report]:
        """What users sent, of a webhook; other events are ignored.

        Raises:
            InvalidSignatureError: it is not signed with the channel's secret.
            MalformedWebhookError: it does not have the provider's form.
        """
        if self._channel_secret and not webhook.is_verified:
            signature = webhook.headers.get("x-line-signature", "")
            if not hmac.compare_digest(
                signature.encode(), line_signature(self._channel_secret, webhook.body).encode()
            ):
                raise InvalidSignatureError("x-line-signature is missing or not of this channel's secret")
        try:
            envelope = _decode_envelope(webhook.body, webhook)
        except UnreadableJsonError as error:
            raise MalformedWebhookError(f"not a webhook of the Messaging API: {error}") from None
        events = ((f"events[{index}]", event) for index, event in enumerate(envelope.events))
        return parse_items(self._route, events, lambda raw: parse_event(self._route, _decode_event(raw)))


def retry_key(reference: str) -> str:
    """The retry key of a leg: a UUID derived from the reference without the number of the attempt."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, reference.rpartition("-")[0]))


def line_signature(channel_secret: bytes, body: bytes) -> str:
    """The value of `x-line-signature` for a body."""
    return base64.b64encode(hmac.new(channel_secret, body, hashlib.sha256).digest()).decode()
