"""The outside world: what reached which phone, what its owner does, and what is still to be told of it."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

from waypost.clock import Clock
from waypost.sandbox.callback_sender import CallbackSender
from waypost.sandbox.sandbox_store import Arrival, SandboxStore, ScheduledCallback

_TOKEN_BITS = 62

Signer = Callable[[bytes], Mapping[str, str]]
"""Makes the headers that prove a callback to be the provider's, from its body."""


class PhoneMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as a phone shows it.

    Attributes:
        channel: which app, or `sms`.
        from_: who sent it, as the channel names them.
        text: what it says.
        media: the link of its picture, film or file; empty for none.
        seq, reference: what names the attempt on Waypost's side, whichever the channel has.
        token: the provider's id of the message.
        state: `received` (on the phone, and no receipt yet), `delivered`, `read`.
        at: when it reached the phone, in milliseconds UTC of business time.
    """

    channel: str
    from_: str
    text: str
    media: str
    seq: int | None
    reference: str | None
    token: str
    state: str
    at: int


class ReplyRefusedError(Exception):
    """The person cannot answer: nobody wrote to this phone, or the last to write did so by SMS."""


class PhoneNetwork:
    """The phones and their owners, kept in a file of their own so that they outlive any process.

    Args:
        path: the SQLite file (`<data>/world.db`).
        clock: business time.
        callback_urls: the address for each Viber service id; looked up at every callback, so it may change.
        retry_s: seconds of real time between tries of a callback that was not answered 2xx.
        callback_origin: `http://host:port` where Waypost listens now. An SMS names the address of its report
            itself; one kept from a run on another port would be told to nobody for ever. Empty: as it says.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        callback_urls: Mapping[int, str],
        *,
        retry_s: float = 0.5,
        callback_origin: str = "",
    ) -> None:
        self._clock = clock
        self._callback_urls = callback_urls
        self._callback_origin = callback_origin
        self._store = SandboxStore(path)
        self._answers: dict[str, Callable[[Arrival, str, int], ScheduledCallback]] = {}
        self._signers: dict[str, Signer] = {}
        self._callback_sender = CallbackSender(
            clock, self._store, self._address_of, self._headers_of, retry_s=retry_s
        )

    def carry(
        self,
        channel: str,
        answer: Callable[[Arrival, str, int], ScheduledCallback],
        routes: Mapping[str, Signer],
    ) -> None:
        """Lets people answer on a channel.

        Args:
            answer: makes the callback of an answer to a message: the message, the text, when.
            routes: how callbacks to a route are signed, by the route's name.
        """
        self._answers[channel] = answer
        self._signers |= routes

    def _headers_of(self, callback: ScheduledCallback) -> Mapping[str, str]:
        # An address is /receipts/<route>/<secret>; where Waypost listens may have changed since it was kept.
        parts = urlsplit(callback.url).path.split("/")
        signer = self._signers.get(parts[2]) if len(parts) > 2 else None
        return {} if signer is None else signer(callback.body.encode())

    async def start(self) -> None:
        """Begins to tell what is due, first what was left from before."""
        await self._callback_sender.start()

    async def close(self) -> None:
        """Stops telling and closes the file; what is untold is told after the next start."""
        await self._callback_sender.close()
        self._store.close()

    def now(self) -> int:
        """Business time, in milliseconds UTC."""
        return self._clock.now()

    def accept(
        self, arrival: Arrival, callbacks: Sequence[ScheduledCallback], taken_after_busy: str = ""
    ) -> None:
        """Takes a message and what will be told of it; both are kept when this returns.

        Args:
            arrival: the message.
            callbacks: in the order in which they are told when due at the same time.
            taken_after_busy: the fingerprint of `busy` that this ends; empty for none.
        """
        self._callback_sender.accept(self._store.keep(arrival, callbacks, taken_after_busy))

    def busy(self, fingerprint: str, answers: int) -> bool:
        """Whether a message is to be answered "busy" once more, and if so counts it.

        Args:
            fingerprint: what makes two attempts the same message.
            reply_text: how many times in all.
        """
        if self._store.busy_answers(fingerprint) >= answers:
            return False
        self._store.count_busy(fingerprint)
        return True

    def next_due(self) -> int | None:
        """When the earliest thing not yet told and answered is due, in milliseconds UTC of business time."""
        return self._callback_sender.next_due()

    async def settle(self, until: int) -> None:
        """Returns when everything due at or before `until` was told and answered 2xx.

        It waits for the clock to reach what is due, and for Waypost to answer; give it a time limit.
        """
        await self._callback_sender.settle(until)

    async def reset(self) -> None:
        """Empties the phones and forgets what was still to be told."""
        await self._callback_sender.drop_all()
        self._store.clear()

    def phone(self, number: str) -> list[PhoneMessage]:
        """What a phone shows now, oldest first; nothing that has not reached it.

        Args:
            number: digits, with or without a leading `+`.
        """
        now = self._clock.now()
        shown = [_shown(arrival, now) for arrival in self._store.arrivals(number.removeprefix("+"))]
        return sorted((message for message in shown if message is not None), key=lambda message: message.at)

    async def reply(self, number: str, text: str) -> None:
        """The person answers whoever wrote last; Waypost is told of it now.

        Args:
            number: digits, with or without a leading `+`.
            text: what the person writes.

        Raises:
            ReplyRefusedError: nobody wrote to this phone, or the last message is an SMS, whose answers the
                simulated gateway does not carry.
        """
        now = self._clock.now()
        arrived = [
            (arrival.received_at, place, arrival)
            for place, arrival in enumerate(self._store.arrivals(number.removeprefix("+")))
            if arrival.received_at is not None and arrival.received_at <= now
        ]
        if not arrived:
            raise ReplyRefusedError("nobody has written to this phone")
        last = max(arrived)[2]
        if last.channel == "viber":
            callback = viber_reply(int(last.sender), last.recipient, text, last.tracking_data, now)
        elif last.channel in self._answers:
            callback = self._answers[last.channel](last, text, now)
        else:
            raise ReplyRefusedError("the last message is an SMS; the sandbox carries no replies by SMS")
        self._callback_sender.accept(self._store.keep(None, [callback]))

    def _address_of(self, callback: ScheduledCallback) -> str | None:
        if callback.service_id is not None:
            return self._callback_urls.get(callback.service_id)
        if not self._callback_origin:
            return callback.url
        now = urlsplit(self._callback_origin)
        return urlunsplit(urlsplit(callback.url)._replace(scheme=now.scheme, netloc=now.netloc))


