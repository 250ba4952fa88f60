"""What Meta's providers share: the form of an error, the signature of a webhook, the proof of an address.

Sources: Meta's OpenAPI of the business messaging API (v23.0); "Webhooks from Meta", getting started
(`hub.challenge`, `X-Hub-Signature-256`); the codes are each provider's own table.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp
import msgspec
import structlog
from yarl import URL

from waypost.connectors.contract import (
    InvalidSignatureError,
    MalformedWebhookError,
    RouteSettings,
    Webhook,
)
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Refused, Unknown
from waypost.outbound.http import Reply, exchange, retry_after

GRAPH_URL = "https://graph.facebook.com/v23.0"

_log = structlog.get_logger(__name__)


class _Detail(msgspec.Struct):
    details: str = ""


class _Error(msgspec.Struct):
    message: str = ""
    code: int = 0
    error_subcode: int | None = None
    error_data: _Detail | None = None


class _Failed(msgspec.Struct):
    error: _Error


class Codes(NamedTuple):
    """A provider's errors as our failures.

    Attributes:
        refusals: code, or (code, subcode), to failure; the pair goes before the code.
        in_doubt: the codes after which the message may have been taken.
    """

    refusals: Mapping[int | tuple[int, int], SendFailure]
    in_doubt: frozenset[int] = frozenset()


class GraphRoute(RouteSettings, frozen=True, kw_only=True):
    """What an operator sets for a route to any of Meta's providers.

    Attributes:
        app_secret: signs the webhooks; empty to take them unsigned.
        verify_token: what is typed in the app's webhook settings, with the address.
    """

    url: str = GRAPH_URL
    app_secret: str
    verify_token: str


class Graph:
    """One app at the Graph API.

    Args:
        session: whose connections are used; it stays its giver's to close.
        url: with its version, `https://graph.facebook.com/v23.0`.
        app_secret: signs the webhooks; empty to take them unsigned.
        verify_token: what Meta shows when it asks whether an address is ours.
        timeout_s: seconds for the connection, and for each silence while waiting for the answer.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        app_secret: str,
        verify_token: str,
        timeout_s: float,
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._app_secret = app_secret.encode()
        self._verify_token = verify_token
        self._timeout_s = timeout_s

    async def post(
        self, path: str, body: dict[str, Any], codes: Codes, *, token: str
    ) -> Reply | Refused | Unknown:
        """Posts JSON once, with an access token; a reply is a 200, anything else is an outcome already."""
        answer = await exchange(
            self._session,
            "POST",
            URL(f"{self._url}/{path}", encoded=True),
            timeout_s=self._timeout_s,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            body=msgspec.json.encode(body),
        )
        if not isinstance(answer, Reply) or answer.status == 200:
            return answer
        return failure_of(answer, codes)

    def answer_challenge(self, webhook: Webhook) -> str | None:
        """The challenge, when Meta asks whether the address is ours.

        Raises:
            InvalidSignatureError: it shows another token than ours.
        """
        if webhook.method != "GET":
            return None
        query = webhook.query
        shown = query.get("hub.verify_token", "")
        if query.get("hub.mode") != "subscribe" or not _same(shown, self._verify_token):
            raise InvalidSignatureError("hub.mode is not subscribe, or hub.verify_token is not this route's")
        return query.get("hub.challenge", "")

    def check_signature(self, webhook: Webhook) -> None:
        """Checks who sent a webhook.

        Raises:
            InvalidSignatureError: it has no signature of the app's.
            MalformedWebhookError: it is no POST.
        """
        if webhook.method != "POST":
            raise MalformedWebhookError("Meta's webhooks are POSTs")
        if not self._app_secret:
            return
        shown = webhook.headers.get("x-hub-signature-256", "")
        if not _same(shown, sign(self._app_secret, webhook.body)):
            raise InvalidSignatureError("X-Hub-Signature-256 is missing or not of this app's secret")


def sign(app_secret: bytes, body: bytes) -> str:
    """The value of `X-Hub-Signature-256` for a body."""
    return f"sha256={hmac.new(app_secret, body, hashlib.sha256).hexdigest()}"


def failure_of(reply: Reply, codes: Codes) -> Refused | Unknown:
    """What an answer other than 200 means."""
    seen = f"HTTP {reply.status}: {reply.text}"
    try:
        error = msgspec.json.decode(reply.body, type=_Failed).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _by_status(reply, seen)
    detail = error.error_data.details if error.error_data is not None else ""
    text = f"{error.message} {detail}".strip()
    if error.code in codes.in_doubt and reply.status >= 500:
        return Unknown(f"{error.code} {text}")
    failure = find(codes, error.code, error.error_subcode)
    if failure is None:
        _log.error("graph.unknown_code", code=error.code, subcode=error.error_subcode, status=reply.status)
        return _by_status(reply, f"{error.code} {text}", str(error.code))
    return Refused(failure, str(error.code), text, retry_after(reply))


def find(codes: Codes, code: int, subcode: int | None) -> SendFailure | None:
    """The failure of a code, or of a code and its subcode."""
    if subcode is not None and (code, subcode) in codes.refusals:
        return codes.refusals[code, subcode]
    if code in codes.refusals:
        return codes.refusals[code]
    # 200 to 299 are all permissions that the token lacks.
    return SendFailure.NOT_CONFIGURED if 200 <= code <= 299 else None


def _by_status(reply: Reply, seen: str, code: str = "") -> Refused | Unknown:
    match reply.status:
        case 429:
            return Refused(SendFailure.RATE_LIMITED, code, seen, retry_after(reply))
        case 503:
            return Refused(SendFailure.BUSY, code, seen, retry_after(reply))
        case 401 | 403 | 404 | 405:
            return Refused(SendFailure.NOT_CONFIGURED, code, seen)
        case status if 400 <= status < 500 and status != 408:
            return Refused(SendFailure.BAD_REQUEST, code, seen)
        case _:
            return Unknown(seen)


def _same(shown: str, ours: str) -> bool:
    return bool(ours) and hmac.compare_digest(shown.encode(), ours.encode())
