"""The webhook endpoint for receipts and users' messages: `/receipts/<route>/<secret>`.

The reports of a webhook are durable before it is answered; a request that is not the provider's changes
nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from hmac import compare_digest
from itertools import chain
from operator import methodcaller
from typing import Any
from urllib.parse import parse_qsl

import msgspec
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


class _Route(msgspec.Struct, frozen=True):
    """A route, as its webhooks need it.

    Attributes:
        secret: the last part of the URL of its webhooks.
        challenged: its connector, if the provider verifies the URL with a challenge.
        acknowledging: its connector, if the provider expects acknowledgements.
    """

    name: str
    connector: Connector
    secret: bytes
    challenged: WebhookChallenge | None
    acknowledging: Acknowledging | None


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
        self._routes = {
            name: _Route(
                name,
                connector,
                secret.encode(),
                connector if isinstance(connector, WebhookChallenge) else None,
                connector if isinstance(connector, Acknowledging) else None,
            )
            for name, (connector, secret) in connectors.items()
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
        name, secret = _parts(request.path)
        route = self._routes.get(name)
        if route is None or not compare_digest(route.secret, secret.encode()):
            reply(_NOT_FOUND)
        elif request.method not in _METHODS:
            reply(_NOT_ALLOWED)
        elif request.is_too_long or len(request.body) > self._longest_body:
            reply(_TOO_LONG)
        else:
            self._accept(route, request, reply)

    def _accept(self, route: _Route, request: HttpRequest, reply: Reply) -> None:
        try:
            webhook = _webhook(request)
            if route.challenged is not None:
                challenge = route.challenged.answer_challenge(webhook)
                if challenge is not None:
                    reply(_plain(200, challenge))
                    return
            reports = route.connector.parse_webhook(webhook)
        except InvalidSignatureError as error:
            log.warning("webhook.invalid_signature", route=route.name, error=str(error))
            reply(_plain(403, f"{error}\n"))
            return
        except MalformedWebhookError as error:
            log.warning("webhook.malformed", route=route.name, error=str(error))
            reply(_plain(400, f"{error}\n"))
            return
        except RecursionError:
            log.warning("webhook.malformed", route=route.name, error="more levels than can be read")
            reply(_UNREADABLE)
            return
        if not reports:
            reply(_OK)
            return
        taken = [report for report in reports if not isinstance(report, RejectedItem)]
        written: asyncio.Future[Any]
        if len(taken) == len(reports):
            written = self._receive(taken)
        else:
            rejected = [report for report in reports if isinstance(report, RejectedItem)]
            followed = [self._receive(taken)] if taken else []
            kept = self._keep(route.name, request, rejected)
            written = asyncio.gather(*followed, kept) if followed else kept
        written.add_done_callback(partial(_answer_accepted, reply))
        if route.acknowledging is not None and taken:
            written.add_done_callback(partial(self._acknowledge, route.acknowledging, taken))

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
    return path.startswith("/receipts/") and path.removesuffix("/").count("/") == 3


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
    query = _query(request.query) if request.query else {}
    return Webhook(request.method, query, _Headers(request.headers), request.body)


def _query(query: bytes) -> dict[str, str]:
    try:
        fields = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_QUERY_FIELDS)
    except ValueError:
        raise MalformedWebhookError(f"more than {_MAX_QUERY_FIELDS} parameters") from None
    return dict(fields)


class _Headers(Mapping[str, str]):
    """The headers of a request by their names in lower case, the last one of each name; they are decoded when
    one is looked up, which most webhooks do not need.

    Args:
        sent: names and values as sent.
    """

    def __init__(self, sent: Iterable[tuple[bytes, bytes]]) -> None:
        self._sent = sent

    @cached_property
    def _decoded(self) -> dict[str, str]:
        texts = list(map(methodcaller("decode", "latin-1"), chain.from_iterable(self._sent)))
        return dict(zip(map(str.lower, texts[::2]), texts[1::2], strict=True))

    def __getitem__(self, name: str) -> str:
        return self._decoded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decoded)

    def __len__(self) -> int:
        return len(self._decoded)