def new_token() -> int:
    """A new id as Viber gives them: 19 digits that nobody can guess."""
    return (1 << _TOKEN_BITS) | secrets.randbits(_TOKEN_BITS)


def viber_reply(service_id: int, user: str, text: str, tracking_data: str, at: int) -> ScheduledCallback:
    """The callback of a person's reply, in the documented form, whose `time` is in seconds.

    Args:
        service_id: the Viber service that is answered.
        user: the person's number.
        text: what the person writes.
        tracking_data: of the message that is answered.
        at: when, in milliseconds UTC.
    """
    body = {
        "message_token": new_token(),
        "phone_number": user,
        "time": at // 1000,
        "service_id": service_id,
        "message": {"text": text, "tracking_data": tracking_data},
    }
    return ScheduledCallback(
        due=at, recipient=user, service_id=service_id, body=msgspec.json.encode(body).decode()
    )


def _shown(arrival: Arrival, now: int) -> PhoneMessage | None:
    if arrival.received_at is None or arrival.received_at > now:
        return None
    state = "received"
    if arrival.delivered_at is not None and arrival.delivered_at <= now:
        state = "delivered"
    if arrival.read_at is not None and arrival.read_at <= now:
        state = "read"
    return PhoneMessage(
        channel=arrival.channel,
        from_=arrival.sender,
        text=arrival.text,
        media=arrival.media,
        seq=arrival.seq,
        reference=arrival.reference,
        token=arrival.token,
        state=state,
        at=arrival.received_at,
    )
