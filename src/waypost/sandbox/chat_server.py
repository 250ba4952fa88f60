"""A simulated chat provider: the scenarios of the sandbox over the wire format of one provider."""

from typing import Literal, NamedTuple, Protocol

import msgspec
from aiohttp import web

from waypost.sandbox.disrupted_providers import cut_off, disrupted, disrupted_receipts
from waypost.sandbox.loopback import Loopback, refusing_browsers
from waypost.sandbox.phone_actions import Button, encode_buttons
from waypost.sandbox.phone_network import PhoneNetwork, Signer, fingerprint_of
from waypost.sandbox.sandbox_store import Arrival, ScheduledCallback
from waypost.sandbox.scenarios import REPLIES_AFTER_MS, Scenario, scenario_of

# The time to live of a message that has none, for scenarios in which it runs out.
_DEFAULT_TTL_MS = 30 * 86_400_000

Refusal = Literal["busy", "unknown", "blocked"]

MALFORMED_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, AttributeError)
"""What reading a request raises if its body does not have the form of the provider's API."""


class SubmittedMessage(NamedTuple):
    """A message that was submitted to a provider.

    Attributes:
        sender, recipient: the ids that Waypost has for them.
        text: the text that the phone shows.
        media: the URL of its image, video or file; empty if it has none.
        reference: Waypost's reference, if the provider's API carries one.
        key: the idempotency key, if the provider's API has one; else empty.
        buttons: what can be tapped.
    """

    sender: str
    recipient: str
    text: str
    media: str = ""
    reference: str | None = None
    key: str = ""
    buttons: tuple[Button, ...] = ()


def validated(submitted: SubmittedMessage) -> SubmittedMessage:
    """The same message, if all its members have the declared types.

    Raises:
        msgspec.ValidationError: a member has another type.
    """
    return msgspec.convert(tuple(submitted), SubmittedMessage)


class WireFormat(Protocol):
    """The wire format of a provider.

    Attributes:
        channel: the channel of its messages.
        path: the path that messages are POSTed to, in aiohttp's notation for variable parts.
    """

    channel: str
    path: str

    def parse_message(self, request: web.Request, body: bytes) -> SubmittedMessage | web.Response:
        """The message of a request, or the response to a request without one."""
        ...

    def refusal_response(self, reason: Refusal, submitted: SubmittedMessage) -> web.Response | None:
        """The response that refuses a message; None for a provider that accepts it nevertheless."""
        ...

    def accepted_response(self, submitted: SubmittedMessage, token: str, *, again: bool) -> web.Response:
        """The response that accepts a message; `again` if its key was accepted before."""
        ...

    def receipt_body(self, submitted: SubmittedMessage, token: str, what: str, at: int) -> object | None:
        """The body of the webhook with a receipt; None if the provider sends no such receipt."""
        ...

    def reply_body(self, arrival: Arrival, text: str, at: int) -> object:
        """The body of the webhook with a user's reply."""
        ...

    def tap_body(self, arrival: Arrival, button: Button, at: int) -> object | None:
        """The body of the webhook of a tap of a button; None if the provider sends none of its kind."""
        ...

    def block_body(self, arrival: Arrival, blocks: bool, at: int) -> object | None:
        """The body of the webhook of a sender that is blocked, or not any more; None if there is none."""
        ...

    def new_token(self, submitted: SubmittedMessage) -> str:
        """A new message id in the provider's form."""
        ...

    def webhook_url(self, sender: str) -> str:
        """The URL that webhooks about a sender are sent to."""
        ...

    def signers(self) -> dict[str, Signer]:
        """The signer of webhooks for each route, by its name."""
        ...


