"""Webhooks as providers document and send them, each with several items of several kinds."""

from typing import Any, NamedTuple

Path = tuple[str | int, ...]


class Recorded(NamedTuple):
    """A webhook.

    Attributes:
        kind: the kind of the route that it is for.
        document: its decoded JSON; of Kannel the parameters of the GET.
        items: the paths of its items, in the order in which they are parsed.
        shared: paths of what several items need, each with the path that those items are below.
    """

    kind: str
    document: dict[str, Any]
    items: tuple[Path, ...]
    shared: tuple[tuple[Path, Path], ...] = ()


def _value(*, statuses: list[Any] | None = None, messages: list[Any] | None = None) -> dict[str, Any]:
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001", "phone_number_id": "106540352242922"},
    }
    if messages is not None:
        value["contacts"] = [{"profile": {"name": "Zoe"}, "wa_id": "380500000001"}]
        value["messages"] = messages
    if statuses is not None:
        value["statuses"] = statuses
    return value


def _message(number: int, kind: str, content: Any, **more: Any) -> dict[str, Any]:
    head = {"from": "380500000001", "id": f"wamid.in{number}", "timestamp": "1750000000", "type": kind}
    return head | {kind: content} | more


def _status(number: int, status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"wamid.out{number}",
        "status": status,
        "timestamp": "1750000001",
        "recipient_id": "380500000001",
        **more,
    }


_PRICING = {"billable": True, "pricing_model": "CBP", "category": "utility"}
_WHATSAPP = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "102290129340398",
            "changes": [
                {
                    "field": "messages",
                    "value": _value(
                        statuses=[
                            _status(1, "sent", pricing=_PRICING, conversation={"id": "c1"}),
                            _status(2, "read", biz_opaque_callback_data="2023071910220142000000001-0-1"),
                            _status(
                                3,
                                "failed",
                                errors=[
                                    {
                                        "code": 131026,
                                        "title": "Message undeliverable",
                                        "message": "Message undeliverable",
                                        "error_data": {"details": "Message Undeliverable."},
                                    }
                                ],
                            ),
                        ]
                    ),
                },
                {
                    "field": "messages",
                    "value": _value(
                        messages=[
                            _message(1, "text", {"body": "hello"}, context={"from": "1", "id": "wamid.0"}),
                            _message(2, "image", {"id": "5", "mime_type": "image/jpeg", "caption": "look"}),
                            _message(3, "button", {"text": "Yes", "payload": "yes-1"}),
                            _message(4, "location", {"latitude": 50.45, "longitude": 30.52, "name": "K"}),
                        ]
                    ),
                },
            ],
        },
        {
            "id": "102290129340399",
            "changes": [
                {"field": "messages", "value": _value(statuses=[_status(4, "delivered", errors=None)])}
            ],
        },
    ],
}
_FIRST: Path = ("entry", 0, "changes", 0, "value")
_SECOND: Path = ("entry", 0, "changes", 1, "value")
_THIRD: Path = ("entry", 1, "changes", 0, "value")


def _event(at: int, **content: Any) -> dict[str, Any]:
    return {"sender": {"id": "7001"}, "recipient": {"id": "1001"}, "timestamp": at, **content}


_EVENTS = [
    _event(1750000000001, message={"mid": "m1", "text": "hi", "nlp": {"entities": {}}}),
    _event(
        1750000000002,
        message={"mid": "m2", "attachments": [{"type": "image", "payload": {"url": "https://c/x.jpg"}}]},
    ),
    _event(1750000000003, message={"mid": "m3", "text": "Red", "quick_reply": {"payload": "red"}}),
    _event(1750000000004, postback={"title": "Start", "payload": "start", "mid": "m4"}),
    _event(1750000000006, read={"watermark": 1750000000000, "mid": "m9"}),
]


def _page(object_: str) -> Recorded:
    entries = [
        {"id": "1001", "time": 1750000000000, "messaging": _EVENTS[:3]},
        {"id": "1001", "time": 1750000000001, "messaging": _EVENTS[3:]},
    ]
    items = [
        ("entry", number, "messaging", index)
        for number, entry in enumerate(entries)
        for index in range(len(entry["messaging"]))  # type: ignore[arg-type]
    ]
    kind = "messenger" if object_ == "page" else "instagram"
    return Recorded(kind, {"object": object_, "entry": entries}, tuple(items))


def _line(number: int, message: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "message",
        "mode": "active",
        "timestamp": 1750000000000 + number,
        "source": {"type": "user", "userId": "U4af4980629"},
        "webhookEventId": f"01FZ74A0TDDPYRVKNK77XKC3Z{number}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA",
        "message": message,
    }


_TELEGRAM_HEAD = {
    "message_id": 365,
    "from": {"id": 7001, "is_bot": False, "first_name": "Zoe", "language_code": "en"},
    "chat": {"id": 7001, "first_name": "Zoe", "type": "private"},
    "date": 1750000000,
}

RECORDED: list[Recorded] = [
    Recorded(
        "whatsapp",
        _WHATSAPP,
        (
            *((*_FIRST, "statuses", index) for index in range(3)),
            *((*_SECOND, "messages", index) for index in range(4)),
            (*_THIRD, "statuses", 0),
        ),
        tuple(
            ((*value, member), value)
            for value in (_FIRST, _SECOND, _THIRD)
            for member in ("metadata", "contacts")
        ),
    ),
    _page("page"),
    _page("instagram"),
    Recorded(
        "line",
        {
            "destination": "xxxxxxxxxx",
            "events": [
                _line(1, {"type": "text", "id": "444573844083572737", "text": "hello"}),
                _line(2, {"type": "sticker", "id": "1", "packageId": "446", "stickerId": "1988"}),
                _line(3, {"type": "image", "id": "2", "contentProvider": {"type": "line"}}),
            ],
        },
        (("events", 0), ("events", 1), ("events", 2)),
    ),
    Recorded(
        "telegram",
        {"update_id": 10000, "message": {**_TELEGRAM_HEAD, "text": "hello", "entities": []}},
        ((),),
    ),
    Recorded(
        "telegram",
        {
            "update_id": 10001,
            "message": {
                **_TELEGRAM_HEAD,
                "photo": [{"file_id": "AgAC", "file_unique_id": "A", "file_size": 1101, "width": 90}],
                "caption": "look",
            },
        },
        ((),),
    ),
    Recorded(
        "viber",
        {
            "message_token": 5098034272017990000,
            "message_status": 0,
            "message_time": 1750000000000,
            "phone_number": "380500000001",
            "service_id": 15550001,
        },
        ((),),
    ),
    Recorded(
        "viber",
        {
            "message_token": "5098034272017990001",
            "phone_number": "380500000001",
            "time": 1750000000,
            "service_id": 15550001,
            "message": {"text": "hello", "tracking_data": "order:9"},
        },
        ((),),
    ),
    Recorded(
        "kannel",
        {"reference": "2023071910220142000000001-0-1", "status": "1", "id": "17", "answer": "stat:DELIVRD"},
        ((),),
    ),
]
"""All of them."""
