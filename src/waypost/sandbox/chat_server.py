"""A simulated chat provider: the magic table, over whatever wire format its form speaks."""

import hashlib
from typing import Literal, NamedTuple, Protocol

import msgspec
from aiohttp import web

from waypost.sandbox.loopback import Loopback
from waypost.sandbox.phone_network import PhoneNetwork, Signer
from waypost.sandbox.sandbox_store import Arrival, ScheduledCallback
from waypost.sandbox.scenarios import ReceiptStep, Scenario, scenario_of

REPLIES_AFTER_MS = 2_000
# How long a message without a time to live waits for its phone, as the magic table's "Ttl runs out".
_UNDELIVERABLE_AFTER_MS = 30 * 86_400_000

Refusal = Literal["busy", "unknown", "blocked"]

MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, AttributeError)
"""What looking into a request raises when it is not of its provider's form."""


class SubmittedMessage(NamedTuple):
    """A message as a provider was given it.

    Attributes:
        sender, recipient: as Waypost names them.
        text: what the person reads.
        media: the link of its picture, film or file; empty for none.
        reference: our reference, where the provider is told it.
        key: what makes a repeat the same message, where the provider removes duplicates; empty for nothing.
    """

    sender: str
    recipient: str
    text: str
    media: str = ""
    reference: str | None = None
    key: str = ""


def checked(submitted: SubmittedMessage) -> SubmittedMessage:
    """The same message, once it is certain that its members are texts.

    Raises:
        msgspec.ValidationError: one is not.
    """
    return msgspec.convert(tuple(submitted), SubmittedMessage)


class WireFormat(Protocol):
    """A provider's wire format.

    Attributes:
        channel: the channel it carries.
        path: where messages are posted to, as aiohttp writes a path with its variable parts.
    """

    channel: str
    path: str

    def read(self, request: web.Request, body: bytes) -> SubmittedMessage | web.Response:
        """A message, or the answer to what is none."""
        ...

    def refusal_answer(self, why: Refusal, submitted: SubmittedMessage) -> web.Response | None:
        """The answer that does not take a message; None for a provider that takes it all the same."""
        ...

    def accepted(self, submitted: SubmittedMessage, token: str, *, again: bool) -> web.Response:
        """The answer that takes a message, or says that it was taken before."""
        ...

    def receipt_body(self, submitted: SubmittedMessage, token: str, what: str, at: int) -> object | None:
        """The body of the webhook that says what became of it; None where the provider says nothing."""
        ...

    def reply_body(self, arrival: Arrival, text: str, at: int) -> object:
        """The body of the webhook of a person's answer."""
        ...

    def token(self, submitted: SubmittedMessage) -> str:
        """A new id of a message."""
        ...

    def address(self, sender: str) -> str:
        """Where webhooks about a sender go."""
        ...

    def signers(self) -> dict[str, Signer]:
        """What proves a webhook to be the provider's, by the name of the route it goes to."""
        ...


class ChatServer:
    """A provider on a loopback socket.

    Args:
        network: where messages go and webhooks come from.
        wire: what it speaks.
    """

    def __init__(self, network: PhoneNetwork, wire: WireFormat) -> None:
        self._network = network
        self._wire = wire
        self._taken: dict[str, str] = {}
        app = web.Application()
        app.router.add_post(wire.path, self._post)
        self._loopback = Loopback(app)
        network.carry(wire.channel, self._answer, wire.signers())

    @property
    def address(self) -> str:
        """`http://127.0.0.1:<port>`, once started."""
        return self._loopback.address

    async def start(self) -> None:
        """Begins to listen on a free port."""
        await self._loopback.start()

    async def close(self) -> None:
        """Stops listening."""
        await self._loopback.close()

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.read()
        submitted = self._wire.read(request, body)
        if isinstance(submitted, web.Response):
            return submitted
        if submitted.key and submitted.key in self._taken:
            return self._wire.accepted(submitted, self._taken[submitted.key], again=True)
        scenario = scenario_of(submitted.recipient)
        lost = False
        if scenario.refusal:
            refusal_answer = self._wire.refusal_answer(scenario.refusal, submitted)
            if refusal_answer is not None:
                return refusal_answer
            # Taken from the sender all the same, and never shown to the person.
            lost = True
        fingerprint = _fingerprint(self._wire.channel, submitted) if scenario.busy_answers else ""
        if fingerprint and self._network.busy(fingerprint, scenario.busy_answers):
            refusal_answer = self._wire.refusal_answer("busy", submitted)
            if refusal_answer is not None:
                return refusal_answer
        token = self._wire.token(submitted)
        if submitted.key:
            self._taken[submitted.key] = token
        self._accept(submitted, scenario._replace(received=None) if lost else scenario, token, fingerprint)
        if scenario.drops_answer and request.transport is not None:
            request.transport.abort()
        return self._wire.accepted(submitted, token, again=False)

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
        )
        callbacks = []
        for step in scenario.receipts:
            body = self._wire.receipt_body(submitted, token, step.what, now + _occurs_after(step))
            if body is None:
                continue
            due = now + (_UNDELIVERABLE_AFTER_MS if step.after is None else step.after)
            callbacks.append(self._callback(submitted.sender, submitted.recipient, body, due))
            name = {"delivered": "delivered_at", "seen": "read_at"}.get(step.what)
            if name is not None:
                arrival = msgspec.structs.replace(arrival, **{name: now + _occurs_after(step)})
        if scenario.reply_text:
            callbacks.append(self._answer(arrival, scenario.reply_text, now + REPLIES_AFTER_MS))
        self._network.accept(arrival, callbacks, fingerprint)

    def _answer(self, arrival: Arrival, text: str, at: int) -> ScheduledCallback:
        body = self._wire.reply_body(arrival, text, at)
        return self._callback(arrival.sender, arrival.recipient, body, at)

    def _callback(self, sender: str, recipient: str, body: object, due: int) -> ScheduledCallback:
        return ScheduledCallback(
            due=due,
            recipient=recipient,
            url=self._wire.address(sender),
            body=msgspec.json.encode(body).decode(),
        )


def answer(members: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """An answer in JSON."""
    return web.Response(
        status=status, body=msgspec.json.encode(members), content_type="application/json", headers=headers
    )


def _occurs_after(step: ReceiptStep) -> int:
    if step.occurs_after is not None:
        return step.occurs_after
    return _UNDELIVERABLE_AFTER_MS if step.after is None else step.after


def _fingerprint(channel: str, submitted: SubmittedMessage) -> str:
    same = (channel, submitted.sender, submitted.recipient, submitted.text, submitted.media)
    return hashlib.sha256(msgspec.json.encode(same)).hexdigest()
