"""What the tests of each channel need to know of it: how to send on it, to whom, and how its messages end."""

import json
from typing import Any, NamedTuple

from tests.sdk.callers import Phones
from tests.sdk.test_endings import ALONE, BY_SMS, DELIVERED, FAILED, FALLING_BACK, SENT, Shown, Told

Ending = tuple[str, Told, Shown]


class Channel(NamedTuple):
    """A channel.

    Attributes:
        name: the ChannelType.
        sender: of account 1.
        text: the parameters that send a text to anybody, without From and To.
        prefix, suffix: of a recipient's id, around what makes it new; the ending comes last.
        alone, falling_back: by digits, where the ending differs from Viber's.
        codes: digits to the ErrorCode of the last callback.
    """

    name: str
    sender: str
    text: dict[str, Any]
    prefix: str
    suffix: str
    alone: dict[str, Ending]
    falling_back: dict[str, Ending]
    codes: dict[str, str]

    def person(self, phones: Phones, ending: str = "7777") -> str:
        return f"{self.prefix}{phones.new('')}{self.suffix}{ending}"

    def parameters(self, **changes: Any) -> dict[str, Any]:
        return {"channel_type": self.name, "from_": self.sender, **self.text, **changes}

    def ending(self, digits: str, *, fallback: bool = False) -> Ending:
        if fallback and digits in self.falling_back:
            return self.falling_back[digits]
        if digits in self.alone:
            return self.alone[digits]
        found = FALLING_BACK.get(digits) if fallback else None
        state, told, shown = found or ALONE[digits]
        return state, told, [(self.name if where == "viber" else where, how) for where, how in shown]


def free(message_type: str, content: Any) -> dict[str, Any]:
    return {"type": "message", "message_type": message_type, "content": json.dumps(content)}


WHATSAPP = Channel(
    name="whatsapp",
    sender="15550100001",
    text={
        "type": "template",
        "template_code": "sandbox_welcome_whatsapp",
        "language": "en",
        "template_params": {"name": "Zoe", "code": "1234"},
    },
    prefix="",
    suffix="",
    alone={},
    # Without a label nobody said that it is a promotion: who has blocked the sender gets the SMS.
    falling_back={"0009": ("delivered", [(0, FAILED), *BY_SMS], [("sms", "delivered")])},
    codes={"0001": "131026", "0009": "131050", "0011": "131026"},
)

CHANNELS = {channel.name: channel for channel in (WHATSAPP,)}

__all__ = ["CHANNELS", "DELIVERED", "FAILED", "SENT", "WHATSAPP", "Channel", "free"]
