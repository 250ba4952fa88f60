"""A simulated chat provider: the magic table, over whatever wire format its form speaks."""

import hashlib
from typing import Literal, NamedTuple, Protocol

import msgspec
from aiohttp import web

from waypost.sandbox.endings import Ending, Tell, ending_of
from waypost.sandbox.loopback import Loopback
from waypost.sandbox.memory import Arrival, Telling
from waypost.sandbox.world import Signer, World

REPLIES_AFTER_MS = 2_000
# How long a message without a time to live waits for its phone, as the magic table's "Ttl runs out".
_GIVEN_UP_MS = 30 * 86_400_000

Refusal = Literal["busy", "unknown", "blocked"]

MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, AttributeError)
"""What looking into a request raises when it is not of its provider's form."""


class Handed(NamedTuple):
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


def checked(handed: Handed) -> Handed:
    """The same message, once it is certain that its members are texts.

    Raises:
        msgspec.ValidationError: one is not.
    """
    return msgspec.convert(tuple(handed), Handed)


class Form(Protocol):
    """A provider's wire format.

    Attributes:
        channel: the channel it carries.
        path: where messages are posted to, as aiohttp writes a path with its variable parts.
    """

    channel: str
    path: str

    def read(self, request: web.Request, body: bytes) -> Handed | web.Response:
        """A message, or the answer to what is none."""
        ...

    def refused(self, why: Refusal, handed: Handed) -> web.Response | None:
        """The answer that does not take a message; None for a provider that takes it all the same."""
        ...

    def taken(self, handed: Handed, token: str, *, again: bool) -> web.Response:
        """The answer that takes a message, or says that it was taken before."""
        ...

    def told(self, handed: Handed, token: str, what: str, at: int) -> object | None:
        """The body of the webhook that says what became of it; None where the provider says nothing."""
        ...

    def written(self, arrival: Arrival, text: str, at: int) -> object:
        """The body of the webhook of a person's answer."""
        ...

    def token(self, handed: Handed) -> str:
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
        world: where messages go and webhooks come from.
        form: what it speaks.
    """

    def __init__(self, world: World, form: Form) -> None:
        self._world = world
        self._form = form
        self._taken: dict[str, str] = {}
        app = web.Application()
        app.router.add_post(form.path, self._post)
        self._loopback = Loopback(app)
        world.carry(form.channel, self._answer, form.signers())

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
        handed = self._form.read(request, body)
        if isinstance(handed, web.Response):
            return handed
        if handed.key and handed.key in self._taken:
            return self._form.taken(handed, self._taken[handed.key], again=True)
        ending = ending_of(handed.recipient)
        lost = False
        if ending.refusal:
            refused = self._form.refused(ending.refusal, handed)
            if refused is not None:
                return refused
            # Taken from the sender all the same, and never shown to the person.
            lost = True
        fingerprint = _fingerprint(self._form.channel, handed) if ending.busy_answers else ""
        if fingerprint and self._world.busy(fingerprint, ending.busy_answers):
            refused = self._form.refused("busy", handed)
            if refused is not None:
                return refused
        token = self._form.token(handed)
        if handed.key:
            self._taken[handed.key] = token
        self._take(handed, ending._replace(received=None) if lost else ending, token, fingerprint)
        if ending.drops_answer and request.transport is not None:
            request.transport.abort()
        return self._form.taken(handed, token, again=False)

    def _take(self, handed: Handed, ending: Ending, token: str, fingerprint: str) -> None:
        now = self._world.now()
        arrival = Arrival(
            channel=self._form.channel,
            sender=handed.sender,
            recipient=handed.recipient,
            text=handed.text,
            media=handed.media,
            seq=None,
            reference=handed.reference,
            token=token,
            tracking_data="",
            received_at=None if ending.received is None else now + ending.received,
            delivered_at=None,
            read_at=None,
        )
        tellings = []
        for tell in ending.tells:
            said = self._form.told(handed, token, tell.what, now + _happens(tell))
            if said is None:
                continue
            due = now + (_GIVEN_UP_MS if tell.after is None else tell.after)
            tellings.append(self._telling(handed.sender, handed.recipient, said, due))
            name = {"delivered": "delivered_at", "seen": "read_at"}.get(tell.what)
            if name is not None:
                arrival = msgspec.structs.replace(arrival, **{name: now + _happens(tell)})
        if ending.answers:
            tellings.append(self._answer(arrival, ending.answers, now + REPLIES_AFTER_MS))
        self._world.take(arrival, tellings, fingerprint)

    def _answer(self, arrival: Arrival, text: str, at: int) -> Telling:
        said = self._form.written(arrival, text, at)
        return self._telling(arrival.sender, arrival.recipient, said, at)

    def _telling(self, sender: str, recipient: str, said: object, due: int) -> Telling:
        return Telling(
            due=due,
            recipient=recipient,
            url=self._form.address(sender),
            body=msgspec.json.encode(said).decode(),
        )


def answer(members: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """An answer in JSON."""
    return web.Response(
        status=status, body=msgspec.json.encode(members), content_type="application/json", headers=headers
    )


def _happens(tell: Tell) -> int:
    if tell.happened is not None:
        return tell.happened
    return _GIVEN_UP_MS if tell.after is None else tell.after


def _fingerprint(channel: str, handed: Handed) -> str:
    same = (channel, handed.sender, handed.recipient, handed.text, handed.media)
    return hashlib.sha256(msgspec.json.encode(same)).hexdigest()
