"""Telegram and LINE, end to end: every MessageType on the phone, and what is refused."""

import json
from typing import Any

import pytest

from tests.model.channel_tables import CONTENT
from tests.sdk.callers import Phones, Sandbox
from tests.sdk.channels import LINE, TELEGRAM, Channel, free

LINK, PREVIEW = "https://a.example/f", "https://a.example/p"
ACTION = {"type": "uri", "label": "Go", "uri": LINK}

# MessageType: Content, what the phone shows, its medium.
ON_TELEGRAM: dict[str, tuple[Any, str, str]] = {
    "text": ({"text": "hi"}, "hi", ""),
    "image": ({"link": LINK, "caption": "look"}, "look", LINK),
    "video": ({"link": LINK}, "", LINK),
    "audio": ({"link": LINK}, "", LINK),
    "document": ({"link": LINK}, "", LINK),
    "gif": ({"link": LINK}, "", LINK),
    "sticker": ({"link": LINK}, "", LINK),
    "location": ({"latitude": "52.5", "longitude": 13.5}, "(52.5, 13.5)", ""),
    "interactive": (
        {"type": "sendPhoto", "sendPhoto": {"photo": LINK, "caption": "21", "chat_id": 1}},
        "21",
        LINK,
    ),
}
ON_LINE: dict[str, tuple[Any, str, str]] = {
    "text": ({"text": "hi"}, "hi", ""),
    "textV2": ({"text": "hi {a}", "substitution": {"a": {"type": "mention"}}}, "hi {a}", ""),
    "image": ({"link": LINK, "previewImageUrl": PREVIEW}, "", LINK),
    "video": ({"link": LINK, "previewImageUrl": PREVIEW}, "", LINK),
    "audio": ({"link": LINK, "duration": "60000"}, "", LINK),
    "buttons": ({"text": "Well?", "actions": [ACTION]}, "Well?", ""),
    "confirm": ({"text": "Sure?", "actions": [ACTION, ACTION]}, "Sure?", ""),
    "carousel": ({"columns": [{"text": "one", "actions": [ACTION]}]}, "one", ""),
    "imageCarousel": (
        {"columns": [{"imageUrl": LINK, "action": ACTION}], "altText": "pictures"},
        "pictures",
        "",
    ),
    "quickReply": ({"text": "Pick", "items": [{"action": ACTION}]}, "Pick", ""),
    "sticker": ({"packageId": "446", "stickerId": 1988}, "[sticker 446/1988]", ""),
    "location": (
        {"title": "T", "address": "A", "latitude": 1.5, "longitude": 2.5},
        "T (1.5, 2.5)",
        "",
    ),
    "coupon": ({"couponId": "c1"}, "[coupon c1]", ""),
    "imagemap": ({"baseUrl": LINK, "altText": "map"}, "map", LINK),
    "flex": ({"contents": {"type": "bubble"}, "altText": "flexible"}, "flexible", ""),
    "interactive": (
        {"messages": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        "a\nb",
        "",
    ),
}
CASES = [
    (channel, kind, row)
    for channel, rows in ((TELEGRAM, ON_TELEGRAM), (LINE, ON_LINE))
    for kind, row in rows.items()
]


def test_every_message_type_is_here() -> None:
    assert ON_TELEGRAM.keys() == CONTENT["telegram"].keys()
    assert ON_LINE.keys() == CONTENT["line"].keys()


@pytest.mark.parametrize(
    ("channel", "kind", "row"), CASES, ids=[f"{channel.name}-{kind}" for channel, kind, _ in CASES]
)
def test_it_reaches_the_phone(
    sandbox: Sandbox, phones: Phones, channel: Channel, kind: str, row: tuple[Any, str, str]
) -> None:
    content, text, media = row
    person = channel.person(phones)
    sandbox.send(**channel.parameters(to=person) | free(kind, content))
    (shown,) = sandbox.phone(person)
    assert (shown["channel"], shown["text"], shown["media"]) == (channel.name, text, media)


@pytest.mark.parametrize(
    ("channel", "kind", "content", "error"),
    [
        (TELEGRAM, "text", {"text": "x" * 4097}, "4096"),
        (TELEGRAM, "interactive", {"type": "getMe", "getMe": {}}, "sendPhoto"),
        (TELEGRAM, "interactive", {"type": "sendPoll"}, "sendPoll"),
        (TELEGRAM, "location", {"latitude": 91, "longitude": 0}, "90"),
        (LINE, "confirm", {"text": "?", "actions": [ACTION] * 3}, "at most 2"),
        (LINE, "carousel", {"columns": [{"text": "x"}]}, "actions"),
        (LINE, "interactive", {"type": "poll"}, "type"),
        (LINE, "interactive", {"messages": [{"type": "text"}] * 6}, "at most 5"),
        (LINE, "video", {"link": LINK}, "previewImageUrl"),
    ],
)
def test_content_is_refused(
    sandbox: Sandbox, phones: Phones, channel: Channel, kind: str, content: Any, error: str
) -> None:
    params = channel.parameters(to=channel.person(phones)) | free(kind, content)
    refused = sandbox.refused(**params)
    assert refused.code == "InvalidParameter.ContentError"
    assert error in refused.message


@pytest.mark.parametrize(("channel", "to"), [(TELEGRAM, "+49 151"), (LINE, "4915112345678")])
def test_a_recipient_of_another_kind_is_refused(sandbox: Sandbox, channel: Channel, to: str) -> None:
    refused = sandbox.refused(**channel.parameters(to=to))
    assert refused.code == "InvalidParameter.PhoneNumberError"
    assert json.dumps(to)[1:-1] in refused.message
