"""The objects of the callbacks ChatAppStatus and ChatAppInbound (receipts.md).

Fields beyond the documented ones begin with `Waypost`: the leg concerned, why a fallback fired, and whether
the recipient got the message twice.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.model.identifiers import NO_MESSAGE, MessageId, SpaceId
from waypost.model.masking import mask_number
from waypost.model.message.leg import Leg, LegState
from waypost.model.message.message import Message
from waypost.model.message.outcomes import Inbound

STATUS_KIND = "ChatAppStatus"
INBOUND_KIND = "ChatAppInbound"

ACCEPTED = "Success"
"""What lists show of a message that was accepted and not yet sent (live-observations.md, section 6)."""

_STATUS = {
    LegState.SENT: "Sent",
    LegState.DELIVERED: "Delivered",
    LegState.READ: "Read",
    LegState.FAILED: "Failed",
    LegState.EXPIRED: "Failed",
}
_ORDER = (LegState.SENT, LegState.DELIVERED, LegState.READ)
_UNPUBLISHED = (LegState.QUEUED, LegState.SUBMITTING, LegState.IN_DOUBT)


class UserIds(msgspec.Struct, frozen=True):
    """WhatsApp's ids of a user, who need not have a number; empty if they are not known."""

    id: str = ""
    parent_id: str = ""


NO_IDS = UserIds()


def status_of(state: LegState) -> str:
    """The Status for a leg's state; `Success` while the message is only accepted."""
    return _STATUS.get(state, ACCEPTED)


def statuses_to_publish(before: LegState, after: LegState) -> tuple[str, ...]:
    """The Status values to push, in order, when a leg goes from one state to another.

    A receipt that overtakes an earlier one implies it: whoever gets `Read` got `Sent` and `Delivered` before,
    in whatever order the provider's receipts come.
    """
    if after in _UNPUBLISHED or before is after:
        return ()
    if after not in _ORDER:
        return () if before in _STATUS and _STATUS[before] == _STATUS[after] else (_STATUS[after],)
    reached = _ORDER[: _ORDER.index(after) + 1]
    if before in _ORDER:
        reached = reached[_ORDER.index(before) + 1 :]
    elif before not in _UNPUBLISHED:
        reached = tuple(state for state in reached if state is not LegState.SENT)
    return tuple(_STATUS[state] for state in reached)


def status_object(
    message: Message,
    leg: Leg,
    status: str,
    at: int,
    *,
    user: UserIds = NO_IDS,
    migrated_to: str = "",
) -> dict[str, Any]:
    """One ChatAppStatus object.

    Args:
        leg: the leg that is meant; leg 0 is the message's own channel.
        at: when it happened, milliseconds UTC.
        user: the recipient's ids at WhatsApp.
        migrated_to: the id that the recipient has from now on, if the provider gave it another.
    """
    fields: dict[str, Any] = {
        "MessageId": message.message_id,
        "From": leg.sender,
        "To": message.recipient,
        "Timestamp": at,
        "Status": status,
        "StatusDescription": status,
        "MsgFrameType": "message",
        "Type": message.message_type,
        "TaskId": message.task_id or message.message_id,
        "OriginPhoneNumber": message.sender,
    }
    if status == "Failed":
        fields["ErrorCode"] = leg.code
        fields["ErrorDescription"] = f"{leg.code}:{leg.text}"
    if message.template_code:
        fields["MsgFrameType"] = "template"
        fields["Type"] = "TEMPLATE"
        fields["TemplateCode"] = message.template_code
        fields["TemplateName"] = message.template_name
        fields["Language"] = message.language
    if user is not NO_IDS or message.extras.recipient_type == "userId":
        fields |= _user_fields(message, leg, user)
    fields["WaypostLeg"] = leg.leg
    fields["WaypostChannel"] = leg.channel
    if leg.why:
        fields["WaypostFallbackReason"] = leg.why
    if leg.double_delivery and status == "Delivered":
        fields["WaypostDoubleDelivery"] = True
    if migrated_to:
        fields["WaypostMigratedTo"] = migrated_to
    return fields


def _user_fields(message: Message, leg: Leg, user: UserIds) -> dict[str, str]:
    """The members that name the recipient by ids of WhatsApp, as far as they are known."""
    own_id = message.recipient if message.extras.recipient_type == "userId" and not leg.leg else ""
    ids = (("FromUserId", user.id or own_id), ("FromParentUserId", user.parent_id))
    return {name: id_ for name, id_ in ids if id_}


def inbound_object(
    inbound: Inbound, sender: str, space_id: SpaceId, answered: MessageId = NO_MESSAGE
) -> dict[str, Any]:
    """One ChatAppInbound object; the layout of other channels, without WabaId (receipts.md, section 4).

    Args:
        sender: the sender that the person wrote to.
        answered: the message of ours that it answers.
    """
    fields: dict[str, Any] = {
        "MessageId": inbound.provider_id,
        "From": inbound.user,
        "To": sender,
        "CustSpaceId": space_id,
        "Timestamp": inbound.at,
        "DisplayName": inbound.name,
        "Name": inbound.name,
        "Type": inbound.type,
        "Message": inbound.text,
        "NoticeType": "inbound",
        "WaypostChannel": inbound.channel,
    }
    fields |= {
        name: value
        for name, value in (
            ("FromUserId", inbound.user_id),
            ("FromParentUserId", inbound.parent_user_id),
            ("FromUserName", inbound.user_name),
            ("WaypostTrackingData", inbound.tracking_data),
            ("WaypostText", inbound.caption),
            ("WaypostPayload", inbound.payload),
            # Where ids are unique in a conversation only, ours have the user in front.
            (
                "WaypostContextMessageId",
                answered or inbound.context_id.removeprefix(f"{inbound.user}:"),
            ),
            ("WaypostGroupId", inbound.group),
            ("WaypostMigratedTo", inbound.migrated_to),
        )
        if value
    }
    if inbound.opted_out is not None:
        fields["WaypostOptOut"] = inbound.opted_out
    return fields


_USER_IDS = ("FromUserId", "FromParentUserId")
_CONTENT = (
    "Message",
    "Name",
    "DisplayName",
    "FromUserName",
    "WaypostTrackingData",
    "WaypostText",
    "WaypostPayload",
)


def masked_object(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a callback's object in which the person's number is masked, and what they wrote is `***`.

    Args:
        kind: `ChatAppStatus`, `ChatAppInbound` or `ChatAppAudit`.
    """
    masked = dict(fields)
    person = "From" if kind == INBOUND_KIND else "To"
    if isinstance(fields.get(person), str):
        masked[person] = mask_number(fields[person])
    hidden = (*_USER_IDS, *_CONTENT) if kind == INBOUND_KIND else _USER_IDS
    masked |= {name: "***" for name in hidden if fields.get(name)}
    return masked
