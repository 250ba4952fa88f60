"""The webhook endpoint for receipts and users' messages: `/receipts/<route>/<secret>`.

The reports of a webhook are durable before it is answered; a request that is not the provider's changes
nothing.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from waypost.connectors.contract import (
    Connector,
    InvalidSignatureError,
    MalformedWebhookError,
    Webhook,
    WebhookChallenge,
)
from waypost.model.message.outcomes import Inbound, Receipt

log = structlog.get_logger()


class WebhookEndpoint:
    """Accepts webhooks.

    Args:
        receive: follows reports, and returns once what they come to is durable.
        connectors: the connector of each route, and the secret last part of its webhook URL.
    """

    def __init__(
        self,
        receive: Callable[[Sequence[Receipt | Inbound]], Awaitable[None]],
        connectors: Mapping[str, tuple[Connector, str]],
    ) -> None:
        self._receive = receive
        self._connectors = connectors

    async def handle(self, request: Request) -> Response:
        """Responds 200 once the reports are durable, 404 for an unknown URL, 403 for an invalid signature,
        400 for a malformed request."""
        route = request.path_params["route"]
        connector, secret = self._connectors.get(route, (None, ""))
        if connector is None or not hmac.compare_digest(
            secret.encode(), request.path_params["secret"].encode()
        ):
            return PlainTextResponse("no such address\n", 404)
        webhook = Webhook(
            request.method,
            dict(request.query_params),
            {name.lower(): value for name, value in request.headers.items()},
            await request.body(),
        )
        try:
            if (
                isinstance(connector, WebhookChallenge)
                and (challenge := connector.answer_challenge(webhook)) is not None
            ):
                return PlainTextResponse(challenge)
            reports = connector.parse_webhook(webhook)
        except InvalidSignatureError as error:
            log.warning("webhook.invalid_signature", route=route, error=str(error))
            return PlainTextResponse(f"{error}\n", 403)
        except MalformedWebhookError as error:
            log.warning("webhook.malformed", route=route, error=str(error))
            return PlainTextResponse(f"{error}\n", 400)
        if reports:
            await self._receive(reports)
        return PlainTextResponse("ok\n")
