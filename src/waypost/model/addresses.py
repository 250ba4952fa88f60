"""What a sender and a recipient look like on each channel, as a table: a new channel is a new row."""

from typing import NamedTuple

from waypost.model.codes import (
    CHANNEL_TYPE_NOT_SUPPORT,
    FROM_ONLY_NUMERIC,
    PHONE_NUMBER_ERROR,
    TO_ONLY_NUMERIC,
)
from waypost.model.faults import Fault
from waypost.model.quoting import quoted

SHORTEST_NUMBER = 7
LONGEST_NUMBER = 15
"""E.164: a number has at most 15 digits with its country code; none in use is shorter than 7."""


class AddressRule(NamedTuple):
    """What the addresses of one channel are.

    Attributes:
        sender: what a `From` is, in words, for the error.
        to_is_phone: whether a `To` is an E.164 phone number, written without `+`.
    """

    sender: str
    to_is_phone: bool


ADDRESSES: dict[str, AddressRule] = {
    "viber": AddressRule(sender="a Viber service ID", to_is_phone=True),
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
    """Check a `To`: on a phone channel the 7 to 15 digits of an E.164 number, without `+`.

    The codes are those of errors.md §3.
    """
    rule = ADDRESSES.get(channel)
    if rule is None:
        return [_unknown_channel(channel)]
    if not _is_digits(value):
        message = f"To is {quoted(value)}; a phone number is needed, as digits only and without '+'."
        return [Fault(TO_ONLY_NUMERIC, "To", message)]
    if not rule.to_is_phone or (SHORTEST_NUMBER <= len(value) <= LONGEST_NUMBER and value[0] != "0"):
        return []
    message = (
        f"To is {quoted(value)}; a phone number with its country code is needed, "
        f"{SHORTEST_NUMBER} to {LONGEST_NUMBER} digits of which the first is not 0."
    )
    return [Fault(PHONE_NUMBER_ERROR, "To", message)]


def _is_digits(value: str) -> bool:
    # isdigit() alone would let the digits of every other script through.
    return value.isascii() and value.isdigit()


def _unknown_channel(channel: str) -> Fault:
    allowed = ", ".join(ADDRESSES)
    message = f"ChannelType is {quoted(channel)}; allowed is {allowed}."
    return Fault(CHANNEL_TYPE_NOT_SUPPORT, "ChannelType", message)
