"""A message as a call requests it; tests change some of its fields."""

from typing import Any

import msgspec

from waypost.model.fallback.chain import Fallback, FallbackStep
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.message import Message

ACCEPTED_AT = 1_800_000_000_000
SMS = FallbackStep("sms", "Shop", "hello by SMS")


def fallback(duration: int | None = None, rule: str = "undelivered") -> Fallback:
    return Fallback("S_000001", rule, duration, (SMS,))


def message(**changes: Any) -> Message:
    """A Viber text of two minutes from 20001, without a fallback."""
    usual = Message(
        message_id=MessageId("2027011508000000000001000"),
        account_id=AccountId("1"),
        space_id=SpaceId("cams-1"),
        accepted_at=ACCEPTED_AT,
        channel="viber",
        message_type="text",
        sender="20001",
        recipient="380501112233",
        content={"text": "hello"},
        label="promotion",
        ttl=120,
    )
    return msgspec.structs.replace(usual, **changes)
