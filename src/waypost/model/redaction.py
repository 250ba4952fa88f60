"""What stays of a message and of a callback once their content and the person's address are removed.

What was sent when, by which sender and template, and how it ended stays: lists, counts and bills need it.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from waypost.model.message.extras import Extras
from waypost.model.message.message import Message
from waypost.model.people import spellings

REDACTED_MEMBER = "WaypostRedacted"
"""The member of a callback's object that says that its content is gone."""

# A person's or a provider's words can stand in the texts of these; the others are ours.
EVENTS_WITH_WORDS = ("accepted", "refused", "unknown", "note")
"""The kinds of timeline events whose text goes with the content."""

_decode_object = msgspec.json.Decoder(dict[str, Any]).decode


def redacted_message(message: Message) -> Message:
    """The message without content, address and all that the customer wrote of the person.

    `Tag` and `TaskId` name a campaign and stay, unless the person's address stands in them.
    """
    fallback = message.fallback
    addresses = _addresses(message)
    if fallback is not None:
        steps = tuple(msgspec.structs.replace(step, text="", recipient="") for step in fallback.steps)
        fallback = msgspec.structs.replace(fallback, steps=steps)
    return msgspec.structs.replace(
        message,
        recipient="",
        content={},
        tracking_data="",
        tag=_unless_with(addresses, message.tag),
        task_id=_unless_with(addresses, message.task_id),
        fallback=fallback,
        fault="",
        template=None,
        extras=Extras(),
        call=msgspec.structs.replace(message.call, peer="", unknown=()),
        redacted=True,
    )


def _addresses(message: Message) -> set[str]:
    """All spellings of the addresses that a message goes to."""
    steps = message.fallback.steps if message.fallback is not None else ()
    to = [(message.channel, message.recipient), *((step.channel, step.recipient) for step in steps)]
    return {spelling for channel, address in to if address for spelling in spellings(channel, address)}


def _unless_with(addresses: Iterable[str], text: str) -> str:
    return "" if any(address in text for address in addresses) else text


def redacted_callback(body: str) -> str:
    """The object of a callback, as JSON text, without all but its status; of one that cannot be read nothing
    stays."""
    try:
        fields = _decode_object(body)
    except msgspec.DecodeError:
        fields = {}
    kept = {name: fields[name] for name in ("Status",) if name in fields}
    return msgspec.json.encode(kept | {REDACTED_MEMBER: True}).decode()


def is_redacted_callback(body: str) -> bool:
    """Whether the content of a callback's object was removed."""
    return body == redacted_callback(body)
