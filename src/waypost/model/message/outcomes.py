"""The answers of a provider to a submission, and its later receipts."""

from typing import Literal

import msgspec

from waypost.model.fast_enum import FastEnum
from waypost.model.message.failures import SendFailure

MAX_ID_LENGTH = 512
"""The longest id of a message that a provider can give it, in characters; those in use have at most 200."""


class Accepted(msgspec.Struct, frozen=True):
    """The provider accepted the leg; its final state comes by receipt.

    Attributes:
        provider_id: the provider's own id of the message, by which its receipts name it.
        delivered: no receipt will say so, and the operator wants what was taken to count as delivered.
        recipient: the recipient's address as the provider spells it; empty if it does not say.
        migrated_to: the id that the recipient has from now on, if the provider gave it another; empty if not.
    """

    provider_id: str | None
    delivered: bool = False
    recipient: str = ""
    migrated_to: str = ""


class Refused(msgspec.Struct, frozen=True):
    """The provider certainly did not accept the leg.

    Attributes:
        failure: the row of the failure table.
        code: the provider's code as the customer reads it (`SRVC_NOT_VIBER_USER`).
        text: the provider's words without its credentials, for the operator alone.
        retry_after: milliseconds the provider asked us to wait, when it did.
        explanation: our own words for the customer; empty for those of the failure.
    """

    failure: SendFailure
    code: str
    text: str
    retry_after: int | None = None
    explanation: str = ""


class Unknown(msgspec.Struct, frozen=True):
    """The request was sent and no usable answer came: the provider may or may not have accepted the leg.

    Attributes:
        text: what was seen instead of an answer, without the provider's credentials, for the operator alone.
    """

    text: str


Outcome = Accepted | Refused | Unknown


class ReceiptKind(FastEnum):
    """The event that a receipt reports."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    EXPIRED = "expired"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's report about one leg.

    Attributes:
        route: the route it came in by; provider ids are unique within one.
        kind: what happened.
        at: when, by the provider's clock, in milliseconds UTC; None when it did not say.
        provider_id: the provider's id of the message, when the receipt carries it.
        reference: our own reference of the attempt (`Submission.reference`), when the provider echoes it.
        sender, recipient: as the provider names them; the way back for a leg whose answer never came.
        watermark: it is about all that was sent to `recipient` until then, and names none of it; milliseconds
            UTC. The provider ids of such a route begin with the recipient and a colon.
        part: the provider's id of the part of a long SMS that it is about; None if it is about the whole
            message.
        failure, code: why, when it failed.
        text: the provider's words, for the operator alone.
        user_id, parent_user_id: WhatsApp's ids of the recipient, who need not have a number.
    """

    route: str
    kind: ReceiptKind
    at: int | None = None
    provider_id: str | None = None
    reference: str | None = None
    sender: str | None = None
    recipient: str | None = None
    watermark: int | None = None
    part: str | None = None
    failure: SendFailure | None = None
    code: str = ""
    text: str = ""
    user_id: str = ""
    parent_user_id: str = ""


InboundType = Literal[
    "TEXT",
    "IMAGE",
    "VIDEO",
    "AUDIO",
    "DOCUMENT",
    "STICKER",
    "LOCATION",
    "CONTACTS",
    "BUTTON",
    "INTERACTIVE",
    "REACTION",
    "ORDER",
    "SYSTEM",
    "UNSUPPORTED",
]


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """What a user sent to a sender: a message, the press of a button, or that they opted out or in.

    Attributes:
        route: the route it came in by.
        channel: `viber`, `whatsapp`.
        sender: our sender that was written to.
        user: who wrote, as the channel addresses them.
        at: when, in milliseconds UTC; None for when it came in.
        provider_id: the provider's id of the user's message; a repeat has the same.
        type: the form of the message (ChatAppInbound.Type).
        text: the text, or a media object as JSON text.
        tracking_data: what the message replied to was sent with, when the provider returns it.
        caption: the text beside what `text` has: a caption, or the title of a button that was pressed.
        payload: what the sender gave the button, quick reply or postback that was pressed.
        context_id: the provider's id of the message that this one answers.
        group: the group that it was written in.
        name: what the user calls themselves.
        user_id, parent_user_id, user_name: the ids and the name that WhatsApp has of users who need not have
            a number; of other channels, those of the user who wrote in a group.
        opted_out: whether it says that the user wants no promotions any more (True), or that they want them
            again (False); None for a message.
        acknowledgement: what the provider expects as an acknowledgement once this is taken.
        migrated_to: the id that a group has from now on, if that is what the message says.
    """

    route: str
    channel: str
    sender: str
    user: str
    at: int | None
    provider_id: str
    type: InboundType
    text: str
    tracking_data: str = ""
    caption: str = ""
    payload: str = ""
    context_id: str = ""
    group: str = ""
    name: str = ""
    user_id: str = ""
    parent_user_id: str = ""
    user_name: str = ""
    opted_out: bool | None = None
    acknowledgement: str = ""
    migrated_to: str = ""


class RejectedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a webhook that was not understood, and was skipped.

    Attributes:
        route: the route it came in by.
        place: where in the webhook it stands, such as `entry[0].changes[1].value.statuses[2]`; empty for a
            webhook that is one item.
        error: what is wrong with it, without its values.
    """

    route: str
    place: str
    error: str


Report = Receipt | Inbound | RejectedItem
"""What a webhook has."""
