"""The messages that were accepted right before the death; those before them are in `cases`."""

from typing import Any

from cases import BY_SMS, DELIVERED, FAILED, LINK, SENT, SMS_SENT, WHATSAPP, Case, free, template, viber
from tests.upgrade.providers import BUSY, HANG, LOSE, REFUSE


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
