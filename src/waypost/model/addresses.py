"""The senders and recipients of calls, checked by the rules of their channel."""

from waypost.model import codes
from waypost.model.channels import CHANNELS, MESSAGE_CHANNELS, channel_named
from waypost.model.faults import Fault
from waypost.model.people import canonical_number
from waypost.model.phone_numbers import possible_number

SHORTEST_NUMBER = 7
LONGEST_NUMBER = 15
"""E.164: a number has at most 15 digits with its country code; none in use is shorter than 7."""


INDIVIDUAL = "individual"
"""The RecipientType of a WhatsApp phone number; of a group or a user id, `To` is Meta's own id."""

_TO_IS = "To is {value}"


def check_from(channel: str, value: str) -> list[Fault]:
    """Check a `From`: digits only. Whether the account owns that sender is not checked here.

    The codes are those of errors.md §3.
    """
    if channel not in MESSAGE_CHANNELS:
        return [_unknown_channel(channel)]
    if _is_digits(value):
        return []
    allowed = f"{CHANNELS[channel].sender} is needed, as digits only and without '+'"
    return [Fault(codes.FROM_ONLY_NUMERIC, "From", "From is {value}", allowed, value)]


def check_to(channel: str, value: str) -> list[Fault]:
    """Check a `To`; otherwise as `read_to`."""
    return read_to(channel, value)[1]


def has_phone(channel: str, recipient_type: str) -> bool:
    """Whether a `To` is a phone number, to which an SMS can go too."""
    record = channel_named(channel)
    return not record.own_ids and (record.other_to_form is None or recipient_type == INDIVIDUAL)


def read_to(channel: str, value: str, recipient_type: str = INDIVIDUAL) -> tuple[str, list[Fault]]:
    """Read a `To`: on a phone channel the E.164 digits of a number that can exist, without `+`.

    Returns:
        The address as it is sent to, and everything that is wrong. The codes are those of errors.md §3.
    """
    record = CHANNELS.get(channel)
    if record is None:
        return value, [_unknown_channel(channel)]
    form, needed = record.to_form, record.recipient
    if form is None and record.other_to_form is not None and not has_phone(channel, recipient_type):
        form, needed = record.other_to_form, f"the id of a {recipient_type}"
    if form is not None:
        if form.fullmatch(value):
            return value, []
        return value, [Fault(codes.PHONE_NUMBER_ERROR, "To", _TO_IS, f"{needed} is needed", value)]
    if not _is_digits(value):
        allowed = "a phone number is needed, as digits only and without '+'"
        return value, [Fault(codes.TO_ONLY_NUMERIC, "To", _TO_IS, allowed, value)]
    number = None
    if SHORTEST_NUMBER <= len(value) <= LONGEST_NUMBER:
        # One spelling of a number may be none that can be dialled (521 of Mexico).
        number = possible_number(value) or possible_number(canonical_number(value))
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
    allowed = f"allowed is {', '.join(MESSAGE_CHANNELS)}"
    return Fault(codes.CHANNEL_TYPE_NOT_SUPPORT, "ChannelType", "ChannelType is {value}", allowed, channel)
