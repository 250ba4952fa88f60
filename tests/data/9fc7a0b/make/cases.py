"""The messages of the folder: how each came to be where it is, and how it must end."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.upgrade.providers import BLOCK, BUSY, HANG, LOSE, REFUSE

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


def troubled() -> list[Case]:
    """Accepted right before the death, when the customer is down, too."""
    doubtful = "promotion"
    return [
        Case(
            "callbacks waiting",
            viber(),
            "380500000201",
            [(0, SENT), (0, DELIVERED)],
            ["delivered"],
            ["delivered"],
            told=[("viber", "delivered")],
        ),
        Case(
            "push under way",
            viber(sender="20009"),
            "380500000202",
            [(0, SENT), (0, DELIVERED)],
            ["sent"],
            ["delivered"],
            first=[("viber", "delivered")],
        ),
        Case(
            "to be tried again",
            viber(),
            "380500000203",
            [(0, SENT), (0, DELIVERED)],
            ["queued"],
            ["delivered"],
            answers={"viber": [BUSY]},
            then={"viber": ["delivered"]},
            sends={"viber": 1},
        ),
        Case(
            "SMS to be tried again",
            viber(**BY_SMS),
            "380500000204",
            [(0, FAILED), *SMS_SENT],
            ["failed", "queued"],
            ["failed", "delivered"],
            answers={"viber": [REFUSE], "sms": [BUSY]},
            then={"sms": ["delivered"]},
            sends={"sms": 1},
        ),
        Case(
            "in doubt, transaction",
            viber("transaction"),
            "380500000205",
            [(0, SENT), (0, DELIVERED)],
            ["in_doubt"],
            ["delivered"],
            answers={"viber": [LOSE]},
            then={"viber": ["delivered"]},
            sends={"viber": 1},
        ),
        Case(
            "in doubt, settled",
            viber(doubtful),
            "380500000206",
            [(0, SENT), (0, DELIVERED)],
            ["in_doubt"],
            ["delivered"],
            answers={"viber": [LOSE]},
            first=[("viber", "delivered")],
        ),
        Case(
            "in doubt, silent",
            viber(doubtful, ttl=60),
            "380500000207",
            [(0, FAILED)],
            ["in_doubt"],
            ["expired"],
            answers={"viber": [LOSE]},
        ),
        Case(
            "in doubt, falls back",
            viber(doubtful, ttl=120, fall_back_duration=60, **BY_SMS),
            "380500000208",
            [*SMS_SENT, (0, FAILED)],
            ["in_doubt"],
            ["expired", "delivered"],
            answers={"viber": [LOSE]},
            then={"sms": ["delivered"]},
            sends={"sms": 1},
        ),
        Case(
            "SMS in doubt",
            viber(doubtful, **BY_SMS),
            "380500000209",
            [(0, FAILED), *SMS_SENT],
            ["failed", "in_doubt"],
            ["failed", "delivered"],
            answers={"viber": [REFUSE], "sms": [LOSE]},
            first=[("sms", "delivered")],
        ),
    ]


def hanging_sms() -> list[Case]:
    """Six fallbacks whose request is out when the process dies, and two that wait behind them."""
    refused = {"viber": [REFUSE]}
    cases = []
    for place in range(8):
        settled, queued = place % 2 == 0, place >= 6
        reported = [("sms", "delivered")] if settled and not queued else []
        arrives = settled or queued
        cases.append(
            Case(
                f"SMS {'behind them' if queued else 'under way'} {place}",
                viber(**BY_SMS),
                f"38050000030{place}",
                [(0, FAILED), *(SMS_SENT if arrives else [(1, FAILED)])],
                ["failed", "queued" if queued else "submitting"],
                ["failed", "delivered" if arrives else "expired"],
                answers=refused if queued else {**refused, "sms": [HANG]},
                first=reported,
                then={"sms": ["delivered"]},
                sends={"sms": 1} if queued else {},
            )
        )
    return cases


def hanging(codes: dict[str, str]) -> list[Case]:
    """Six messages whose request is out when the process dies."""
    done = [(0, SENT), (0, DELIVERED)]
    out = ["submitting"]
    return [
        Case(
            "under way, transaction",
            viber("transaction"),
            "380500000401",
            done,
            out,
            ["delivered"],
            answers={"viber": [HANG]},
            then={"viber": ["delivered"]},
            sends={"viber": 1},
        ),
        Case(
            "under way, silent",
            viber(ttl=60),
            "380500000402",
            [(0, FAILED)],
            out,
            ["expired"],
            answers={"viber": [HANG]},
        ),
        Case(
            "under way, overtaken by its receipt",
            viber(),
            "380500000403",
            done,
            out,
            ["delivered"],
            answers={"viber": [HANG]},
            told=[("viber", "delivered")],
        ),
        Case(
            "under way, LINE removes duplicates",
            free("line", "20003", "text", {"text": "hi"}),
            "Uline01",
            done,
            out,
            ["delivered"],
            answers={"line": [HANG]},
            sends={"line": 1},
        ),
        Case(
            "under way, reported by reference",
            template(*WHATSAPP, codes["order"]),
            "491510000401",
            done,
            out,
            ["delivered"],
            answers={"whatsapp": [HANG]},
            first=[("whatsapp", "delivered")],
        ),
        Case(
            "under way, Telegram",
            free("telegram", "20002", "text", {"text": "hi"}, ttl=60),
            "7000000401",
            [(0, FAILED)],
            out,
            ["expired"],
            answers={"telegram": [HANG]},
        ),
    ]


def untouched(codes: dict[str, str]) -> list[Case]:
    """Accepted while all hands were full: nothing was tried yet."""
    done = [(0, SENT), (0, DELIVERED)]
    action = {"type": "uri", "label": "Go", "uri": LINK}
    link = [{"type": "web_url", "url": LINK, "title": "Go"}]
    reply = {"type": "reply", "reply": {"id": "1", "title": "Yes"}}
    interactive = {"type": "button", "body": {"text": "Well?"}, "action": {"buttons": [reply]}}
    red = [{"content_type": "text", "title": "Red", "payload": "r"}]
    offer = {"name": "Zoe", "order": "7", "coupon": "TEN10", "expiration_time_ms": "1900000000000"}

    def once(name: str, call: dict[str, Any], to: str, *kinds: str, **more: Any) -> Case:
        channel = call["channel_type"]
        return Case(
            name, call, to, done, [], ["delivered"], then={channel: list(kinds)}, sends={channel: 1}, **more
        )

    button = {"text": "hello", "caption": "Open", "action": LINK}
    return [
        once(
            "new on Viber",
            free("viber", "20001", "text_button", button, label="promotion", tag="spring"),
            "380500000501",
            "delivered",
        ),
        once("new on WhatsApp", free(*WHATSAPP, "interactive", interactive), "491510000501", "delivered"),
        once(
            "new on Messenger",
            free("messenger", "20004", "buttonTemplate", {"text": "Well?", "buttons": link}),
            "9000000501",
            "delivered",
        ),
        once(
            "new on Instagram",
            free("instagram", "20005", "quickReply", {"text": "Which?", "quick_replies": red}),
            "9000000502",
        ),
        once(
            "new on Telegram",
            free("telegram", "20002", "image", {"link": LINK, "caption": "look"}),
            "7000000501",
        ),
        once(
            "new on LINE",
            free("line", "20003", "buttons", {"text": "Well?", "actions": [action]}),
            "Uline501",
        ),
        once(
            "declared template",
            template("viber", "20001", "welcome", label="promotion"),
            "380500000502",
            "delivered",
        ),
        once(
            "template with a button",
            template(
                "viber", "20001", codes["spring"], label="promotion", params={"name": "Zoe", "path": "a"}
            ),
            "380500000503",
            "delivered",
        ),
        once(
            "WhatsApp order",
            template(
                *WHATSAPP,
                codes["parts"],
                payload=["yes"],
                params={"who": "you", "name": "Zoe", "path": "a?b=1"},
            ),
            "491510000502",
            "delivered",
        ),
        once(
            "WhatsApp password",
            template(*WHATSAPP, codes["password"], params={"code": "482913"}),
            "491510000503",
            "delivered",
        ),
        once(
            "WhatsApp carousel",
            template(*WHATSAPP, codes["cards"], params={"name": "Zoe", "path": "x"}),
            "491510000504",
            "delivered",
        ),
        once(
            "WhatsApp offer", template(*WHATSAPP, codes["offer"], params=offer), "491510000505", "delivered"
        ),
        once("asked for twice", viber("transaction", task_id="t-1"), "380500000504", "delivered"),
        Case(
            "template that failed",
            template(
                "viber",
                "20001",
                codes["reject_this"],
                label="promotion",
                fall_back_rule="sentFailed",
                **BY_SMS,
            ),
            "380500000505",
            [(0, FAILED), *SMS_SENT],
            [],
            ["failed", "delivered"],
            then={"sms": ["delivered"]},
            sends={"sms": 1},
        ),
        Case(
            "sender suspended while down",
            viber(sender=codes["paused"], cust_space_id=codes["space"], **BY_SMS),
            "380500000506",
            [(0, FAILED), *SMS_SENT],
            [],
            ["failed", "delivered"],
            then={"sms": ["delivered"]},
            sends={"sms": 1},
        ),
    ]


def mass() -> list[Case]:
    """One call to three people, by a template; nothing was tried yet."""
    return [
        Case(
            f"one of many {place}",
            {},
            f"38050000060{place}",
            [(0, SENT), (0, DELIVERED)],
            [],
            ["delivered"],
            then={"viber": ["delivered"]},
            sends={"viber": 1},
        )
        for place in range(3)
    ]
