"""Telegram by the Bot API: `POST /bot<token>/<method>`, and its webhooks (updates).

There are no receipts, and duplicates are not removed. Source: https://core.telegram.org/bots/api (Bot API
10.1).
"""

import hmac
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from waypost.connectors.answers import Answers
from waypost.connectors.contract import InvalidSignatureError, Submission, Webhook
from waypost.connectors.http_statuses import outcome_of_status
from waypost.connectors.reports import parse_one
from waypost.connectors.telegram.updates import parse_update
from waypost.model.content.rules import Value
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.foreign_numbers import delay_ms
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Inbound, Outcome, Receipt, Refused, Report, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.reply import Reply, retry_after

METHODS = {
    "image": ("sendPhoto", "photo"),
    "video": ("sendVideo", "video"),
    "audio": ("sendAudio", "audio"),
    "document": ("sendDocument", "document"),
    "gif": ("sendAnimation", "animation"),
    "sticker": ("sendSticker", "sticker"),
}
"""MessageType to the method and the parameter for the media URL."""

DESCRIPTIONS = (
    ("bot was blocked by the user", SendFailure.OPTED_OUT),
    ("bot can't initiate conversation", SendFailure.WAITING_FOR_USER),
    ("user is deactivated", SendFailure.NOT_ON_CHANNEL),
    ("chat not found", SendFailure.NOT_ON_CHANNEL),
    ("peer_id_invalid", SendFailure.NOT_ON_CHANNEL),
    ("bot was kicked", SendFailure.OPTED_OUT),
)
"""Phrases in the `description` of a 400 or 403; the first match counts, and the code if there is none."""

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


class _Parameters(msgspec.Struct):
    retry_after: int | None = None
    migrate_to_chat_id: int | None = None


class _Sent(msgspec.Struct):
    message_id: int


class _Answer(msgspec.Struct):
    ok: bool
    result: _Sent | list[_Sent] | None = None
    error_code: int = 0
    description: str = ""
    parameters: _Parameters | None = None


class _Migrated(NamedTuple):
    """A refusal because the group has another id now."""

    chat_id: int


_decode_answer = foreign_decoder(_Answer, tolerant=True)
_decode_update = foreign_decoder(dict[str, Any])


class TelegramConnector:
    """A route to a bot.

    Args:
        route: the name of the route, which every receipt carries.
        client: the HTTP client to use; the caller closes it.
        token: the token of the bot.
        url: Telegram's URL, or that of another Bot API server or the sandbox.
        secret_token: the `secret_token` of `setWebhook`; empty to accept webhooks without it.
        accepted_is_delivered: whether an accepted message counts as delivered, because Telegram has no
            receipts.
        timeout_s: seconds to connect, and between any two reads of the response.
    """

    removes_duplicates = False

    def __init__(
        self,
        route: str,
        client: HttpClient,
        *,
        token: str,
        url: str,
        secret_token: str = "",
        accepted_is_delivered: bool = True,
        timeout_s: float = 10.0,
    ) -> None:
        self._route = route
        self._secret_token = secret_token
        self._answers = Answers("telegram", route, url, (token, secret_token))
        self._accepted_is_delivered = accepted_is_delivered
        self._bot = client.endpoint(
            "POST",
            f"{url.rstrip('/')}/bot{token}",
            timeout_s=timeout_s,
            headers={"Content-Type": "application/json"},
        )

    async def send(self, submission: Submission) -> Outcome:
        """Submits a leg, once. A group that has become a supergroup has another id, which the refusal names:
        the leg is submitted to that."""
        outcome = await self._submit(submission)
        if not isinstance(outcome, _Migrated):
            return self._answers.complete(submission, outcome)
        chat_id = str(outcome.chat_id)
        outcome = await self._submit(msgspec.structs.replace(submission, recipient=chat_id))
        if isinstance(outcome, _Migrated):
            outcome = Refused(SendFailure.NOT_ON_CHANNEL, "400", "the group has migrated twice")
        elif isinstance(outcome, Accepted):
            outcome = msgspec.structs.replace(outcome, migrated_to=chat_id)
        return self._answers.complete(submission, outcome)

    async def _submit(self, submission: Submission) -> "Outcome | _Migrated":
        method = ""

        def parameters() -> dict[str, Value]:
            nonlocal method
            method, built = build_request(submission)
            return built

        body = self._answers.encoded(submission, parameters)
        if isinstance(body, Refused):
            return body
        answer = await self._bot.exchange(body, suffix=f"/{method}")
        return self._outcome(answer, submission) if isinstance(answer, Reply) else answer

    def _outcome(self, reply: Reply, submission: Submission) -> "Outcome | _Migrated":
        reply_text = f"HTTP {reply.status}: {reply.text}"
        try:
            answer = _decode_answer(reply.body, reply)
        except UnreadableJsonError:
            # A page of something between Telegram and here.
            return outcome_of_status(reply, reply_text)
        if answer.ok:
            sent = answer.result[0] if isinstance(answer.result, list) and answer.result else answer.result
            if not isinstance(sent, _Sent):
                return Unknown(reply_text)
            # A message_id is unique in its chat only.
            return Accepted(f"{submission.recipient}:{sent.message_id}", self._accepted_is_delivered)
        if answer.parameters is not None and answer.parameters.migrate_to_chat_id:
            return _Migrated(answer.parameters.migrate_to_chat_id)
        code = answer.error_code or reply.status
        if code not in STATUSES:
            is_plain = code < 500 or code == reply.status
            return outcome_of_status(reply, reply_text) if is_plain else Unknown(reply_text)
        failure = STATUSES[code]
        if code in (400, 403):
            description = answer.description.lower()
            failure = next((match for phrase, match in DESCRIPTIONS if phrase in description), failure)
        retry_after_ms = retry_after(reply)
        if answer.parameters is not None and answer.parameters.retry_after is not None:
            retry_after_ms = delay_ms(answer.parameters.retry_after)
        return Refused(failure, str(code), answer.description, retry_after_ms)

    def parse_webhook(self, webhook: Webhook) -> list[Report]:
        """What a user sent, of an update; other updates are ignored.

        Raises:
            InvalidSignatureError: it does not carry the secret token.
            MalformedWebhookError: it does not have the provider's form.
        """
        secret_token = webhook.headers.get("x-telegram-bot-api-secret-token", "")
        is_signed = hmac.compare_digest(secret_token.encode(), self._secret_token.encode())
        if self._secret_token and not is_signed and not webhook.is_verified:
            raise InvalidSignatureError("X-Telegram-Bot-Api-Secret-Token is missing or not this route's")
        return parse_one(
            self._route, webhook, _decode_update, lambda update: parse_update(self._route, update)
        )

    async def acknowledge(self, reports: Sequence[Receipt | Inbound]) -> None:
        """Answers each button that was pressed, so that it does not spin on the phone any longer."""
        for report in reports:
            if isinstance(report, Inbound) and report.acknowledgement:
                body = msgspec.json.encode({"callback_query_id": report.acknowledgement})
                await self._bot.exchange(body, suffix="/answerCallbackQuery")


def build_request(submission: Submission) -> tuple[str, dict[str, Value]]:
    """The method of the Bot API and its parameters."""
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
        # The call's To overrides a chat_id in the content.
        return method, arguments | body
    return ("sendLocation" if kind == "location" else "sendMessage"), body | content
