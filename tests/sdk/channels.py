"""Each channel as the tests need it: parameters of a message, a recipient, the result of each scenario."""

import json
from typing import Any, NamedTuple

from tests.sdk.callers import Phones
from tests.sdk.test_scenarios import (
    ALONE,
    BY_SMS,
    DELIVERED,
    FAILED,
    FALLING_BACK,
    READ,
    SENT,
    Shown,
    Statuses,
)

Scenario = tuple[str, Statuses, Shown]


class Channel(NamedTuple):
    """A channel.

    Attributes:
        name: the ChannelType.
        sender: of account 1.
        text: the parameters that send a text to anybody, without From and To.
        prefix, suffix: of a recipient's id, before and after what makes it new; the scenario's digits follow.
        alone, falling_back: by digits, where the scenario ends otherwise than on Viber.
        codes: digits to the ErrorCode of the last callback.
    """

    name: str
    sender: str
    text: dict[str, Any]
    prefix: str
    suffix: str
    alone: dict[str, Scenario]
    falling_back: dict[str, Scenario]
    codes: dict[str, str]

    def person(self, phones: Phones, digits: str = "7777") -> str:
        return f"{self.prefix}{phones.new('')}{self.suffix}{digits}"

    def parameters(self, **changes: Any) -> dict[str, Any]:
        return {"channel_type": self.name, "from_": self.sender, **self.text, **changes}

    def scenario(self, digits: str, *, fallback: bool = False) -> Scenario:
        if fallback and digits in self.falling_back:
            return self.falling_back[digits]
        if digits in self.alone:
            return self.alone[digits]
        found = FALLING_BACK.get(digits) if fallback else None
        state, statuses, shown = found or ALONE[digits]
        return state, statuses, [(self.name if where == "viber" else where, how) for where, how in shown]


def free(message_type: str, content: Any) -> dict[str, Any]:
    return {"type": "message", "message_type": message_type, "content": json.dumps(content)}


def _template(code: str) -> dict[str, Any]:
    return {
        "type": "template",
        "template_code": code,
        "language": "en",
        "template_params": {"name": "Zoe", "code": "1234"},
    }


WHATSAPP = Channel(
    name="whatsapp",
    sender="15550100001",
    text=_template("sandbox_welcome_whatsapp"),
    prefix="",
    suffix="",
    alone={},
    # Without a label it is not known to be a promotion: who has blocked the sender gets the SMS.
    falling_back={"0009": ("delivered", [(0, FAILED), *BY_SMS], [("sms", "delivered")])},
    codes={"0001": "131026", "0009": "131050", "0011": "131026"},
)


MESSENGER = Channel(
    name="messenger",
    sender="20004",
    text=_template("sandbox_welcome_messenger"),
    prefix="",
    suffix="-",
    alone={},
    falling_back={
        # As on Viber; but the SMS is on another phone, which is looked at after this one.
        "0004": (*FALLING_BACK["0004"][:2], [("messenger", "delivered"), ("sms", "delivered")]),
        "0009": ("delivered", [(0, FAILED), *BY_SMS], [("sms", "delivered")]),
    },
    codes={"0001": "100", "0009": "551", "0011": "100"},
)


def _undelivered(name: str, *, blocks_are_reported: bool, repeats_are_harmless: bool) -> dict[str, Scenario]:
    """Scenarios of a provider without receipts: what it accepts counts as delivered, and the phone has it."""
    there: Shown = [(name, "received")]
    taken: Statuses = [(0, SENT), (0, DELIVERED)]
    scenarios: dict[str, Scenario] = dict.fromkeys(ALONE, ("delivered", taken, there))
    scenarios |= dict.fromkeys(("0001", "0011"), ("failed", [(0, FAILED)], []))
    scenarios["0005"] = ("delivered", taken, [])
    scenarios["0009"] = ("failed", [(0, FAILED)], []) if blocks_are_reported else ("delivered", taken, [])
    if not repeats_are_harmless:
        scenarios["0007"] = ("expired", [(0, FAILED)], there)
    return scenarios


_TELEGRAM = _undelivered("telegram", blocks_are_reported=True, repeats_are_harmless=False)
TELEGRAM = Channel(
    name="telegram",
    sender="20002",
    text=free("text", {"text": "hi"}),
    prefix="",
    suffix="",
    alone=_TELEGRAM,
    falling_back={
        **_TELEGRAM,
        "0001": FALLING_BACK["0001"],
        "0007": (
            "delivered",
            [*BY_SMS, (0, FAILED)],
            [("telegram", "received"), ("sms", "delivered")],
        ),
        "0009": ("delivered", [(0, FAILED), *BY_SMS], [("sms", "delivered")]),
        "0011": FALLING_BACK["0011"],
    },
    codes={"0001": "400", "0009": "403", "0011": "400"},
)
_LINE = _undelivered("line", blocks_are_reported=False, repeats_are_harmless=True)
LINE = Channel(
    name="line",
    sender="20003",
    text=free("text", {"text": "hi"}),
    prefix="U",
    suffix="-",
    alone=_LINE,
    falling_back={**_LINE, "0001": FALLING_BACK["0001"], "0011": FALLING_BACK["0011"]},
    codes={"0001": "400", "0011": "400"},
)

_INSTAGRAM = _undelivered("instagram", blocks_are_reported=True, repeats_are_harmless=False)
_INSTAGRAM |= dict.fromkeys(
    ("7777", "0006", "0008"), ("read", [(0, SENT), (0, DELIVERED), (0, READ)], [("instagram", "read")])
)
# Its read receipt names the message, whose name was in the answer that was lost.
_INSTAGRAM["0007"] = ("expired", [(0, FAILED)], [("instagram", "read")])
INSTAGRAM = Channel(
    name="instagram",
    sender="20005",
    text=_template("sandbox_welcome_instagram"),
    prefix="",
    suffix="-",
    alone=_INSTAGRAM,
    falling_back={
        **_INSTAGRAM,
        "0001": FALLING_BACK["0001"],
        "0007": ("delivered", [*BY_SMS, (0, FAILED)], [("instagram", "read"), ("sms", "delivered")]),
        "0009": ("delivered", [(0, FAILED), *BY_SMS], [("sms", "delivered")]),
        "0011": FALLING_BACK["0011"],
    },
    codes={"0001": "100", "0009": "551", "0011": "100"},
)

CHANNELS = {channel.name: channel for channel in (WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, LINE)}

__all__ = ["CHANNELS", "INSTAGRAM", "LINE", "MESSENGER", "TELEGRAM", "WHATSAPP", "Channel", "free"]
