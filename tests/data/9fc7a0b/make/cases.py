"""The messages of the folder: how each came to be where it is, and how it must end."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.upgrade.providers import BLOCK, REFUSE

Status = tuple[int, str]
SENT, DELIVERED, READ, FAILED = "Sent", "Delivered", "Read", "Failed"
ALL, NONE, DEAD = "all", "none", "dead"
LINK = "https://files.example.com/a.jpg"


@dataclass
class Case:
    """One message.

    Attributes:
        call: the parameters of the call, as the SDK names them, but for To.
        to: whom it goes to; nobody else has the number. With `sms` where the fallback goes.
        answers: by channel, what the providers answer before the death; they take what is not named.
        told: receipts before the death, by channel, in their order.
        left: the states of the legs at the death.
        first: receipts right after the restart, on what was submitted before the death.
        then: by channel, the receipts on each message that is taken after the restart.
        ends: the states of the legs in the end.
        statuses: all that the customer is told, in order, each with its leg.
        sends: by channel, how often it is submitted after the restart.
        pushed: whether its statuses are pushed: all of them, none, or none any more (dead letters).
    """

    name: str
    call: dict[str, Any]
    to: str
    statuses: list[Status]
    left: list[str]
    ends: list[str]
    sms: str = ""
    account: str = "acme"
    pushed: str = ALL
    answers: dict[str, list[str]] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    first: list[tuple[str, str]] = field(default_factory=list)
    then: dict[str, list[str]] = field(default_factory=dict)
    sends: dict[str, int] = field(default_factory=dict)


def free(channel: str, sender: str, message_type: str, content: Any, **more: Any) -> dict[str, Any]:
    return {
        "channel_type": channel,
        "type": "message",
        "message_type": message_type,
        "content": json.dumps(content),
        "from_": sender,
        **more,
    }


def viber(label: str = "promotion", sender: str = "20001", **more: Any) -> dict[str, Any]:
    return free("viber", sender, "text", {"text": "hello"}, label=label, **more)


def template(channel: str, sender: str, code: str, **more: Any) -> dict[str, Any]:
    params = more.pop("params", {"name": "Zoe"})
    return {
        "channel_type": channel,
        "type": "template",
        "template_code": code,
        "language": "en",
        "template_params": params,
        "from_": sender,
        **more,
    }


BY_SMS = {"fall_back_id": "S_000001", "fall_back_content": "by SMS"}
WHATSAPP = ("whatsapp", "15550100001")
SMS_SENT: list[Status] = [(1, SENT), (1, DELIVERED)]


def history(codes: dict[str, str]) -> list[Case]:
    """Finished before the last day."""
    return [
        Case(
            "read",
            viber(),
            "380500000001",
            [(0, SENT), (0, DELIVERED), (0, READ)],
            ["read"],
            ["read"],
            told=[("viber", "delivered"), ("viber", "read")],
        ),
        Case(
            "fell back",
            viber(**BY_SMS),
            "380500000002",
            [(0, FAILED), *SMS_SENT],
            ["failed", "delivered"],
            ["failed", "delivered"],
            answers={"viber": [REFUSE]},
            told=[("sms", "delivered")],
        ),
        Case(
            "blocked",
            viber("transaction"),
            "380500000004",
            [(0, FAILED)],
            ["failed"],
            ["failed"],
            answers={"viber": [BLOCK]},
        ),
        Case("silent", viber(ttl=60), "380500000003", [(0, SENT), (0, FAILED)], ["expired"], ["expired"]),
        Case(
            "telegram",
            free("telegram", "20002", "text", {"text": "hi"}),
            "7000000001",
            [(0, SENT), (0, DELIVERED)],
            ["delivered"],
            ["delivered"],
        ),
        Case(
            "metered",
            template(*WHATSAPP, codes["order"]),
            "491510000001",
            [(0, SENT), (0, DELIVERED), (0, READ)],
            ["read"],
            ["read"],
            told=[("whatsapp", "delivered"), ("whatsapp", "read")],
        ),
    ]


def dead() -> list[Case]:
    """Their callbacks met a customer that was down for an hour: all are dead letters."""
    return [
        Case(
            f"dead letters {place}",
            viber(),
            f"38050000001{place}",
            [(0, SENT), (0, DELIVERED)],
            ["delivered"],
            ["delivered"],
            told=[("viber", "delivered")],
            pushed=DEAD,
        )
        for place in range(2)
    ]


def sent(codes: dict[str, str]) -> list[Case]:
    """At their providers when the process dies, 95 seconds later.

    Args:
        codes: of the templates and policies made by call, by name.
    """
    silent = [(0, SENT), *SMS_SENT, (0, FAILED)]
    return [
        Case(
            "sent",
            viber(ttl=3600),
            "380500000101",
            [(0, SENT), (0, DELIVERED), (0, READ)],
            ["sent"],
            ["read"],
            first=[("viber", "delivered"), ("viber", "read")],
        ),
        Case(
            "receipt in the journal",
            viber(ttl=3600),
            "380500000102",
            [(0, SENT), (0, DELIVERED)],
            ["sent"],
            ["delivered"],
        ),
        Case(
            "fallback due while down",
            viber(ttl=600, fall_back_duration=110, **BY_SMS),
            "380500000103",
            silent,
            ["sent"],
            ["expired", "delivered"],
            then={"sms": ["delivered"]},
            sends={"sms": 1},
        ),
        Case(
            "fallback due later",
            viber(ttl=600, fall_back_duration=300, **BY_SMS),
            "380500000104",
            silent,
            ["sent"],
            ["expired", "delivered"],
            then={"sms": ["delivered"]},
            sends={"sms": 1},
        ),
        Case(
            "silence is no failure",
            viber(ttl=60, **BY_SMS),
            "380500000109",
            [(0, SENT), (0, FAILED)],
            ["sent"],
            ["expired"],
        ),
        Case(
            "fails after its fallback",
            template(*WHATSAPP, codes["order"], fall_back_duration=60, **BY_SMS),
            "491510000103",
            [(0, SENT), (1, SENT), (0, FAILED), (1, DELIVERED)],
            ["sent", "sent"],
            ["failed", "delivered"],
            first=[("whatsapp", "failed"), ("sms", "delivered")],
        ),
        Case(
            "fallback not needed",
            viber(ttl=600, fall_back_duration=300, **BY_SMS),
            "380500000105",
            [(0, SENT), (0, DELIVERED)],
            ["sent"],
            ["delivered"],
            first=[("viber", "delivered")],
        ),
        Case(
            "unread",
            viber(ttl=3600, fall_back_id="S_000002"),
            "380500000106",
            [(0, SENT), (0, DELIVERED), *SMS_SENT],
            ["delivered"],
            ["delivered", "delivered"],
            told=[("viber", "delivered")],
            then={"sms": ["delivered"]},
            sends={"sms": 1},
        ),
        Case(
            "chain",
            template(*WHATSAPP, codes["order"], fall_back_id=codes["chain"], fall_back_content="again"),
            "491510000101",
            [(0, SENT), (0, FAILED), (1, SENT), (2, SENT), (2, DELIVERED), (1, FAILED)],
            ["failed", "sent"],
            ["failed", "expired", "delivered"],
            told=[("whatsapp", "failed")],
            then={"sms": ["delivered"]},
            sends={"sms": 1},
        ),
        Case(
            "fallback sent",
            viber(**BY_SMS),
            "380500000107",
            [(0, FAILED), *SMS_SENT],
            ["failed", "sent"],
            ["failed", "delivered"],
            answers={"viber": [REFUSE]},
            first=[("sms", "delivered")],
        ),
        Case(
            "whatsapp",
            template(*WHATSAPP, codes["order"]),
            "491510000102",
            [(0, SENT), (0, DELIVERED), (0, READ)],
            ["sent"],
            ["read"],
            first=[("whatsapp", "delivered"), ("whatsapp", "read")],
        ),
        Case(
            "messenger",
            template("messenger", "20004", "welcome_page", params={"name": "Zoe", "path": "a"}),
            "9000000001",
            [(0, SENT), (0, DELIVERED), (0, READ)],
            ["sent"],
            ["read"],
            first=[("messenger", "delivered"), ("messenger", "read")],
        ),
        Case(
            "instagram",
            template("instagram", "20005", "welcome_picture"),
            "9000000002",
            [(0, SENT), (0, DELIVERED), (0, READ)],
            ["delivered"],
            ["read"],
            first=[("instagram", "read")],
        ),
        Case(
            "kept",
            viber(sender="30001"),
            "380500000108",
            [(0, SENT), (0, DELIVERED)],
            ["sent"],
            ["delivered"],
            account="quiet",
            pushed=NONE,
            first=[("viber", "delivered")],
        ),
        *(
            Case(
                f"queued {place}",
                viber(cust_space_id="cams-acme0queues"),
                f"38050000012{place}",
                [(0, SENT), (0, DELIVERED)],
                ["sent"],
                ["delivered"],
                first=[("viber", "delivered")],
                pushed=NONE,
            )
            for place in range(2)
        ),
    ]