class ChatServer:
    """A simulated provider on a loopback socket.

    Args:
        network: the phones, which messages are delivered to and webhooks come from.
        wire: the wire format of the provider.

    Attributes:
        loopback: where it listens.
        accepted_tokens: the idempotency keys of accepted messages, each with the message's token.
    """

    def __init__(self, network: PhoneNetwork, wire: WireFormat) -> None:
        self._network = network
        self._wire = wire
        self.accepted_tokens: dict[str, str] = {}
        app = web.Application()
        app.router.add_post(wire.path, refusing_browsers(self._handle_message))
        self.loopback = Loopback(app)
        network.add_channel(wire.channel, self, wire.signers())

    @property
    def address(self) -> str:
        """`http://127.0.0.1:<port>`; valid after `start`."""
        return self.loopback.address

    async def start(self) -> None:
        """Starts listening on a free port."""
        await self.loopback.start()

    async def close(self) -> None:
        """Stops listening."""
        await self.loopback.close()

    async def _handle_message(self, request: web.Request) -> web.Response:
        body = await request.read()
        submitted = self._wire.parse_message(request, body)
        if isinstance(submitted, web.Response):
            return submitted
        if submitted.key and submitted.key in self.accepted_tokens:
            return self._wire.accepted_response(submitted, self.accepted_tokens[submitted.key], again=True)
        busy = self._wire.refusal_response("busy", submitted) or web.Response(status=503)
        instead, loses_answer = await disrupted(
            self._network.disruptions,
            request,
            self._wire.channel,
            submitted.sender,
            submitted.recipient,
            busy,
        )
        if instead is not None:
            return instead
        scenario = scenario_of(submitted.recipient)
        undeliverable = False
        is_blocked = self._network.is_blocked(self._wire.channel, submitted.recipient, submitted.sender)
        reason: Refusal | Literal[""] = "blocked" if is_blocked else scenario.refusal
        if reason:
            refusal = self._wire.refusal_response(reason, submitted)
            if refusal is not None:
                return refusal
            # Accepted, as by the real provider, but never delivered to the phone.
            undeliverable = True
        fingerprint = _fingerprint_of(self._wire.channel, submitted) if scenario.busy_answers else ""
        if fingerprint and self._network.claim_busy_answer(fingerprint, scenario.busy_answers):
            refusal = self._wire.refusal_response("busy", submitted)
            if refusal is not None:
                return refusal
        token = self._wire.new_token(submitted)
        if submitted.key:
            self.accepted_tokens[submitted.key] = token
        self._accept(
            submitted, scenario._replace(received=None) if undeliverable else scenario, token, fingerprint
        )
        if scenario.drops_answer or loses_answer:
            return cut_off(request)
        return self._wire.accepted_response(submitted, token, again=False)

    def _accept(self, submitted: SubmittedMessage, scenario: Scenario, token: str, fingerprint: str) -> None:
        now = self._network.now()
        arrival = Arrival(
            channel=self._wire.channel,
            sender=submitted.sender,
            recipient=submitted.recipient,
            text=submitted.text,
            media=submitted.media,
            seq=None,
            reference=submitted.reference,
            token=token,
            tracking_data="",
            received_at=None if scenario.received is None else now + scenario.received,
            delivered_at=None,
            read_at=None,
            buttons=encode_buttons(submitted.buttons),
        )
        callbacks = []
        for step in scenario.receipts:
            body = self._wire.receipt_body(submitted, token, step.what, now + step.occurs_ms(_DEFAULT_TTL_MS))
            if body is None:
                continue
            due = now + step.reported_ms(_DEFAULT_TTL_MS)
            callbacks.append(self._callback(submitted.sender, submitted.recipient, body, due))
            name = {"delivered": "delivered_at", "seen": "read_at"}.get(step.what)
            if name is not None:
                arrival = msgspec.structs.replace(arrival, **{name: now + step.occurs_ms(_DEFAULT_TTL_MS)})
        callbacks = disrupted_receipts(
            self._network.disruptions, self._wire.channel, submitted.sender, submitted.recipient, callbacks
        )
        if scenario.reply_text:
            callbacks.append(self.reply(arrival, scenario.reply_text, now + REPLIES_AFTER_MS))
        self._network.accept(arrival, callbacks, fingerprint)

    def reply(self, arrival: Arrival, text: str, at: int) -> ScheduledCallback:
        """The webhook of a reply to a message."""
        return self._callback(arrival.sender, arrival.recipient, self._wire.reply_body(arrival, text, at), at)

    def tap(self, arrival: Arrival, button: Button, at: int) -> ScheduledCallback | None:
        """The webhook of a tap of a button."""
        return self._if_any(arrival, self._wire.tap_body(arrival, button, at), at)

    def read(self, arrival: Arrival, at: int) -> ScheduledCallback | None:
        """The receipt of a message that is read."""
        submitted = SubmittedMessage(
            arrival.sender, arrival.recipient, arrival.text, arrival.media, arrival.reference
        )
        return self._if_any(arrival, self._wire.receipt_body(submitted, arrival.token, "seen", at), at)

    def block(self, arrival: Arrival, blocks: bool, at: int) -> ScheduledCallback | None:
        """The webhook of a sender that is blocked, or not any more."""
        return self._if_any(arrival, self._wire.block_body(arrival, blocks, at), at)

    def _if_any(self, arrival: Arrival, body: object | None, at: int) -> ScheduledCallback | None:
        return None if body is None else self._callback(arrival.sender, arrival.recipient, body, at)

    def _callback(self, sender: str, recipient: str, body: object, due: int) -> ScheduledCallback:
        return ScheduledCallback(
            due=due,
            recipient=recipient,
            url=self._wire.webhook_url(sender),
            body=msgspec.json.encode(body).decode(),
        )


def _fingerprint_of(channel: str, submitted: SubmittedMessage) -> str:
    return fingerprint_of((channel, submitted.sender, submitted.recipient, submitted.text, submitted.media))
