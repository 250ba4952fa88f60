"""The content of every MessageType of every channel but Viber: what it needs, and each limit at its edge.

The table is written from the documentation (send-chatapp-message.md §3 and §4, and each provider's own
limits), not from the code. Viber's own is in `test_content`.
"""

import json
from typing import Any

import pytest

from tests.model.channel_tables import MESSAGE_TYPES
from waypost.model.content.check import check_content

ERROR = "InvalidParameter.ContentError"
NO_TEXT = "InvalidParameter.TextNotEmpty"
NO_LINK = "InvalidParameter.LinkNotEmpty"
LINK = {"link": "https://a.example/f"}
TEXT = {"text": "hello"}
PREVIEW = {**LINK, "previewImageUrl": "https://a.example/p.png"}
NAME = {"formatted_name": "Zoe Z", "first_name": "Zoe"}
REPLY = {"content_type": "text", "title": "Yes", "payload": "y"}
ACTION = {"type": "message", "label": "Yes", "text": "yes"}
PLACE = {"latitude": 52.5, "longitude": 13.4}

# Channel to MessageType to the least content it has: its required fields and nothing else.
LEAST: dict[str, dict[str, dict[str, Any]]] = {
    "whatsapp": {
        "text": TEXT,
        "image": LINK,
        "video": LINK,
        "audio": LINK,
        "document": {**LINK, "fileName": "d.pdf"},
        "interactive": {"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "2"}},
        "location": PLACE,
        "contacts": {"contacts": [{"name": NAME}]},
        "reaction": {"messageId": "wamid.1", "emoji": "😀"},
        "sticker": LINK,
        "typing_indicator": {"messageId": "wamid.1"},
        "pin": {"messageId": "wamid.1"},
        "carousel": {"action": {"cards": [{}, {}]}},
    },
    "messenger": {
        "text": TEXT,
        "image": LINK,
        "video": LINK,
        "document": LINK,
        "audio": LINK,
        "interactive": TEXT,
        "couponTemplate": {"title": "10 % off", "coupon_code": "TEN"},
        "regularTemplate": {"elements": [{"title": "Shoes"}]},
        "quickReply": {**TEXT, "quick_replies": [REPLY]},
        "buttonTemplate": {**TEXT, "buttons": [{"type": "postback", "title": "Yes", "payload": "y"}]},
    },
    "telegram": {
        "text": TEXT,
        "image": LINK,
        "video": LINK,
        "audio": LINK,
        "document": LINK,
        "location": PLACE,
        "gif": LINK,
        "sticker": LINK,
        "interactive": {"type": "sendDice", "sendDice": {"emoji": "🎲"}},
    },
    "line": {
        "text": TEXT,
        "image": PREVIEW,
        "video": PREVIEW,
        "audio": {**LINK, "duration": 1000},
        "buttons": {**TEXT, "actions": [ACTION]},
        "confirm": {**TEXT, "actions": [ACTION, ACTION]},
        "carousel": {"columns": [{**TEXT, "actions": [ACTION]}]},
        "imageCarousel": {"columns": [{"imageUrl": "https://a.example/i.png", "action": ACTION}]},
        "quickReply": {**TEXT, "items": [{"type": "action", "action": ACTION}]},
        "sticker": {"packageId": 446, "stickerId": 1988},
        "location": {"title": "Shop", "address": "1 Main St", **PLACE},
        "textV2": TEXT,
        "coupon": {"couponId": "c"},
        "imagemap": {"baseUrl": "https://a.example/map", "altText": "A map"},
        "flex": {"contents": {"type": "bubble"}, "altText": "A bubble"},
        "interactive": {"type": "text", "text": "hello"},
    },
}
LEAST["instagram"] = LEAST["messenger"]
TYPES = [(channel, kind) for channel, rows in LEAST.items() for kind in rows]
# What the rule as a whole asks for, and not a field by itself; each has rows of its own below or elsewhere.
NOT_BY_ITSELF = {("messenger", "interactive"), ("instagram", "interactive"), ("line", "interactive")}
OF_ITS_PROVIDER = {"coupon_code", "sendDice"}
CODES = {"text": NO_TEXT, "link": NO_LINK}


def check(channel: str, kind: str, content: object) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields, and parameter to code of every fault."""
    fields, faults = check_content(channel, kind, json.dumps(content), None)
    return fields, {fault.parameter: fault.code for fault in faults}


def test_the_message_types_are_the_documented_ones() -> None:
    documented = {channel: set(rows) for channel, rows in LEAST.items()}
    assert {
        channel: set(kinds) for channel, kinds in MESSAGE_TYPES.items() if channel != "viber"
    } == documented


@pytest.mark.parametrize(("channel", "kind"), TYPES)
def test_a_message_with_what_it_needs_passes_as_it_is(channel: str, kind: str) -> None:
    assert check(channel, kind, LEAST[channel][kind]) == (LEAST[channel][kind], {})


@pytest.mark.parametrize(
    ("channel", "kind", "name"),
    [
        (channel, kind, name)
        for channel, kind in TYPES
        if (channel, kind) not in NOT_BY_ITSELF
        for name in LEAST[channel][kind]
        if name not in OF_ITS_PROVIDER
    ],
)
@pytest.mark.parametrize("empty", ["", None], ids=["empty", "null"])
def test_each_required_field_is_missed_by_its_own_code(
    channel: str, kind: str, name: str, empty: str | None
) -> None:
    _, faults = check(channel, kind, {**LEAST[channel][kind], name: empty})
    assert faults == {f"Content.{name}": CODES.get(name, ERROR)}


def _url(length: int) -> str:
    return "https://a.example/".ljust(length, "u")


# (channels, types, field, the last value that passes, the first that does not)
EDGES: list[tuple[str, str, str, Any, Any]] = [
    ("whatsapp", "text", "text", "é" * 4096, "é" * 4097),
    ("whatsapp", "image video document", "caption", "c" * 1024, "c" * 1025),
    ("whatsapp", "document", "fileName", "n" * 240, "n" * 241),
    ("whatsapp", "reaction", "emoji", "😀" * 32, "😀" * 33),
    ("whatsapp", "pin", "expirationDays", 30, 31),
    ("whatsapp", "location", "name", "n" * 1000, "n" * 1001),
    ("whatsapp", "location", "address", "n" * 1000, "n" * 1001),
    ("whatsapp", "contacts", "contacts", [{"name": NAME}] * 257, [{"name": NAME}] * 258),
    ("whatsapp", "carousel", "body", {"text": "b" * 1024}, {"text": "b" * 1025}),
    ("whatsapp telegram line", "location", "latitude", 90, 90.1),
    ("whatsapp telegram line", "location", "latitude", "-90", "-90.1"),
    ("whatsapp telegram line", "location", "longitude", 180, 181),
    ("whatsapp telegram line", "location", "longitude", "-180.0", "-180.5"),
    ("messenger", "text quickReply interactive", "text", "é" * 2000, "é" * 2001),
    ("instagram", "text quickReply interactive", "text", "é" * 500, "é" * 500 + "e"),
    ("messenger instagram", "buttonTemplate", "text", "é" * 640, "é" * 641),
    ("messenger instagram", "buttonTemplate", "buttons", [{"type": "a"}] * 3, [{"type": "a"}] * 4),
    (
        "messenger instagram",
        "buttonTemplate",
        "buttons",
        [{"type": "a", "title": "t" * 20}],
        [{"type": "a", "title": "t" * 21}],
    ),
    ("messenger instagram", "quickReply", "quick_replies", [REPLY] * 13, [REPLY] * 14),
    (
        "messenger instagram",
        "quickReply interactive",
        "quick_replies",
        [REPLY | {"title": "t" * 20}],
        [REPLY | {"title": "t" * 21}],
    ),
    ("messenger instagram", "couponTemplate", "title", "t" * 80, "t" * 81),
    ("messenger instagram", "regularTemplate", "elements", [{"title": "t"}] * 10, [{"title": "t"}] * 11),
    (
        "messenger instagram",
        "regularTemplate",
        "elements",
        [{"title": "t" * 80, "subtitle": "s" * 80, "buttons": [{}] * 3}],
        [{"title": "t" * 81}],
    ),
    (
        "messenger instagram",
        "regularTemplate",
        "elements",
        [{"title": "t", "buttons": []}],
        [{"title": "t", "subtitle": "s" * 81}],
    ),
    (
        "messenger instagram",
        "regularTemplate",
        "elements",
        [{"title": "t", "buttons": None}],
        [{"title": "t", "buttons": [{}] * 4}],
    ),
    ("telegram", "text", "text", "é" * 4096, "é" * 4097),
    ("telegram", "image video audio document gif", "caption", "c" * 1024, "c" * 1025),
    ("line", "text textV2 quickReply", "text", "t" * 5000, "t" * 5001),
    ("line", "buttons", "text", "t" * 160, "t" * 161),
    ("line", "confirm", "text", "t" * 240, "t" * 241),
    ("line", "buttons", "title", "t" * 40, "t" * 41),
    ("line", "buttons", "actions", [ACTION] * 4, [ACTION] * 5),
    ("line", "confirm", "actions", [ACTION] * 2, [ACTION] * 3),
    ("line", "buttons confirm carousel imageCarousel imagemap flex", "altText", "a" * 1500, "a" * 1501),
    (
        "line",
        "carousel",
        "columns",
        LEAST["line"]["carousel"]["columns"] * 10,
        LEAST["line"]["carousel"]["columns"] * 11,
    ),
    ("line", "quickReply", "items", [{"action": ACTION}] * 13, [{"action": ACTION}] * 14),
    ("line", "image video audio", "link", _url(2000), _url(2001)),
    ("line", "image video", "previewImageUrl", _url(2000), _url(2001)),
    ("line", "buttons", "thumbnailImageUrl", _url(2000), _url(2001)),
    ("line", "imagemap", "baseUrl", _url(2000), _url(2001)),
    ("line", "location", "title", "t" * 100, "t" * 101),
    ("line", "location", "address", "t" * 100, "t" * 101),
    ("line", "audio", "duration", 86_400_000, 86_400_001),
    ("line", "interactive", "messages", [{"type": "text"}] * 5, [{"type": "text"}] * 6),
]
EDGE_ROWS = [
    (channel, kind, name, last, first)
    for channels, kinds, name, last, first in EDGES
    for channel in channels.split()
    for kind in kinds.split()
]
edge_rows = pytest.mark.parametrize(
    ("channel", "kind", "name", "last", "first"), EDGE_ROWS, ids=["-".join(row[:3]) for row in EDGE_ROWS]
)


@edge_rows
def test_a_value_at_its_limit_passes(channel: str, kind: str, name: str, last: Any, first: Any) -> None:
    fields, faults = check(channel, kind, {**LEAST[channel][kind], name: last})
    assert faults == {}
    assert fields[name] == (float(last) if name in ("latitude", "longitude") else last)


@edge_rows
def test_a_value_one_past_its_limit_is_refused_by_name(
    channel: str, kind: str, name: str, last: Any, first: Any
) -> None:
    _, faults = check(channel, kind, {**LEAST[channel][kind], name: first})
    assert faults == {f"Content.{name}": ERROR}


# (channel, type, what is sent beside the least content, the parameter at fault)
WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("whatsapp", "text", {"previewUrl": 1}, "previewUrl"),
    ("whatsapp", "text", {"previewUrl": "maybe"}, "previewUrl"),
    ("whatsapp", "text", {"text": 7}, "text"),
    ("whatsapp", "image", {"link": "cdn.example/i.png"}, "link"),
    ("whatsapp", "location", {"latitude": True}, "latitude"),
    ("whatsapp", "location", {"longitude": "1e2"}, "longitude"),
    ("whatsapp", "pin", {"expirationDays": 0}, "expirationDays"),
    ("whatsapp", "interactive", {"action": "reply"}, "action"),
    ("whatsapp", "contacts", {"contacts": [{"name": "Zoe"}]}, "contacts"),
    ("whatsapp", "contacts", {"contacts": [{"name": {"first_name": "Zoe", "last_name": "Z"}}]}, "contacts"),
    ("whatsapp", "carousel", {"body": {"text": ""}}, "body"),
    ("messenger", "interactive", {"attachment": {"type": "image"}}, "text"),
    ("messenger", "interactive", {"quick_replies": [{"title": "Yes"}]}, "quick_replies"),
    ("messenger", "quickReply", {"quick_replies": [{"content_type": "text"}]}, "quick_replies"),
    ("messenger", "quickReply", {"quick_replies": "yes"}, "quick_replies"),
    ("messenger", "couponTemplate", {"coupon_code": ""}, "coupon_code"),
    ("messenger", "regularTemplate", {"elements": [{"title": "t", "buttons": "b"}]}, "elements"),
    ("messenger", "regularTemplate", {"elements": [{"title": "t"}, {"subtitle": "s"}]}, "elements"),
    ("messenger", "buttonTemplate", {"buttons": [{"title": "Yes"}]}, "buttons"),
    ("messenger", "buttonTemplate", {"buttons": [{"type": "a", "title": 7}]}, "buttons"),
    ("telegram", "interactive", {"type": "sendDice", "sendDice": []}, "sendDice"),
    ("telegram", "interactive", {"type": "sendPhoto"}, "sendPhoto"),
    ("telegram", "interactive", {"type": "deleteMessage"}, "type"),
    ("telegram", "location", {"latitude": "north"}, "latitude"),
    ("line", "audio", {"duration": 0}, "duration"),
    ("line", "sticker", {"packageId": "wave"}, "packageId"),
    ("line", "carousel", {"columns": [TEXT]}, "columns"),
    ("line", "imageCarousel", {"columns": [{"imageUrl": "https://a.example/i.png"}]}, "columns"),
    ("line", "quickReply", {"items": [{"type": "action"}]}, "items"),
    ("line", "flex", {"contents": {"body": {}}}, "contents"),
    ("line", "flex", {"contents": [{"type": "bubble"}]}, "contents"),
    ("line", "textV2", {"substitution": "me"}, "substitution"),
    ("line", "interactive", {"type": "poll"}, "type"),
    ("line", "interactive", {"messages": [{"type": "text"}, {"text": "x"}]}, "messages"),
    ("line", "interactive", {"messages": []}, "messages"),
]


@pytest.mark.parametrize(
    ("channel", "kind", "changes", "name"),
    WRONG,
    ids=[f"{channel}-{kind}-{ascii(changes)[:40]}" for channel, kind, changes, _ in WRONG],
)
def test_what_is_wrong_with_a_message_is_named(
    channel: str, kind: str, changes: dict[str, Any], name: str
) -> None:
    _, faults = check(channel, kind, {**LEAST[channel][kind], **changes})
    assert faults == {f"Content.{name}": ERROR}


# (channel, type, what is sent, what is kept of it)
STORED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("whatsapp", "text", {**TEXT, "previewUrl": "False"}, {**TEXT, "previewUrl": False}),
    ("whatsapp", "text", {**TEXT, "previewUrl": False}, {**TEXT, "previewUrl": False}),
    ("whatsapp", "sticker", {**LINK, "caption": "c"}, LINK),
    (
        "whatsapp",
        "carousel",
        {"action": {"cards": [{}]}, "body": TEXT, "footer": {"text": "f"}, "header": {"type": "text"}},
        {"action": {"cards": [{}]}, "body": TEXT},
    ),
    ("whatsapp", "typing_indicator", {"MESSAGEID": "wamid.1"}, {"messageId": "wamid.1"}),
    ("whatsapp", "location", {"latitude": "+1.50", "longitude": -3}, {"latitude": 1.5, "longitude": -3}),
    ("messenger", "image", {**LINK, "text": "ignored"}, LINK),
    ("messenger", "interactive", {**TEXT, "metadata": "kept"}, {**TEXT, "metadata": "kept"}),
    (
        "messenger",
        "couponTemplate",
        {"title": "t", "coupon_url": "https://a.example"},
        {"title": "t", "coupon_url": "https://a.example"},
    ),
    (
        "messenger",
        "interactive",
        {"attachment": {"type": "like_heart"}},
        {"attachment": {"type": "like_heart"}},
    ),
    (
        "instagram",
        "quickReply",
        {**TEXT, "quick_replies": [{"content_type": "user_phone_number"}]},
        {**TEXT, "quick_replies": [{"content_type": "user_phone_number"}]},
    ),
    (
        "telegram",
        "interactive",
        {"type": "SendPhoto", "SendPhoto": {}},
        {"type": "SendPhoto", "SendPhoto": {}},
    ),
    ("line", "sticker", {"packageId": "446", "stickerId": "1988"}, {"packageId": 446, "stickerId": 1988}),
    (
        "line",
        "imagemap",
        {**LEAST["line"]["imagemap"], "actions": [1]},
        {**LEAST["line"]["imagemap"], "actions": [1]},
    ),
    (
        "line",
        "interactive",
        {"messages": [{"type": "flex"}, {"type": "sticker"}]},
        {"messages": [{"type": "flex"}, {"type": "sticker"}]},
    ),
    ("line", "text", {**TEXT, "emojis": [1]}, TEXT),
]


@pytest.mark.parametrize(
    ("channel", "kind", "sent", "kept"),
    STORED,
    ids=[f"{channel}-{kind}-{ascii(sent)[:40]}" for channel, kind, sent, _ in STORED],
)
def test_what_is_kept_of_a_message(
    channel: str, kind: str, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert check(channel, kind, sent) == (kept, {})


def test_a_messenger_attachment_is_one_of_metas_types() -> None:
    _, (fault,) = check_content("messenger", "interactive", '{"attachment":{"type":"poll"}}', None)
    assert (fault.code, fault.parameter, fault.message) == (
        ERROR,
        "Content.attachment",
        "`attachment.type` is 'poll'; one of MEDIA_SHARE, audio, file, image, like_heart, template, video is "
        "needed.",
    )


@pytest.mark.parametrize("channel", LEAST)
def test_the_label_of_viber_limits_no_other_channel(channel: str) -> None:
    for kind, content in LEAST[channel].items():
        assert check_content(channel, kind, json.dumps(content), "transaction")[1] == []
