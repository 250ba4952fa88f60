"""WhatsApp's rows of the content table: what each takes, and what it refuses."""

import json
from typing import Any

import pytest

from waypost.model.content.check import check_content

LINK = "https://a.example/f"
NAME = {"formatted_name": "Zoe Z", "first_name": "Zoe"}
BUTTONS = {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Yes"}}]}


def check(message_type: str, content: Any) -> tuple[dict[str, Any], list[str]]:
    fields, faults = check_content("whatsapp", message_type, json.dumps(content), None)
    return fields, [fault.parameter for fault in faults]


@pytest.mark.parametrize(
    ("message_type", "content", "fields"),
    [
        ("text", {"text": "x" * 4096, "previewUrl": "TRUE"}, {"text": "x" * 4096, "previewUrl": True}),
        ("document", {"link": LINK, "filename": "a"}, {"link": LINK, "fileName": "a"}),
        ("audio", {"link": LINK, "caption": "ignored"}, {"link": LINK}),
        ("location", {"latitude": "-90", "longitude": 13.5}, {"latitude": -90.0, "longitude": 13.5}),
        ("contacts", [{"name": NAME}], {"contacts": [{"name": NAME}]}),
        ("contacts", {"contacts": [{"name": NAME}]}, {"contacts": [{"name": NAME}]}),
        (
            "interactive",
            {"type": "BUTTON", "body": {"text": "?"}, "action": BUTTONS},
            {"type": "button", "body": {"text": "?"}, "action": BUTTONS},
        ),
    ],
)
def test_taken(message_type: str, content: Any, fields: dict[str, Any]) -> None:
    assert check(message_type, content) == (fields, [])


@pytest.mark.parametrize(
    ("message_type", "content", "wrong"),
    [
        ("text", {"text": "x" * 4097}, ["text"]),
        ("text", {"text": "x", "previewUrl": "perhaps"}, ["previewUrl"]),
        ("image", {"link": LINK, "caption": "x" * 1025}, ["caption"]),
        ("document", {"link": LINK}, ["fileName"]),
        ("location", {"latitude": 91, "longitude": "east"}, ["longitude", "latitude"]),
        ("contacts", [], ["contacts"]),
        ("contacts", ["Zoe"], ["contacts"]),
        ("contacts", [{"phones": []}], ["contacts"]),
        ("contacts", [{"name": {"formatted_name": "Zoe"}}], ["contacts"]),
        ("text", [], None),
        ("interactive", {}, ["type", "action"]),
        ("interactive", {"type": "poll", "action": {}}, ["type"]),
        ("interactive", {"type": "button", "body": {"text": "?"}, "action": {"x": 1}}, ["action"]),
        ("interactive", {"type": "button", "body": {"text": "x" * 1025}, "action": BUTTONS}, ["body"]),
        (
            "interactive",
            {"type": "button", "body": {"text": "?"}, "action": {"buttons": [{}] * 4}},
            ["action"],
        ),
        ("interactive", {"type": "list", "action": {"button": "b", "sections": "s"}}, ["body", "action"]),
        (
            "interactive",
            {"type": "product_list", "body": {"text": "?"}, "action": {"catalog_id": "1", "sections": [{}]}},
            ["header"],
        ),
        (
            "interactive",
            {
                "type": "product",
                "header": {"type": "text"},
                "action": {"catalog_id": "1", "product_retailer_id": "2"},
            },
            ["header"],
        ),
        ("carousel", {"action": {"x": 1}}, ["action"]),
        ("interactive", {"type": "flow", "body": {"text": "?"}, "action": {"parameters": "a\0"}}, ["action"]),
    ],
)
def test_refused(message_type: str, content: Any, wrong: list[str] | None) -> None:
    _, found = check(message_type, content)
    assert found == (["Content"] if wrong is None else [f"Content.{name}" for name in wrong])
