"""Parameters of the operations on the suppression list: person, channel and sender."""

from typing import Any

from waypost.api.description import Parameter
from waypost.api.operations.endpoint import Request
from waypost.api.operations.ownership import sender_faults
from waypost.model import codes
from waypost.model.addresses import INDIVIDUAL, read_to
from waypost.model.channels import FALLBACK_CHANNELS, SMS, channel_named
from waypost.model.faults import Fault

CHANNEL = Parameter(
    "ChannelType",
    "The channel.",
    "viber",
    allowed=FALLBACK_CHANNELS,
    invalid=codes.CHANNEL_TYPE_NOT_SUPPORT,
    default="every channel whose recipients are phone numbers",
)
FROM = Parameter(
    "From",
    "The sender that the person does not want to hear of; it needs ChannelType.",
    "20001",
    invalid=codes.UNKNOWN_RESOURCE_OWNER,
    default="every sender of the account",
)
TO = Parameter(
    "To",
    "The person: a phone number in E.164 digits without +, in either spelling where there are two (Mexico, "
    "Argentina, Brazil), or the id that the channel has of them.",
    "8613900000000",
    required=True,
    invalid=codes.PHONE_NUMBER_ERROR,
)
ERRORS = (codes.TO_ONLY_NUMERIC, codes.missing("ChannelType"))
"""The error codes of these parameters."""


def checked_person(request: Request[Any], channel: str, sender: str, recipient: str) -> str:
    """Checks the three parameters, and returns the person in the normal form of the list.

    Args:
        channel, sender: empty for all channels or senders.

    Raises:
        ApiError: a parameter is invalid.
    """
    faults: list[Fault] = []
    if recipient:
        recipient, to_faults = read_to(channel or SMS.name, recipient, _recipient_type(channel, recipient))
        faults += to_faults
    if sender and not channel:
        faults.append(Fault(codes.missing("ChannelType"), "ChannelType", "it is missing", "From needs it"))
    elif sender:
        faults += sender_faults(request, channel, sender, "From")
    request.refuse(faults)
    return recipient


def _recipient_type(channel: str, recipient: str) -> str:
    """What an address is on a channel whose people need not have a number."""
    form = channel_named(channel).other_to_form
    return INDIVIDUAL if form is None or recipient.isdigit() else "userId"
