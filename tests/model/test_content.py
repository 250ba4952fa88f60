"""The content of a message, checked against the table."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.channel_tables import CONTENT, MESSAGE_TYPES
from waypost.model.content.check import check_content, check_members, render_plain_text
from waypost.model.content.viber import VIBER_FILE_TYPES

ERROR = "InvalidParameter.ContentError"
NO_TEXT = "InvalidParameter.TextNotEmpty"
NO_LINK = "InvalidParameter.LinkNotEmpty"
WRONG_TYPE = "InvalidParameter.MessageTypeNotSupport"

VIDEO = {
    "link": "https://cdn.example/v.mp4",
    "thumbnail": "https://cdn.example/t.jpg",
    "fileSize": 1048576,
    "duration": 30,
}
GOOD: dict[str, dict[str, Any]] = {
    "text": {"text": "hello"},
    "image": {"link": "https://cdn.example/i.png"},
    "video": VIDEO,
    "document": {"link": "https://cdn.example/d.pdf", "fileName": "d.pdf", "fileType": "pdf"},
    "text_button": {"text": "hello", "caption": "Open", "action": "https://shop.example"},
    "text_image_button": {
        "text": "hello",
        "link": "https://cdn.example/i.png",
        "caption": "Open",
        "action": "https://shop.example/?a=b#c",
    },
    "text_video": {"text": "hello", **VIDEO},
    "text_video_button": {"text": "hello", **VIDEO, "caption": "Open"},
    "text_image": {"text": "hello", "link": "https://cdn.example/i.png"},
}


def codes(message_type: str, content: object, label: str = "promotion") -> dict[str, str]:
    """Parameter to code of every fault."""
    _, faults = check_content("viber", message_type, json.dumps(content), label)
    return {fault.parameter: fault.code for fault in faults}


def test_the_table_has_the_nine_types_of_viber() -> None:
    assert MESSAGE_TYPES["viber"] == tuple(GOOD)
    assert set(CONTENT) == set(MESSAGE_TYPES)


@pytest.mark.parametrize("message_type", GOOD)
def test_each_type_passes_with_its_required_fields(message_type: str) -> None:
    content = GOOD[message_type]
    assert check_content("viber", message_type, json.dumps(content), "promotion") == (content, [])


@pytest.mark.parametrize(
    ("message_type", "name"),
    [(message_type, name) for message_type, content in GOOD.items() for name in content],
)
@pytest.mark.parametrize("empty", ["absent", "", None])
def test_each_required_field_is_missed_by_its_own_code(
    message_type: str, name: str, empty: str | None
) -> None:
    content = {**GOOD[message_type], name: empty}
    if empty == "absent":
        del content[name]
    code = {"text": NO_TEXT, "link": NO_LINK}.get(name, ERROR)
    assert codes(message_type, content) == {f"Content.{name}": code}


def test_the_error_names_the_missing_field_and_the_message_type() -> None:
    _, (fault,) = check_content("viber", "image", "{}", "promotion")
    assert (fault.code, fault.parameter) == (NO_LINK, "Content.link")
    assert fault.message == "`link` is missing or empty; MessageType image needs it."


def test_what_live_callers_send_beside_a_text_is_ignored() -> None:
    sent = '{"text":"hi","link":"","caption":"","fileName":"","previewUrl":true,"x":{"deep":[1]}}'
    assert check_content("viber", "text", sent, "promotion") == ({"text": "hi"}, [])


def test_a_field_of_another_type_is_ignored() -> None:
    assert check_content("viber", "text", '{"text":"hi","link":"not a url"}', "promotion") == (
        {"text": "hi"},
        [],
    )


@pytest.mark.parametrize("spelling", ["fileName", "FileName", "filename", "FILENAME"])
def test_names_are_read_in_any_case(spelling: str) -> None:
    content = {"Link": "https://cdn.example/d.pdf", spelling: "d.pdf", "FILETYPE": "pdf"}
    assert check_content("viber", "document", json.dumps(content), "promotion") == (GOOD["document"], [])


@pytest.mark.parametrize(
    ("message_type", "name", "value", "kept"),
    [
        ("video", "fileSize", "1024", 1024),
        ("video", "fileSize", 1024.0, 1024),
        ("video", "fileSize", 200 * 1024 * 1024, 200 * 1024 * 1024),
        ("video", "duration", "30.5", 31),
        ("video", "duration", 0.4, 1),
        ("video", "duration", 599.5, 600),
        ("video", "fileSize", 0.5, 1),
        ("video", "fileSize", "1.5", 2),
        ("video", "duration", 600, 600),
        ("document", "fileType", "PDF", "pdf"),
        ("document", "fileType", ".Docx", "docx"),
        ("document", "fileName", "a" * 25, "a" * 25),
        ("text", "text", "é" * 1000, "é" * 1000),
        ("text", "text", "😀" * 1000, "😀" * 1000),
        ("text_button", "caption", "c" * 30, "c" * 30),
        ("text_button", "action", "HTTPS://Shop.example", "https://Shop.example"),
        ("text_button", "action", "Http://shop.example", "http://shop.example"),
        ("image", "link", "HTTPS://a.example/i.png", "https://a.example/i.png"),
        ("video", "link", "http://user@[::1]:8080/i.mp4", "http://user@[::1]:8080/i.mp4"),
        ("image", "link", "https://例子.example/图.png?a=1#b", "https://例子.example/图.png?a=1#b"),
        ("video", "thumbnail", "https://a.b/" + "t" * 988, "https://a.b/" + "t" * 988),
    ],
)
def test_values_up_to_their_limit_pass(message_type: str, name: str, value: object, kept: object) -> None:
    content = {**GOOD[message_type], name: value}
    fields, faults = check_content("viber", message_type, json.dumps(content), "promotion")
    assert faults == []
    assert fields[name] == kept
    assert type(fields[name]) is type(kept)


@pytest.mark.parametrize(
    ("message_type", "name", "value"),
    [
        ("text", "text", "a" * 1001),
        ("text", "text", 12),
        ("text", "text", ["a"]),
        ("text", "text", "a\x00b"),
        ("text_button", "caption", "c" * 31),
        ("text_button", "action", "tel:123"),
        ("text_button", "action", "javascript:alert(1)"),
        ("image", "link", "ftp://cdn.example/i.png"),
        ("image", "link", "cdn.example/i.png"),
        ("image", "link", "http://cdn.example/i.png"),
        ("text_image", "link", "HTTP://cdn.example/i.png"),
        ("image", "link", "https://"),
        ("image", "link", "https:///i.png"),
        ("image", "link", "https://:80/i.png"),
        ("image", "link", "https://cdn.example/a b.png"),
        ("image", "link", "https://cdn.example/i.png\n"),
        ("image", "link", " https://cdn.example/i.png"),
        ("video", "thumbnail", "https://a.b/" + "t" * 989),
        ("video", "fileSize", 200 * 1024 * 1024 + 1),
        ("video", "fileSize", 0),
        ("video", "fileSize", -1),
        ("video", "fileSize", "5 MB"),
        ("video", "fileSize", "1e3"),
        ("video", "fileSize", "٣"),
        ("video", "fileSize", True),
        ("video", "fileSize", {}),
        ("video", "fileSize", 10**400),
        ("video", "duration", 600.5),
        ("video", "duration", "601"),
        ("document", "fileType", "exe"),
        ("document", "fileType", ".."),
        ("document", "fileName", "a" * 26),
    ],
)
def test_values_past_their_limit_are_refused(message_type: str, name: str, value: object) -> None:
    assert codes(message_type, {**GOOD[message_type], name: value}) == {f"Content.{name}": ERROR}


@pytest.mark.parametrize("file_type", sorted(VIBER_FILE_TYPES))
def test_every_documented_file_type_passes(file_type: str) -> None:
    assert codes("document", {**GOOD["document"], "fileType": file_type.upper()}) == {}


@pytest.mark.parametrize(
    ("action", "kept"),
    [("https://shop.example", True), ("", False), (None, False), ("no url", False), (7, False)],
)
def test_the_action_of_a_video_button_never_refuses_a_call(action: object, kept: bool) -> None:
    content = {**GOOD["text_video_button"], "action": action}
    fields, faults = check_content("viber", "text_video_button", json.dumps(content), "promotion")
    assert faults == []
    assert fields == (content if kept else GOOD["text_video_button"])


def test_all_faults_are_returned_at_once() -> None:
    content = {"text": "a" * 1001, "thumbnail": "x", "fileSize": "big", "duration": 601}
    assert codes("text_video_button", content, "transaction") == {
        "Content.text": ERROR,
        "Content.link": NO_LINK,
        "Content.thumbnail": ERROR,
        "Content.fileSize": ERROR,
        "Content.duration": ERROR,
        "Content.caption": ERROR,
        "Label": WRONG_TYPE,
    }


@pytest.mark.parametrize("content", [None, "", "  \n"])
def test_no_content_has_a_code_of_its_own(content: str | None) -> None:
    fields, (fault,) = check_content("viber", "text", content, "promotion")
    assert (fields, fault.code, fault.parameter) == ({}, "InvalidParameter.ContentNotEmpty", "Content")


@pytest.mark.parametrize(
    "content",
    [
        "hello",
        "[object Object]",
        "{'text': 'hi'}",
        '{"text":"hi"',
        '{"text":"hi"}}',
        '["hi"]',
        '"hi"',
        "null",
        "12",
        '{"text":NaN}',
        '{"text":"\\ud83d"}',
        '{"text":"\\udc00"}',
        '{"text":"\ud83d"}',
        '{"text":1e400}',
        '{"text":' + "9" * 5000 + "}",
        '{"a":' * 5000,
        '{"text":' + "[" * 900 + "]" * 900 + "}",
    ],
    ids=lambda content: ascii(content[:16]),
)
def test_what_is_no_json_object_is_a_content_error(content: str) -> None:
    fields, (fault,) = check_content("viber", "text", content, "promotion")
    assert (fields, fault.code) == ({}, ERROR)


def test_a_content_that_cannot_be_read_hides_no_other_fault() -> None:
    _, faults = check_content("viber", "image", "{", "transaction")
    assert [fault.parameter for fault in faults] == ["Content", "Label"]


def test_single_quotes_are_named_as_the_cause() -> None:
    _, (fault,) = check_content("viber", "text", "{'text': 'hi'}", "promotion")
    assert "double quotes" in fault.message


@pytest.mark.parametrize("message_type", GOOD)
def test_a_transaction_is_text_alone(message_type: str) -> None:
    expected = {} if message_type == "text" else {"Label": WRONG_TYPE}
    assert codes(message_type, GOOD[message_type], "transaction") == expected
    assert codes(message_type, GOOD[message_type], "TRANSACTION") == expected


@pytest.mark.parametrize(
    ("channel", "message_type", "code", "parameter"),
    [
        ("pager", "text", "InvalidParameter.ChannelTypeNotSupport", "ChannelType"),
        ("viber", "sticker", WRONG_TYPE, "MessageType"),
        ("viber", "Text", WRONG_TYPE, "MessageType"),
    ],
)
def test_what_the_table_does_not_have_is_refused(
    channel: str, message_type: str, code: str, parameter: str
) -> None:
    for check in (
        check_content(channel, message_type, "{}", None),
        check_members(channel, message_type, {}, None),
    ):
        fields, (fault,) = check
        assert (fields, fault.code, fault.parameter) == ({}, code, parameter)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["text", "Text", "link", "thumbnail", "fileSize", "duration", "fileName", "action", "caption"]
)


@given(
    st.sampled_from(sorted(GOOD)),
    st.text() | JSON.map(json.dumps) | st.dictionaries(NAMES, JSON).map(json.dumps),
)
def test_any_content_gets_an_answer_that_can_be_stored_and_sent(message_type: str, content: str) -> None:
    fields, faults = check_content("viber", message_type, content, "promotion")
    for value in fields.values():
        assert "\x00" not in str(value).encode().decode()
    if not faults:
        assert set(GOOD[message_type]) <= set(fields)
    assert all(fault.message.endswith(".") and fault.message.isprintable() for fault in faults)


@given(st.text(st.characters(categories=["L"]), min_size=1001, max_size=1100))
def test_an_error_never_holds_a_whole_message(text: str) -> None:
    _, (fault,) = check_content("viber", "text", json.dumps({"text": text}), "promotion")
    shown = re.search(r"'(.*)'", fault.message)
    assert shown is not None
    assert len(shown[1]) <= 40
    assert text[:41] not in fault.message


@pytest.mark.parametrize(
    ("message_type", "content", "sms"),
    [
        ("text_image_button", GOOD["text_image_button"], "hello"),
        ("image", {"link": "https://cdn.example/i.png"}, "https://cdn.example/i.png"),
        ("image", {"link": "https://cdn.example/i.png", "caption": "Look"}, "Look"),
        ("video", VIDEO, "https://cdn.example/v.mp4"),
        ("document", GOOD["document"], "https://cdn.example/d.pdf"),
        ("document", {"fileName": "d.pdf"}, "d.pdf"),
        ("location", {"latitude": 1.5}, "[location]"),
    ],
)
def test_a_fallback_sends_the_most_informative_text(
    message_type: str, content: dict[str, Any], sms: str
) -> None:
    assert render_plain_text(message_type, content) == sms


@pytest.mark.parametrize("message_type", GOOD)
def test_a_fallback_is_never_empty(message_type: str) -> None:
    assert render_plain_text(message_type, GOOD[message_type]).strip()
