"""The simulated phones: the messages on each, the replies of users and the providers' callbacks."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

from waypost.clock import Clock
from waypost.sandbox.callback_sender import CallbackSender
from waypost.sandbox.disruptions import Disruptions
from waypost.sandbox.phone_actions import TEXT, ActionRefusedError, Button, ChannelActions, buttons_of, tapped
from waypost.sandbox.sandbox_store import Arrival, SandboxStore, ScheduledCallback

_TOKEN_BITS = 62
_RECEIPTS = "/receipts/"

Signer = Callable[[bytes], Mapping[str, str]]
"""Returns the headers that authenticate a callback as the provider's, from its body."""


class PhoneMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as a phone shows it.

    Attributes:
        channel: the channel that delivered it.
        from_: the sender's id on the channel.
        text: the text of the message.
        media: the URL of its image, video or file; empty if it has none.
        seq, reference: Waypost's id of the attempt, in the form that the channel carries.
        token: the provider's id of the message.
        state: `received` (on the phone, without a receipt so far), `delivered` or `read`.
        at: when it reached the phone, in milliseconds UTC of sandbox time.
        buttons: what can be tapped.
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
    buttons: Sequence[Button] = ()


class PhoneNetwork:
    """The phones and their users, stored in a file so that they survive the process.

    Args:
        path: the SQLite file (`<data>/world.db`).
        clock: the sandbox's clock.
        callback_urls: the callback URL of each Viber service id; looked up for every callback.
        retry_s: seconds of real time between tries of a callback that was not answered 2xx.
        callback_origin: where Waypost is reached now, `http://host:port` and its path if it has a name. It
            replaces that of stored callback URLs, which may be of a run on another port. Empty: URLs are used
            as they are.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        callback_urls: Mapping[int, str],
        *,
        retry_s: float = 0.5,
        callback_origin: str = "",
        disruptions: Disruptions | None = None,
    ) -> None:
        self._clock = clock
        self._callback_urls = callback_urls
        self._callback_origin = callback_origin
        self.disruptions = disruptions if disruptions is not None else Disruptions()
        self._store = SandboxStore(path)
        self._actions: dict[str, ChannelActions] = {}
        self._signers: dict[str, Signer] = {}
        self._callback_sender = CallbackSender(
            clock, self._store, self._address_of, self._headers_of, retry_s=retry_s
        )

    def add_channel(self, channel: str, actions: ChannelActions, routes: Mapping[str, Signer]) -> None:
        """Registers a channel on which people can do something that its provider reports.

        Args:
            actions: makes the webhooks of what they do.
            routes: the signer of the webhooks to each route, by its name.
        """
        self._actions[channel] = actions
        self._signers |= routes

    def has_actions(self, channel: str) -> bool:
        """Whether people can do something on a channel that its provider reports."""
        return channel in self._actions

    def _headers_of(self, callback: ScheduledCallback) -> Mapping[str, str]:
        route = urlsplit(_of_waypost(callback.url)).path.split("/")[2:3]
        signer = self._signers.get(route[0]) if route else None
        return {} if signer is None else signer(callback.body.encode())

    async def start(self) -> None:
        """Starts sending callbacks, beginning with those left from an earlier run."""
        await self._callback_sender.start()

    async def close(self) -> None:
        """Stops sending callbacks and closes the file; undelivered ones are sent after the next start."""
        await self._callback_sender.close()
        self._store.close()

    def now(self) -> int:
        """Sandbox time, in milliseconds UTC."""
        return self._clock.now()

    def accept(
        self, arrival: Arrival, callbacks: Sequence[ScheduledCallback], busy_fingerprint: str = ""
    ) -> None:
        """Stores a message and its callbacks in one transaction.

        Args:
            arrival: the message.
            callbacks: its callbacks; those due at the same time are sent in this order.
            busy_fingerprint: the fingerprint whose count of busy answers is reset; empty for none.
        """
        self._callback_sender.schedule(self._store.add(arrival, callbacks, busy_fingerprint))

    def claim_busy_answer(self, fingerprint: str, answers: int) -> bool:
        """Whether a message is answered "busy" once more, which is then counted.

        Args:
            fingerprint: identifies the message, whatever the attempt.
            answers: how many times it is answered "busy" in all.
        """
        if self._store.busy_answers(fingerprint) >= answers:
            return False
        self._store.count_busy(fingerprint)
        return True

    def next_due(self) -> int | None:
        """The due time of the earliest undelivered callback, in milliseconds UTC; None if there is none."""
        return self._callback_sender.next_due()

    async def settle(self, until: int) -> None:
        """Returns when every callback due at or before `until` was answered 2xx.

        It waits for the clock to reach them and for Waypost to answer; give it a time limit.
        """
        await self._callback_sender.settle(until)

    def phones(self) -> list[dict[str, str | int]]:
        """The phones that something has reached, the latest first."""
        return [
            {"id": f"{latest}-{number}", "number": number, "messages": messages, "latest": latest}
            for number, messages, latest in self._store.phones(self._clock.now())
        ]

    def phone(self, number: str) -> list[PhoneMessage]:
        """The messages that have reached a phone, oldest first.

        Args:
            number: digits, with or without a leading `+`.
        """
        now = self._clock.now()
        messages = [
            _phone_message(arrival, now) for arrival in self._store.arrivals(number.removeprefix("+"))
        ]
        return sorted(
            (message for message in messages if message is not None), key=lambda message: message.at
        )

    def latest(self, number: str, limit: int, before: int | None = None) -> list[tuple[int, PhoneMessage]]:
        """The latest messages that have reached a phone, newest first, with the numbers that they are behind.

        Args:
            number: digits, with or without a leading `+`.
            before: one of these numbers, exclusive; None for no bound.
        """
        now = self._clock.now()
        rows = self._store.latest_arrivals(number.removeprefix("+"), now, limit, before)
        found = [(row, _phone_message(arrival, now)) for row, arrival in rows]
        return [(row, message) for row, message in found if message is not None]

    def latest_phones(self, limit: int, before: tuple[int, str] | None = None) -> list[tuple[str, int, int]]:
        """The phones that something reached last: number, how many messages, and when the last one came.

        Args:
            before: when the last message came to a phone, and its number, to go on behind it.
        """
        return self._store.latest_phones(self._clock.now(), limit, before)

    def reply(self, number: str, text: str) -> None:
        """Replies to the last message on a phone; the callback is due at once.

        Args:
            number: digits, with or without a leading `+`.
            text: the text of the reply.

        Raises:
            ActionRefusedError: the phone has no message, or the last one is an SMS, to which the simulated
                gateway supports no replies.
        """
        last, now = self._on_phone(number)[-1], self._clock.now()
        self._send(self._actions_of(last, "carries no replies").reply(last, text, now))

    def tap(self, number: str, text: str) -> None:
        """Taps the button with a text, of the latest message on a phone that has it.

        Raises:
            ActionRefusedError: there is no such button, or a tap of it sends nothing.
        """
        arrival, button = tapped(self._on_phone(number), text)
        actions, now = self._actions_of(arrival, "has no buttons"), self._clock.now()
        callback = (
            actions.reply(arrival, button.data, now)
            if button.kind == TEXT
            else actions.tap(arrival, button, now)
        )
        self._send(callback)

    def read(self, number: str) -> None:
        """Reads the last message on a phone, and with it all of the same sender that are not read yet.

        Raises:
            ActionRefusedError: the phone has no message, or the channel reports no reading.
        """
        arrivals, now = self._on_phone(number), self._clock.now()
        last = arrivals[-1]
        actions = self._actions_of(last, "reports no reading")
        unread = [
            arrival
            for arrival in arrivals
            if (arrival.channel, arrival.sender) == (last.channel, last.sender)
            and (arrival.read_at is None or arrival.read_at > now)
        ]
        receipts = [actions.read(arrival, now) for arrival in unread]
        if None in receipts:
            raise ActionRefusedError(f"{last.channel} does not report to senders that a message was read")
        self._store.mark_read(unread, now)
        self._send(*receipts)

    def block(self, number: str, *, blocks: bool = True) -> None:
        """Blocks the sender of the last message on a phone, or ends that.

        Raises:
            ActionRefusedError: the phone has no message, or the last one is an SMS.
        """
        last, now = self._on_phone(number)[-1], self._clock.now()
        actions = self._actions_of(last, "cannot be blocked in a way that the gateway knows of")
        self._store.set_blocked(last.channel, last.recipient, last.sender, blocks)
        self._send(actions.block(last, blocks, now))

    def set_blocked(self, channel: str, recipient: str, sender: str) -> None:
        """Has a person block a sender, of which no provider is to say anything now."""
        self._store.set_blocked(channel, recipient, sender, True)

    def is_blocked(self, channel: str, recipient: str, sender: str) -> bool:
        """Whether a person blocks a sender."""
        return self._store.is_blocked(channel, recipient, sender)

    def _on_phone(self, number: str) -> list[Arrival]:
        """The messages that have reached a phone, of which there is at least one, oldest first."""
        now = self._clock.now()
        arrivals = [
            (arrival.received_at, index, arrival)
            for index, arrival in enumerate(self._store.arrivals(number.removeprefix("+")))
            if arrival.received_at is not None and arrival.received_at <= now
        ]
        if not arrivals:
            raise ActionRefusedError("nobody has written to this phone")
        return [arrival for _, _, arrival in sorted(arrivals, key=lambda each: each[:2])]

    def _actions_of(self, arrival: Arrival, lacking: str) -> ChannelActions:
        actions = self._actions.get(arrival.channel)
        if actions is None:
            raise ActionRefusedError(f"the last message is an SMS; an SMS {lacking} in the sandbox")
        return actions

    def _send(self, *callbacks: ScheduledCallback | None) -> None:
        due = [callback for callback in callbacks if callback is not None]
        self._callback_sender.schedule(self._store.add(None, due))

    def _address_of(self, callback: ScheduledCallback) -> str | None:
        if callback.service_id is not None:
            return self._callback_urls.get(callback.service_id)
        if not self._callback_origin:
            return callback.url
        return self._callback_origin + _of_waypost(callback.url)


def _of_waypost(url: str) -> str:
    """A URL from its path in Waypost on, `/receipts/<route>/<secret>`: what is before it may be of an earlier
    run, or of a sandbox with another name."""
    parts = urlsplit(url)
    path = parts.path[max(parts.path.find(_RECEIPTS), 0) :]
    return urlunsplit(parts._replace(scheme="", netloc="", path=path))


def fingerprint_of(content: object) -> str:
    """A digest that identifies the content of a message, whatever the attempt; `content` is JSON data."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def new_viber_token() -> int:
    """A new message token in Viber's form: a random number of 19 digits."""
    return (1 << _TOKEN_BITS) | secrets.randbits(_TOKEN_BITS)


def viber_reply(service_id: int, user: str, text: str, tracking_data: str, at: int) -> ScheduledCallback:
    """Viber's callback for a user's reply, in the documented form, whose `time` is in seconds.

    Args:
        service_id: the Viber service that sent the message.
        user: the user's number.
        text: the text of the reply.
        tracking_data: the tracking data of the message that is replied to.
        at: when, in milliseconds UTC.
    """
    body = {
        "message_token": new_viber_token(),
        "phone_number": user,
        "time": at // 1000,
        "service_id": service_id,
        "message": {"text": text, "tracking_data": tracking_data},
    }
    return ScheduledCallback(
        due=at, recipient=user, service_id=service_id, body=msgspec.json.encode(body).decode()
    )


def _phone_message(arrival: Arrival, now: int) -> PhoneMessage | None:
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
        buttons=buttons_of(arrival),
    )
