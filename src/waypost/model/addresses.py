"""What a sender and a recipient look like on each channel, as a table: a new channel is a new row."""

import re
from typing import NamedTuple

from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.phone_numbers import possible_number

SHORTEST_NUMBER = 7
LONGEST_NUMBER = 15
"""E.164: a number has at most 15 digits with its country code; none in use is shorter than 7."""


INDIVIDUAL = "individual"
"""The RecipientType of a WhatsApp phone number; of a group or a user id, `To` is Meta's own id."""

_TO_IS = "To is {value}"
_WHATSAPP_ID = re.compile(r"[0-9A-Za-z._=@-]{1,128}")
# Page-scoped and Instagram-scoped ids are digits as Meta has them now; it calls them opaque.
_META_PERSON = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TELEGRAM_CHAT = re.compile(r"-?[0-9]{1,19}|@[A-Za-z][A-Za-z0-9_]{3,31}")
# LINE's own are a letter and 32 hexadecimal digits. Longer ones pass, for the sandbox's magic suffixes.
_LINE_ID = re.compile(r"[UCR][0-9A-Za-z_-]{4,63}")


class AddressRule(NamedTuple):
    """What the addresses of one channel are.

    Attributes:
        sender: what a `From` is, in words, for the error.
        recipient: what a `To` is, in words.
        to_form: what a `To` has to look like; None for an E.164 phone number, written without `+`.
    """

    sender: str
    recipient: str
    to_form: re.Pattern[str] | None = None


ADDRESSES: dict[str, AddressRule] = {
    "viber": AddressRule("a Viber service ID", "a phone number"),
    "whatsapp": AddressRule("a number registered with WhatsApp", "a phone number"),
    "messenger": AddressRule("a page's id", "a page-scoped user id as webhooks have it", _META_PERSON),
    "instagram": AddressRule(
        "an Instagram professional account's id",
        "an Instagram-scoped user id as webhooks have it",
        _META_PERSON,
    ),
    "telegram": AddressRule(
        "a bot's id", "a chat id (a number, below 0 for a group) or @ and a channel's name", _TELEGRAM_CHAT
    ),
    "line": AddressRule("a channel id", "a user, group or room id as webhooks have it", _LINE_ID),
}
"""Channel to rule, from send-chatapp-message.md §2 (`From`, `To`)."""

OWN_IDS = frozenset(channel for channel, rule in ADDRESSES.items() if rule.to_form is not None)
"""The channels whose recipients have ids of the channel's own; an SMS can never go to one of them."""

PHONE_CHANNEL = "viber"
"""A channel whose recipients are phone numbers, as an SMS's are."""


def check_from(channel: str, value: str) -> list[Fault]:
    """Check a `From`: digits only. Whether the account owns that sender is not checked here.

    The codes are those of errors.md §3.
    """
    rule = ADDRESSES.get(channel)
    if rule is None:
        return [_unknown_channel(channel)]
    if _is_digits(value):
        return []
    allowed = f"{rule.sender} is needed, as digits only and without '+'"
    return [Fault(codes.FROM_ONLY_NUMERIC, "From", "From is {value}", allowed, value)]


def check_to(channel: str, value: str) -> list[Fault]:
    """Check a `To`; otherwise as `read_to`."""
    return read_to(channel, value)[1]


def has_phone(channel: str, recipient_type: str) -> bool:
    """Whether a `To` is a phone number, to which an SMS can go too."""
    return channel not in OWN_IDS and not (channel == "whatsapp" and recipient_type != INDIVIDUAL)


def read_to(channel: str, value: str, recipient_type: str = INDIVIDUAL) -> tuple[str, list[Fault]]:
    """Read a `To`: on a phone channel the E.164 digits of a number that can exist, without `+`.

    Returns:
        The address as it is sent to, and everything that is wrong. The codes are those of errors.md §3.
    """
    rule = ADDRESSES.get(channel)
    if rule is None:
        return value, [_unknown_channel(channel)]
    form, needed = rule.to_form, rule.recipient
    if form is None and not has_phone(channel, recipient_type):
        form, needed = _WHATSAPP_ID, f"the id of a {recipient_type}"
    if form is not None:
        if form.fullmatch(value):
            return value, []
        return value, [Fault(codes.PHONE_NUMBER_ERROR, "To", _TO_IS, f"{needed} is needed", value)]
    if not _is_digits(value):
        allowed = "a phone number is needed, as digits only and without '+'"
        return value, [Fault(codes.TO_ONLY_NUMERIC, "To", _TO_IS, allowed, value)]
    number = None
    if SHORTEST_NUMBER <= len(value) <= LONGEST_NUMBER:
        number = possible_number(value)
    if number is not None:
        return number, []
    allowed = (
        f"a phone number with its country code is needed, {SHORTEST_NUMBER} to {LONGEST_NUMBER} digits of "
        "which the first is not 0, as long as the numbers of its country are"
    )
    return value, [Fault(codes.PHONE_NUMBER_ERROR, "To", _TO_IS, allowed, value)]


def _is_digits(value: str) -> bool:
    # isdigit() alone would let the digits of every other script through.
    return value.isascii() and value.isdigit()


def _unknown_channel(channel: str) -> Fault:
    allowed = f"allowed is {', '.join(ADDRESSES)}"
    return Fault(codes.CHANNEL_TYPE_NOT_SUPPORT, "ChannelType", "ChannelType is {value}", allowed, channel)
