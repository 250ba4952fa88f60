"""What a sender and a recipient look like on each channel, as a table: a new channel is a new row."""

import re
from typing import NamedTuple

from waypost.model.codes import (
    CHANNEL_TYPE_NOT_SUPPORT,
    FROM_ONLY_NUMERIC,
    PHONE_NUMBER_ERROR,
    TO_ONLY_NUMERIC,
)
from waypost.model.faults import Fault
from waypost.model.phone_numbers import possible_number
from waypost.model.quoting import quoted

SHORTEST_NUMBER = 7
LONGEST_NUMBER = 15
"""E.164: a number has at most 15 digits with its country code; none in use is shorter than 7."""


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
}
"""Channel to rule, from send-chatapp-message.md §2 (`From`, `To`)."""


def check_from(channel: str, value: str) -> list[Fault]:
    """Check a `From`: digits only. Whether the account owns that sender is not asked here.

    The codes are those of errors.md §3.
    """
    rule = ADDRESSES.get(channel)
    if rule is None:
        return [_unknown_channel(channel)]
    if _is_digits(value):
        return []
    message = f"From is {quoted(value)}; {rule.sender} is needed, as digits only and without '+'."
    return [Fault(FROM_ONLY_NUMERIC, "From", message)]


def check_to(channel: str, value: str) -> list[Fault]:
    """Check a `To`; otherwise as `read_to`."""
    return read_to(channel, value)[1]


def read_to(channel: str, value: str) -> tuple[str, list[Fault]]:
    """Read a `To`: on a phone channel the E.164 digits of a number that can exist, without `+`.

    Returns:
        The address as it is sent to, and everything that is wrong. The codes are those of errors.md §3.
    """
    rule = ADDRESSES.get(channel)
    if rule is None:
        return value, [_unknown_channel(channel)]
    if rule.to_form is not None:
        if rule.to_form.fullmatch(value):
            return value, []
        message = f"To is {quoted(value)}; {rule.recipient} is needed."
        return value, [Fault(PHONE_NUMBER_ERROR, "To", message)]
    if not _is_digits(value):
        message = f"To is {quoted(value)}; a phone number is needed, as digits only and without '+'."
        return value, [Fault(TO_ONLY_NUMERIC, "To", message)]
    number = None
    if SHORTEST_NUMBER <= len(value) <= LONGEST_NUMBER:
        number = possible_number(value)
    if number is not None:
        return number, []
    message = (
        f"To is {quoted(value)}; a phone number with its country code is needed, {SHORTEST_NUMBER} to "
        f"{LONGEST_NUMBER} digits of which the first is not 0, as long as the numbers of its country are."
    )
    return value, [Fault(PHONE_NUMBER_ERROR, "To", message)]


def _is_digits(value: str) -> bool:
    # isdigit() alone would let the digits of every other script through.
    return value.isascii() and value.isdigit()


def _unknown_channel(channel: str) -> Fault:
    allowed = ", ".join(ADDRESSES)
    message = f"ChannelType is {quoted(channel)}; allowed is {allowed}."
    return Fault(CHANNEL_TYPE_NOT_SUPPORT, "ChannelType", message)
