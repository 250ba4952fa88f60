"""Telegram by the Bot API: `POST /bot<token>/<method>`, and the updates it posts.

There are no receipts: that a message was taken is the last that is ever heard of it. Nothing removes
duplicates. Source: https://core.telegram.org/bots/api (Bot API 10.1).
"""

import hmac
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from waypost.connectors.contract import InvalidSignatureError, MalformedWebhookError, Submission, Webhook
from waypost.connectors.unaccepted_log import log_unaccepted
from waypost.model.content.rules import Value
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Inbound, InboundType, Outcome, Receipt, Refused, Unknown
from waypost.outbound.http import Reply, exchange, retry_after

TELEGRAM_URL = "https://api.telegram.org"

METHODS = {
    "image": ("sendPhoto", "photo"),
    "video": ("sendVideo", "video"),
    "audio": ("sendAudio", "audio"),
    "document": ("sendDocument", "document"),
    "gif": ("sendAnimation", "animation"),
    "sticker": ("sendSticker", "sticker"),
}
"""MessageType to the method and the member that takes the link."""

DESCRIPTIONS = (
    ("bot was blocked by the user", SendFailure.OPTED_OUT),
    ("bot can't initiate conversation", SendFailure.WAITING_FOR_USER),
    ("user is deactivated", SendFailure.NOT_ON_CHANNEL),
    ("chat not found", SendFailure.NOT_ON_CHANNEL),
    ("peer_id_invalid", SendFailure.NOT_ON_CHANNEL),
    ("bot was kicked", SendFailure.OPTED_OUT),
)
"""What a `description` of a 400 or 403 holds, first match first; otherwise the error code decides."""

STATUSES = {
    400: SendFailure.BAD_REQUEST,
    401: SendFailure.NOT_CONFIGURED,
    403: SendFailure.NOT_ON_CHANNEL,
    404: SendFailure.NOT_CONFIGURED,
    409: SendFailure.NOT_CONFIGURED,
    413: SendFailure.BAD_REQUEST,
    429: SendFailure.RATE_LIMITED,
}
"""`error_code` to failure."""

_MEDIA: tuple[tuple[str, InboundType], ...] = (
    ("photo", "IMAGE"),
    ("video", "VIDEO"),
    ("voice", "AUDIO"),
    ("audio", "AUDIO"),
    # An animation comes with a document for older bots, so it is looked for first.
    ("animation", "VIDEO"),
    ("document", "DOCUMENT"),
    ("sticker", "STICKER"),
    ("location", "LOCATION"),
    ("contact", "CONTACTS"),
)


class _Parameters(msgspec.Struct):
    retry_after: int | None = None


class _Sent(msgspec.Struct):
    message_id: int


class _Answer(msgspec.Struct):
    ok: bool
    result: _Sent | list[_Sent] | None = None
    error_code: int = 0
    description: str = ""
    parameters: _Parameters | None = None


class TelegramConnector:
    """One bot.

    Args:
        route: the route's name, put on every receipt.
        session: whose connections are used; it is not closed here.
        token: the bot's.
        url: another than Telegram's own for a server of your own, or the sandbox.
        secret_token: what was given to `setWebhook`; empty to take updates without it.
        accepted_is_delivered: what was taken counts as delivered, since no receipt ever comes.
        timeout_s: seconds for the connection, and for each silence while waiting for the answer.
    """

    removes_duplicates = False

    def __init__(
        self,
        route: str,
        session: aiohttp.ClientSession,
        *,
        token: str,
        url: str = TELEGRAM_URL,
        secret_token: str = "",
        accepted_is_delivered: bool = True,
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._session = session
        self._url = f"{url.rstrip('/')}/bot{token}"
        self._secret_token = secret_token
        self._accepted_is_delivered = accepted_is_delivered
        self._timeout_s = timeout_s

    async def send(self, submission: Submission) -> Outcome:
        """Hands one leg over, once."""
        method, body = request(submission)
        answer = await exchange(
            self._session,
            "POST",
            URL(f"{self._url}/{method}", encoded=True),
            timeout_s=self._timeout_s,
            headers={"Content-Type": "application/json"},
            body=msgspec.json.encode(body),
        )
        outcome = self._outcome(answer, submission) if isinstance(answer, Reply) else answer
        log_unaccepted("telegram", self._route, submission, outcome)
        return outcome

    def _outcome(self, reply: Reply, submission: Submission) -> Outcome:
        seen = f"HTTP {reply.status}: {reply.text}"
        try:
            answer = msgspec.json.decode(reply.body, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Unknown(seen)
        if answer.ok:
            sent = answer.result[0] if isinstance(answer.result, list) and answer.result else answer.result
            if not isinstance(sent, _Sent):
                return Unknown(seen)
            # A message_id is unique in its chat only.
            return Accepted(f"{submission.recipient}:{sent.message_id}", self._accepted_is_delivered)
        if answer.error_code >= 500 or answer.error_code not in STATUSES:
            return Unknown(seen)
        failure = STATUSES[answer.error_code]
        if answer.error_code in (400, 403):
            description = answer.description.lower()
            failure = next((found for phrase, found in DESCRIPTIONS if phrase in description), failure)
        wait = retry_after(reply)
        if answer.parameters is not None and answer.parameters.retry_after is not None:
            wait = answer.parameters.retry_after * 1000
        return Refused(failure, str(answer.error_code), answer.description, wait)

    def parse_webhook(self, webhook: Webhook) -> list[Receipt | Inbound]:
        """What an update says; only a user's new message matters.

        Raises:
            InvalidSignatureError: it does not carry the secret token.
            MalformedWebhookError: not of the provider's form.
        """
        shown = webhook.headers.get("x-telegram-bot-api-secret-token", "")
        if self._secret_token and not hmac.compare_digest(shown.encode(), self._secret_token.encode()):
            raise InvalidSignatureError("X-Telegram-Bot-Api-Secret-Token is missing or not this route's")
        try:
            update: dict[str, Any] = msgspec.json.decode(webhook.body)
            update_id = str(update["update_id"])
            message = update.get("message")
            if message is None:
                return []
            kind, text = _content(message)
            return [
                Inbound(
                    route=self._route,
                    channel="telegram",
                    # The update does not name the bot: the route's only sender is meant.
                    sender="",
                    user=str(message["chat"]["id"]),
                    at=int(message["date"]) * 1000,
                    provider_id=update_id,
                    type=kind,
                    text=text,
                )
            ]
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
            raise MalformedWebhookError(f"not an update of the Bot API: {error}") from None


def request(submission: Submission) -> tuple[str, dict[str, Value]]:
    """The method and its arguments."""
    kind, content = submission.message_type, submission.content
    body: dict[str, Value] = {"chat_id": submission.recipient}
    replied_to = submission.extras.context_message_id.rpartition(":")[2]
    if replied_to.isdecimal():
        body["reply_parameters"] = {"message_id": int(replied_to)}
    if kind in METHODS:
        method, member = METHODS[kind]
        caption = {"caption": content["caption"]} if "caption" in content else {}
        return method, body | {member: content["link"]} | caption
    if kind == "interactive":
        method = str(content["type"])
        arguments = content[method]
        assert isinstance(arguments, dict)
        # Whoever is written to is the call's To, whatever the arguments say.
        return method, arguments | body
    return ("sendLocation" if kind == "location" else "sendMessage"), body | content


def _content(message: dict[str, Any]) -> tuple[InboundType, str]:
    if "text" in message:
        return "TEXT", str(message["text"])
    for member, kind in _MEDIA:
        if member in message:
            return kind, msgspec.json.encode(message[member]).decode()
    return "UNSUPPORTED", ""
