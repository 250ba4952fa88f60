"""The webhook endpoint for receipts and users' messages: `/receipts/<route>/<secret>`.

The reports of a webhook are durable before it is answered; a request that is not the provider's changes
nothing.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import structlog

from waypost.api.http_messages import HttpAnswer, HttpRequest, Reply
from waypost.connectors.contract import (
    Acknowledging,
    Connector,
    InvalidSignatureError,
    MalformedWebhookError,
    Webhook,
    WebhookChallenge,
)
from waypost.model.message.outcomes import Inbound, Receipt, RejectedItem
from waypost.storage.contract import StoreUnavailableError

log = structlog.get_logger()

_PLAIN_TEXT = (("content-type", "text/plain; charset=utf-8"),)
_MAX_QUERY_FIELDS = 100
_METHODS = ("GET", "HEAD", "POST")


def _plain(status: int, text: str) -> HttpAnswer:
    return HttpAnswer(status, _PLAIN_TEXT, text.encode())


_OK = _plain(200, "ok\n")
_NOT_FOUND = _plain(404, "no such address\n")
_UNREADABLE = _plain(400, "the request cannot be read\n")
_TOO_LONG = _plain(413, "the body is too long\n")
_FAILED = _plain(503, "the service failed and nothing was accepted; send it again\n")
_UNAVAILABLE = _plain(503, "nothing was accepted; send it again\n")
_NOT_ALLOWED = HttpAnswer(
    405, (*_PLAIN_TEXT, ("allow", ", ".join(_METHODS))), b"only GET and POST are allowed\n"
)


class WebhookEndpoint:
    """Accepts webhooks.

    Args:
        receive: follows reports; the future is done once what they come to is durable.
        keep: keeps the webhook of a route with its items that were not understood; the future is done once
            that is durable.
        connectors: the connector of each route, and the secret last part of its webhook URL.
        longest_body: the longest body in bytes; a longer one is refused.
    """

    def __init__(
        self,
        receive: Callable[[Sequence[Receipt | Inbound]], "asyncio.Future[None]"],
        keep: Callable[[str, HttpRequest, Sequence[RejectedItem]], "asyncio.Future[None]"],
        connectors: Mapping[str, tuple[Connector, str]],
        longest_body: int = 1024 * 1024,
    ) -> None:
        self._receive = receive
        self._keep = keep
        self._longest_body = longest_body
        self._under_way: set[asyncio.Task[None]] = set()
        self.use(connectors)

    def use(self, connectors: Mapping[str, tuple[Connector, str]]) -> None:
        """Accepts webhooks of these routes alone from now on."""
        self._connectors = connectors
        self._acknowledging = {
            route: connector
            for route, (connector, _) in connectors.items()
            if isinstance(connector, Acknowledging)
        }
        self._challenged = {
            route: connector
            for route, (connector, _) in connectors.items()
            if isinstance(connector, WebhookChallenge)
        }

    def handle(self, request: HttpRequest, reply: Reply) -> None:
        """Answers 200 once the reports are durable, 404 for an unknown URL, 413 for a body that is too long,
        403 for an invalid signature, 400 for a malformed request, 503 for a failure of the service."""
        try:
            self._handle(request, reply)
        except Exception:
            log.exception("webhook.failed", route=_parts(request.path)[0])
            reply(_FAILED)

    def _handle(self, request: HttpRequest, reply: Reply) -> None:
        route, secret = _parts(request.path)
        connector, expected = self._connectors.get(route, (None, ""))
        if connector is None or not hmac.compare_digest(expected.encode(), secret.encode()):
            reply(_NOT_FOUND)
        elif request.method not in _METHODS:
            reply(_NOT_ALLOWED)
        elif request.is_too_long or len(request.body) > self._longest_body:
            reply(_TOO_LONG)
        else:
            self._accept(route, connector, request, reply)

    def _accept(self, route: str, connector: Connector, request: HttpRequest, reply: Reply) -> None:
        try:
            webhook = _webhook(request)
            challenged = self._challenged.get(route)
            challenge = challenged.answer_challenge(webhook) if challenged is not None else None
            if challenge is not None:
                reply(_plain(200, challenge))
                return
            reports = connector.parse_webhook(webhook)
        except InvalidSignatureError as error:
            log.warning("webhook.invalid_signature", route=route, error=str(error))
            reply(_plain(403, f"{error}\n"))
            return
        except MalformedWebhookError as error:
            log.warning("webhook.malformed", route=route, error=str(error))
            reply(_plain(400, f"{error}\n"))
            return
        except RecursionError:
            log.warning("webhook.malformed", route=route, error="more levels than can be read")
            reply(_UNREADABLE)
            return
        taken = [report for report in reports if not isinstance(report, RejectedItem)]
        pending = [self._receive(taken)] if taken else []
        if len(taken) < len(reports):
            rejected = [report for report in reports if isinstance(report, RejectedItem)]
            pending.append(self._keep(route, request, rejected))
        if not pending:
            reply(_OK)
            return
        written = pending[0] if len(pending) == 1 else asyncio.gather(*pending)
        written.add_done_callback(partial(_answer_accepted, reply))
        acknowledging = self._acknowledging.get(route)
        if acknowledging is not None and taken:
            written.add_done_callback(partial(self._acknowledge, acknowledging, taken))

    def _acknowledge(
        self,
        connector: Acknowledging,
        reports: Sequence[Receipt | Inbound],
        accepted: "asyncio.Future[Any]",
    ) -> None:
        if accepted.cancelled() or accepted.exception() is not None:
            return
        task = asyncio.get_running_loop().create_task(_acknowledge(connector, reports))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


async def _acknowledge(connector: Acknowledging, reports: Sequence[Receipt | Inbound]) -> None:
    try:
        await connector.acknowledge(reports)
    except Exception as error:  # noqa: BLE001 - the reports are taken all the same
        log.info("webhook.not_acknowledged", error=f"{type(error).__name__}: {error}")


def is_webhook(path: str) -> bool:
    """Whether a path is `/receipts/<route>/<secret>`, with or without a slash behind."""
    return path.startswith("/receipts/") and len(path.removesuffix("/").split("/")) == 4


def _parts(path: str) -> tuple[str, str]:
    """The route and the secret in a path."""
    _, _, route, secret, *_ = path.split("/")
    return route, secret


def _answer_accepted(reply: Reply, accepted: "asyncio.Future[Any]") -> None:
    error = accepted.exception()
    if error is None:
        reply(_OK)
    elif isinstance(error, StoreUnavailableError):
        log.debug("store.unavailable", error=str(error))
        reply(_UNAVAILABLE)
    else:
        log.error("webhook.failed", exc_info=error)
        reply(_FAILED)


def _webhook(request: HttpRequest) -> Webhook:
    try:
        query = (
            parse_qsl(
                request.query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_QUERY_FIELDS
            )
            if request.query
            else ()
        )
    except ValueError:
        raise MalformedWebhookError(f"more than {_MAX_QUERY_FIELDS} parameters") from None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers}
    return Webhook(request.method, dict(query), headers, request.body)
