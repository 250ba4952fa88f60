"""The part that all Meta providers share: requests and errors of the Graph API, webhook signatures.

Sources: Meta's OpenAPI of the business messaging API (v23.0); "Webhooks from Meta", getting started
(`hub.challenge`, `X-Hub-Signature-256`); the codes are each provider's own table.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import structlog

from waypost.connectors.contract import (
    InvalidSignatureError,
    MalformedWebhookError,
    Webhook,
)
from waypost.connectors.http_statuses import outcome_of_status
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown
from waypost.outbound.client import HttpClient
from waypost.outbound.endpoint import HttpEndpoint
from waypost.outbound.reply import Reply, retry_after

_log = structlog.get_logger(__name__)


class _Detail(msgspec.Struct):
    details: str = ""


class _Error(msgspec.Struct):
    message: str = ""
    code: int | None = None
    error_subcode: int | None = None
    error_data: _Detail | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error


_decode_error = foreign_decoder(_ErrorBody, tolerant=True)

MAX_CODE = 99_999_999
"""Codes are small numbers; a larger one is not repeated to anybody."""


class Codes(NamedTuple):
    """The error codes of a provider.

    Attributes:
        refusals: code, or (code, subcode), to failure; the pair takes precedence over the code.
        in_doubt: codes that leave open whether the message was accepted.
    """

    refusals: Mapping[int | tuple[int, int], SendFailure]
    in_doubt: frozenset[int] = frozenset()


class Graph:
    """A client of the Graph API for one app.

    Args:
        client: the HTTP client to use; the caller closes it.
        url: the URL of the Graph API with its version, such as `https://graph.facebook.com/v23.0`.
        app_secret: the secret that signs the webhooks; empty to accept unsigned ones.
        verify_token: the token that Meta sends with a challenge.
        timeout_s: seconds to connect, and between any two reads of the response.
    """

    def __init__(
        self,
        client: HttpClient,
        *,
        url: str,
        app_secret: str,
        verify_token: str,
        timeout_s: float,
    ) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._app_secret = app_secret.encode()
        self._verify_token = verify_token
        self._timeout_s = timeout_s

    def endpoint(self, path: str, token: str) -> HttpEndpoint:
        """The requests to a path of the API with an access token."""
        return self._client.endpoint(
            "POST",
            f"{self._url}/{path}",
            timeout_s=self._timeout_s,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )

    async def post(self, endpoint: HttpEndpoint, body: bytes, codes: Codes) -> Reply | Refused | Unknown:
        """Posts a body once; returns a 200 as it is, anything else as an outcome."""
        answer = await endpoint.exchange(body)
        if not isinstance(answer, Reply) or answer.status == 200:
            return answer
        return outcome_of_error(answer, codes)

    def answer_challenge(self, webhook: Webhook) -> str | None:
        """The response to Meta's challenge, which verifies the URL; None if the request is no challenge.

        Raises:
            InvalidSignatureError: the challenge does not have the verify token of the route.
        """
        if webhook.method != "GET":
            return None
        query = webhook.query
        token = query.get("hub.verify_token", "")
        if query.get("hub.mode") != "subscribe" or not _matches(token, self._verify_token):
            raise InvalidSignatureError("hub.mode is not subscribe, or hub.verify_token is not this route's")
        return query.get("hub.challenge", "")

    def check_signature(self, webhook: Webhook) -> None:
        """Checks the signature of a webhook.

        Raises:
            InvalidSignatureError: it is not signed with the app's secret.
            MalformedWebhookError: it is no POST.
        """
        if webhook.method != "POST":
            raise MalformedWebhookError("Meta's webhooks are POSTs")
        if not self._app_secret or webhook.is_verified:
            return
        signature = webhook.headers.get("x-hub-signature-256", "")
        if not _matches(signature, meta_signature(self._app_secret, webhook.body)):
            raise InvalidSignatureError("X-Hub-Signature-256 is missing or not of this app's secret")


def meta_signature(app_secret: bytes, body: bytes) -> str:
    """The value of `X-Hub-Signature-256` for a body."""
    return f"sha256={hmac.new(app_secret, body, hashlib.sha256).hexdigest()}"


def outcome_of_error(reply: Reply, codes: Codes) -> Refused | Unknown:
    """The outcome that a response other than 200 means."""
    reply_text = f"HTTP {reply.status}: {reply.text}"
    try:
        error = _decode_error(reply.body, reply).error
    except UnreadableJsonError:
        return outcome_of_status(reply, reply_text)
    # Without a code the status says more than the words.
    if error.code is None or abs(error.code) > MAX_CODE:
        return outcome_of_status(reply, reply_text)
    detail = error.error_data.details if error.error_data is not None else ""
    text = f"{error.message} {detail}".strip()
    if error.code in codes.in_doubt and reply.status >= 500:
        return Unknown(f"{error.code} {text}")
    failure = failure_of_code(codes, error.code, error.error_subcode)
    if failure is None:
        _log.error("graph.unknown_code", code=error.code, subcode=error.error_subcode, status=reply.status)
        return outcome_of_status(reply, f"{error.code} {text}", str(error.code))
    return Refused(failure, str(error.code), text, retry_after(reply))


def failure_of_code(codes: Codes, code: int, subcode: int | None) -> SendFailure | None:
    """The failure of a code, or of a code and its subcode; None for an unknown code."""
    if subcode is not None and (code, subcode) in codes.refusals:
        return codes.refusals[code, subcode]
    if code in codes.refusals:
        return codes.refusals[code]
    # All codes from 200 to 299 are missing permissions of the token.
    return SendFailure.NOT_CONFIGURED if 200 <= code <= 299 else None


def _matches(received: str, expected: str) -> bool:
    return bool(expected) and hmac.compare_digest(received.encode(), expected.encode())
