"""What the columns of the sandbox's page show: phones, calls and callbacks, the latest first."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import dropwhile, islice
from typing import Any, NamedTuple

import msgspec

from waypost.model.identifiers import MessageId
from waypost.sandbox.callback_pages import callback_page
from waypost.sandbox.calls import Call
from waypost.sandbox.list_pages import PageQuery
from waypost.sandbox.phone_legs import PhoneLegs
from waypost.sandbox.phone_network import PhoneMessage, PhoneNetwork
from waypost.storage.contract import Store
from waypost.storage.records import Callback

_MOST_KNOWN = 2000

CHANNEL_NOTES: Mapping[str, str] = {
    "sms": "SMS: no replies, no reading and no blocking, as the gateway has none",
    "telegram": "Telegram: bots hear of no delivery and no reading",
    "line": "LINE: no delivery and no reading is reported for a person",
    "viber": "Viber: pictures, videos and files are shown as their address",
    "whatsapp": "WhatsApp: pictures, videos and files are shown as their address",
    "messenger": "Messenger: one receipt of reading is for all messages before it",
    "instagram": "Instagram: there are receipts of reading, and none of delivery",
}
"""What a phone in the sandbox cannot show of a channel, or the channel does not report."""


class Bubble(NamedTuple):
    """A message on a phone.

    Attributes:
        row: its place on the phone.
        message_id: None if it is none of the service's own, or not known yet.
    """

    row: int
    message: PhoneMessage
    message_id: str | None
    leg: int | None


class Phone(NamedTuple):
    """A phone with its latest messages, oldest first.

    Attributes:
        messages: how many there are.
        older: the row to go on before; None if there are no older ones.
        cursor: what the column goes on behind, if this is its last phone.
        can_act: whether the person can do something with the last message that the provider reports.
    """

    number: str
    messages: int
    bubbles: Sequence[Bubble]
    older: int | None
    cursor: str
    notes: Sequence[str]
    can_act: bool


class CallbackRow(NamedTuple):
    """A callback.

    Attributes:
        about: what it reports: its `Status`, or else what kind it is.
        code: its `ErrorCode`; empty for none.
    """

    callback: Callback
    about: str
    code: str


class Column(NamedTuple):
    """A part of a list, the latest first.

    Attributes:
        older: what the next part goes on before; None at the end.
    """

    rows: Sequence[Any]
    older: str | None


def calls_column(calls: Iterable[Call], limit: int, before: int | None = None) -> Column:
    """The latest calls.

    Args:
        calls: newest first.
        before: the number of a call, exclusive; None for no bound.
    """
    behind = calls if before is None else dropwhile(lambda call: call.id >= before, calls)
    rows = list(islice(behind, limit + 1))
    return Column(rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None)


async def callbacks_column(store: Store, limit: int, before: int | None = None) -> Column:
    """The latest callbacks.

    Args:
        before: the id of a callback, exclusive; None for no bound.
    """
    page = await callback_page(store, PageQuery(limit, before="" if before is None else str(before)))
    rows = [_callback_row(one) for one in reversed(page.entries)]
    return Column(rows, str(rows[-1].callback.id) if page.more else None)


async def callbacks_of(store: Store, message_id: MessageId) -> Sequence[CallbackRow]:
    """The callbacks about a message, oldest first."""
    return [_callback_row(one) for one in await store.list_callbacks(message_id=message_id)]


def _callback_row(callback: Callback) -> CallbackRow:
    fields = msgspec.json.decode(callback.body)
    fields = fields if isinstance(fields, dict) else {}
    return CallbackRow(callback, str(fields.get("Status") or callback.kind), str(fields.get("ErrorCode", "")))


class Phones:
    """Reads phones for the page, and remembers which message each of the shown ones is."""

    def __init__(self, network: PhoneNetwork, legs: PhoneLegs) -> None:
        self._network = network
        self._legs = legs
        self._known: dict[tuple[str, str], tuple[str | None, int | None]] = {}

    async def column(self, phones: int, messages: int, before: str = "") -> Column:
        """The phones that something reached last.

        Args:
            phones: at most how many.
            messages: at most how many of each one's messages.
            before: the `cursor` of a phone; empty for no bound.
        """
        found = self._network.latest_phones(phones + 1, _parsed_cursor(before))
        rows = [await self.phone(number, messages) for number, _, _ in found[:phones]]
        counted = [
            row._replace(messages=count, cursor=f"{latest}-{number}")
            for row, (number, count, latest) in zip(rows, found, strict=False)
        ]
        return Column(counted, counted[-1].cursor if len(found) > phones else None)

    async def phone(self, number: str, messages: int, before: int | None = None) -> Phone:
        """A phone with its latest messages, or those before a row."""
        found = self._network.latest(number, messages + 1, before)
        shown = found[:messages][::-1]
        bubbles = [
            Bubble(row, message, *await self._leg_of(number.removeprefix("+"), message))
            for row, message in shown
        ]
        channels = dict.fromkeys(message.channel for _, message in shown)
        notes = [CHANNEL_NOTES[channel] for channel in channels if channel in CHANNEL_NOTES]
        older = shown[0][0] if len(found) > messages else None
        can_act = bool(shown) and self._network.has_actions(shown[-1][1].channel)
        return Phone(number.removeprefix("+"), len(found), bubbles, older, "", notes, can_act)

    async def _leg_of(self, number: str, message: PhoneMessage) -> tuple[str | None, int | None]:
        key = message.channel, message.token
        known = self._known.get(key)
        if known is None:
            known = await self._legs.find(number, message, most_looks=1)
            if known[0] is not None:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.pop(next(iter(self._known)))
                self._known[key] = known
        return known


def _parsed_cursor(cursor: str) -> tuple[int, str] | None:
    at, _, number = cursor.partition("-")
    return (int(at), number) if at.isascii() and at.isdecimal() and len(at) <= 15 else None
