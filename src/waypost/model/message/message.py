"""A message: one accepted call, or one recipient of a mass call."""

import msgspec

from waypost.model.content.rules import Value
from waypost.model.fallback.chain import Fallback
from waypost.model.identifiers import AccountId, MessageId, SpaceId, shard_of
from waypost.model.message.extras import Extras, TemplateCall

MARKETING = "MARKETING"
"""The Category of templates that advertise (other-operations.md, CreateChatappTemplate)."""


class AcceptedCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is on record of the call that a message was accepted by.

    Attributes:
        request_id: its RequestId; empty for a message of before there was such a record.
        access_key_id: the key that signed it.
        peer: the network address that it came from.
        unknown: the names of parameters that its operation does not know.
    """

    request_id: str = ""
    access_key_id: str = ""
    peer: str = ""
    unknown: tuple[str, ...] = ()


NOT_ON_RECORD = AcceptedCall()


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One accepted call.

    Attributes:
        message_id: 25 decimal digits; carries the shard.
        account_id, space_id: whose it is.
        accepted_at: milliseconds UTC.
        channel, message_type: `viber`, `text_button`; from the template when one was named.
        sender, recipient: From and To.
        content: the members of Content with all variables filled in.
        template_code, template_name, language, category: of a template message.
        label, ttl, tag, tracking_data, task_id: as the call gave them; ttl in seconds, with its default.
        fallback: what to do when the first leg does not arrive.
        template: on a channel whose provider holds the templates itself, how it is called there.
        extras: what the call said beyond its content.
        group_id: the GroupMessageId of the call that sent it to many at once.
        fault: with FallBackRule=sentFailed, why leg 0 cannot be sent at all.
        call: the call itself.
        redacted: whether content and recipient were removed (`waypost.model.redaction`).
        cancelled: whether it was cancelled when a provider had it: nothing more is sent of it.
    """

    message_id: MessageId
    account_id: AccountId
    space_id: SpaceId
    accepted_at: int
    channel: str
    message_type: str
    sender: str
    recipient: str
    content: dict[str, Value]
    template_code: str = ""
    template_name: str = ""
    language: str = ""
    category: str = ""
    label: str = ""
    ttl: int
    tag: str = ""
    tracking_data: str = ""
    task_id: str = ""
    group_id: str = ""
    fallback: Fallback | None = None
    fault: str = ""
    template: TemplateCall | None = None
    extras: Extras = Extras()
    call: AcceptedCall = NOT_ON_RECORD
    redacted: bool = False
    cancelled: bool = False

    @property
    def shard(self) -> int:
        """The shard of all rows of the message."""
        return shard_of(self.message_id)

    @property
    def expires_at(self) -> int:
        """When the time to live of leg 0 has passed, in milliseconds UTC."""
        return self.accepted_at + self.ttl * 1000

    @property
    def fallback_due(self) -> int | None:
        """When the first step of the fallback starts unless leg 0 has satisfied it, in milliseconds UTC."""
        wait = self.fallback.wait_after(0) if self.fallback is not None else None
        return None if wait is None else self.accepted_at + wait * 1000

    @property
    def promotional(self) -> bool:
        """Whether it is a promotion, which people on the suppression list do not get."""
        return self.label == "promotion" or self.category == MARKETING
