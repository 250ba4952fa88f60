"""Every bad value is refused with its documented code, HTTP 400, and a message that helps."""

import json
from typing import Any

import pytest

from tests.sdk.callers import FREE, TEMPLATE, Phones, Sandbox

VIDEO: dict[str, Any] = {
    "link": "https://files.example.com/a.mp4",
    "thumbnail": "https://files.example.com/t.jpg",
    "fileSize": 10_000,
    "duration": 30,
}
DOCUMENT = {"link": "https://files.example.com/a.pdf", "fileName": "a.pdf", "fileType": "pdf"}
NOT_YOURS = "Unknown.ResourceOwnerId"


def content(**members: Any) -> dict[str, Any]:
    return {"content": json.dumps(members)}


def typed(message_type: str, **members: Any) -> dict[str, Any]:
    return {"message_type": message_type, **content(**members)}


# What is changed in a good call, the code, and what the message must contain.
FREE_FAULTS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"channel_type": None}, "MissingChannelType", ["ChannelType", "missing"]),
    ({"channel_type": ""}, "MissingChannelType", ["ChannelType", "missing"]),
    (
        {"channel_type": "pigeon"},
        "InvalidParameter.ChannelTypeNotSupport",
        ["ChannelType", "pigeon", "viber"],
    ),
    ({"channel_type": "wechat"}, "InvalidParameter.ChannelTypeNotSupport", ["wechat", "viber"]),
    ({"type": None}, "MissingType", ["Type is mandatory", "missing"]),
    ({"type": ""}, "MissingType", ["Type is mandatory", "missing"]),
    ({"type": "letter"}, "InvalidType", ["Type", "letter", "template, message"]),
    ({"message_type": None}, "InvalidParameter.MessageTypeNotEmpty", ["MessageType", "Type=message"]),
    ({"message_type": ""}, "InvalidParameter.MessageTypeNotEmpty", ["MessageType", "Type=message"]),
    (
        {"message_type": "audio"},
        "InvalidParameter.MessageTypeNotSupport",
        ["MessageType", "audio", "text_video"],
    ),
    ({"from_": None}, "MissingFrom", ["From", "missing"]),
    ({"from_": ""}, "MissingFrom", ["From", "missing"]),
    ({"from_": "+20001"}, "InvalidParameter.FromOnlyNumeric", ["From", "+20001", "digits"]),
    ({"from_": "brand"}, "InvalidParameter.FromOnlyNumeric", ["From", "brand", "digits"]),
    ({"from_": "２０００１"}, "InvalidParameter.FromOnlyNumeric", ["From", "digits"]),
    ({"to": None}, "MissingTo", ["To", "missing"]),
    ({"to": ""}, "MissingTo", ["To", "missing"]),
    ({"to": "+8613900000000"}, "InvalidParameter.ToOnlyNumeric", ["To", "+8613900000000", "without '+'"]),
    ({"to": "86 139"}, "InvalidParameter.ToOnlyNumeric", ["To", "86 139", "digits"]),
    ({"to": "123456"}, "InvalidParameter.PhoneNumberError", ["To", "123456", "7 to 15"]),
    ({"to": "1234567890123456"}, "InvalidParameter.PhoneNumberError", ["To", "7 to 15"]),
    ({"to": "0139000000000"}, "InvalidParameter.PhoneNumberError", ["To", "0139000000000", "not 0"]),
    ({"to": "999123456789"}, "InvalidParameter.PhoneNumberError", ["To", "999123456789", "country"]),
    ({"label": None}, "MissingLabel", ["Label", "ChannelType=viber"]),
    ({"label": ""}, "MissingLabel", ["Label", "ChannelType=viber"]),
    ({"label": "spam"}, "InvalidLabel", ["Label", "spam", "promotion, transaction"]),
    ({"ttl": 29}, "InvalidTtl", ["Ttl", "29", "30 to 1209600"]),
    ({"ttl": 1_209_601}, "InvalidTtl", ["Ttl", "1209601", "30 to 1209600"]),
    ({"ttl": -1}, "InvalidTtl", ["Ttl", "-1", "30 to 1209600"]),
    ({"ttl": "soon"}, "InvalidTtl", ["Ttl", "soon", "whole number"]),
    ({"ttl": "50.5"}, "InvalidTtl", ["Ttl", "50.5", "whole number"]),
    ({"fall_back_duration": 59}, "InvalidFallBackDuration", ["FallBackDuration", "59", "60 to 43200"]),
    ({"fall_back_duration": 43_201}, "InvalidFallBackDuration", ["FallBackDuration", "43201", "60 to 43200"]),
    ({"fall_back_duration": "x"}, "InvalidFallBackDuration", ["FallBackDuration", "'x'", "60 to 43200"]),
    (
        {"fall_back_rule": "never"},
        "InvalidFallBackRule",
        ["FallBackRule", "never", "undelivered, sentFailed"],
    ),
    ({"fall_back_id": "S_999999"}, NOT_YOURS, ["FallBackId", "S_999999", "policy of this account"]),
    ({"cust_space_id": "cams-x"}, NOT_YOURS, ["CustSpaceId", "cams-x", "space of this account"]),
    ({"from_": "99999"}, NOT_YOURS, ["From", "99999", "sender of this account"]),
]

CONTENT_FAULTS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"content": None}, "InvalidParameter.ContentNotEmpty", ["Content", "Type=message"]),
    ({"content": ""}, "InvalidParameter.ContentNotEmpty", ["Content", "Type=message"]),
    ({"content": "hello"}, "InvalidParameter.ContentError", ["Content", "hello", "JSON"]),
    ({"content": "{'text': 'hello'}"}, "InvalidParameter.ContentError", ["Content", "double quotes"]),
    ({"content": "[object Object]"}, "InvalidParameter.ContentError", ["Content", "[object Object]", "JSON"]),
    ({"content": "[]"}, "InvalidParameter.ContentError", ["Content", "object"]),
    ({"content": '{"text":'}, "InvalidParameter.ContentError", ["Content", "JSON"]),
    ({"content": "[" * 5000}, "InvalidParameter.ContentError", ["Content", "JSON"]),
    (content(), "InvalidParameter.TextNotEmpty", ["Content.text", "missing", "text"]),
    (content(text=""), "InvalidParameter.TextNotEmpty", ["Content.text", "empty"]),
    (content(text=None), "InvalidParameter.TextNotEmpty", ["Content.text", "empty"]),
    (content(text=7), "InvalidParameter.ContentError", ["Content.text", "7", "string"]),
    (content(text="x" * 1001), "InvalidParameter.ContentError", ["Content.text", "1001", "at most 1000"]),
    (typed("image"), "InvalidParameter.LinkNotEmpty", ["Content.link", "missing"]),
    (typed("image", link="ftp://a"), "InvalidParameter.ContentError", ["Content.link", "ftp://a", "http"]),
    (typed("video", **{**VIDEO, "link": ""}), "InvalidParameter.LinkNotEmpty", ["Content.link"]),
    (typed("video", **{**VIDEO, "thumbnail": ""}), "InvalidParameter.ContentError", ["Content.thumbnail"]),
    (
        typed("video", **{**VIDEO, "fileSize": 0}),
        "InvalidParameter.ContentError",
        ["Content.fileSize", "more than 0"],
    ),
    (
        typed("video", **{**VIDEO, "fileSize": 1 << 30}),
        "InvalidParameter.ContentError",
        ["Content.fileSize", "209715200"],
    ),
    (
        typed("video", **{**VIDEO, "duration": 601}),
        "InvalidParameter.ContentError",
        ["Content.duration", "601", "600 seconds"],
    ),
    (
        typed("video", **{**VIDEO, "duration": "long"}),
        "InvalidParameter.ContentError",
        ["Content.duration", "long", "number"],
    ),
    (typed("document", **{**DOCUMENT, "link": ""}), "InvalidParameter.LinkNotEmpty", ["Content.link"]),
    (
        typed("document", **{**DOCUMENT, "fileName": ""}),
        "InvalidParameter.ContentError",
        ["Content.fileName", "missing"],
    ),
    (
        typed("document", **{**DOCUMENT, "fileName": "a" * 26}),
        "InvalidParameter.ContentError",
        ["Content.fileName", "26", "25"],
    ),
    (
        typed("document", **{**DOCUMENT, "fileType": "exe"}),
        "InvalidParameter.ContentError",
        ["Content.fileType", "exe", "pdf"],
    ),
    (
        typed("text_button", text="a", action="https://a.example"),
        "InvalidParameter.ContentError",
        ["Content.caption"],
    ),
    (typed("text_button", text="a", caption="b"), "InvalidParameter.ContentError", ["Content.action"]),
    (
        typed("text_button", text="a", caption="b" * 31, action="https://a.example"),
        "InvalidParameter.ContentError",
        ["Content.caption", "31", "30"],
    ),
    (
        typed("text_image_button", text="a", caption="b", action="https://a.example"),
        "InvalidParameter.LinkNotEmpty",
        ["Content.link"],
    ),
    (typed("text_video", **VIDEO), "InvalidParameter.TextNotEmpty", ["Content.text"]),
    (typed("text_video_button", text="a", **VIDEO), "InvalidParameter.ContentError", ["Content.caption"]),
    (typed("text_image", link="https://a.example/a.jpg"), "InvalidParameter.TextNotEmpty", ["Content.text"]),
    (
        {"label": "transaction", **typed("image", link="https://a.example/a.jpg")},
        "InvalidParameter.MessageTypeNotSupport",
        ["Label", "transaction", "text only"],
    ),
]

TEMPLATE_FAULTS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"template_code": None}, "InvalidParameter.TemplateCodeNotEmpty", ["TemplateCode", "TemplateName"]),
    ({"template_code": ""}, "InvalidParameter.TemplateCodeNotEmpty", ["TemplateCode", "TemplateName"]),
    ({"template_code": "nope"}, NOT_YOURS, ["TemplateCode", "nope", "template of this account"]),
    ({"template_code": None, "template_name": "nope"}, NOT_YOURS, ["TemplateName", "nope"]),
    ({"language": None}, "InvalidParameter.LanguageNotEmpty", ["Language", "Type=template"]),
    ({"language": ""}, "InvalidParameter.LanguageNotEmpty", ["Language", "Type=template"]),
    ({"language": "xx"}, "InvalidParameter.LanguageNotSupport", ["Language", "xx", "en or zh_CN"]),
    ({"language": "uk"}, "InvalidParameter.LanguageNotSupport", ["Language", "uk", "en, zh_CN"]),
    ({"template_params": None}, "InvalidTemplateParams", ["TemplateParams", "name", "code"]),
    ({"template_params": {"name": "Zoe"}}, "InvalidTemplateParams", ["TemplateParams", "code"]),
    (
        {"template_params": {"name": "Zoe", "code": ["1"]}},
        "InvalidTemplateParams",
        ["TemplateParams", "code", "string"],
    ),
    (
        {"template_params": {"name": "Zoe", "code": "1" * 1000}},
        "InvalidTemplateParams",
        ["TemplateParams", "at most 1000"],
    ),
]


def check(sandbox: Sandbox, number: str, parameters: dict[str, Any], code: str, words: list[str]) -> None:
    refusal = sandbox.refused(**{"to": number, **parameters})
    assert (refusal.status, refusal.code) == (400, code)
    for word in words:
        assert word in refusal.message
    assert refusal.body["RequestId"] == refusal.error.request_id
    assert refusal.body["HostId"] == sandbox.process.endpoint
    assert refusal.body["Recommend"].startswith(f"{sandbox.process.address}/errors?q={code}&")
    assert sandbox.shown(number) == []


@pytest.mark.parametrize(("change", "code", "words"), FREE_FAULTS)
def test_a_bad_parameter(
    sandbox: Sandbox, phones: Phones, change: dict[str, Any], code: str, words: list[str]
) -> None:
    check(sandbox, phones.new(), {**FREE, **({"to": phones.new()} | change)}, code, words)


@pytest.mark.parametrize(("change", "code", "words"), CONTENT_FAULTS)
def test_a_bad_content(
    sandbox: Sandbox, phones: Phones, change: dict[str, Any], code: str, words: list[str]
) -> None:
    check(sandbox, phones.new(), {**FREE, **change}, code, words)


@pytest.mark.parametrize(("change", "code", "words"), TEMPLATE_FAULTS)
def test_a_bad_template(
    sandbox: Sandbox, phones: Phones, change: dict[str, Any], code: str, words: list[str]
) -> None:
    check(sandbox, phones.new(), {**TEMPLATE, **change}, code, words)


@pytest.mark.parametrize(("ttl", "duration"), [(30, 60), (1_209_600, 43_200)])
def test_the_ends_of_the_ranges_are_allowed(
    sandbox: Sandbox, phones: Phones, ttl: int, duration: int
) -> None:
    message_id = sandbox.send(
        **FREE, to=phones.new(), ttl=ttl, fall_back_id="S_000001", fall_back_duration=duration
    )
    assert sandbox.story(message_id)["ttl"] == ttl


def test_the_longest_text_and_number_are_allowed(sandbox: Sandbox, phones: Phones) -> None:
    for text in ("x" * 1000, "你" * 1000, "👋" * 1000):
        number = phones.new()
        sandbox.send(**{**FREE, **content(text=text), "to": number})
        assert sandbox.phone(number)[0]["text"] == text
    sandbox.send(**FREE, to="6831234")
    sandbox.send(**FREE, to="491511234567890")


def test_all_faults_of_a_call_are_returned_at_once(sandbox: Sandbox) -> None:
    refusal = sandbox.refused(**{**FREE, "to": "+1", "ttl": 1, "label": "spam", "content": "{}"})
    for words in (
        "Ttl: '1' is not allowed; it must be a whole number from 30 to 1209600.",
        "Label: 'spam' is not allowed; allowed are promotion, transaction.",
        "To is '+1'; a phone number is needed",
        "Content.text: ",
    ):
        assert words in refusal.message
    assert refusal.code == "InvalidParameter.ToOnlyNumeric"  # the first in the order of the reference


def test_an_empty_call_is_refused_with_all_that_is_missing(sandbox: Sandbox) -> None:
    refusal = sandbox.refused()
    assert refusal.code == "MissingChannelType"
    for name in ("ChannelType", "Type", "From", "To"):
        assert f"{name}: it is missing" in refusal.message


OTHERS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("cust_space_id", "cams-neighbour", "cams-nobodys__", FREE),
    ("from_", "30001", "30002", FREE),
    ("fall_back_id", "S_000002", "S_000009", {**FREE, "fall_back_content": "by SMS"}),
]


@pytest.mark.parametrize(("name", "foreign", "absent", "call"), OTHERS)
def test_what_is_anothers_is_answered_like_what_does_not_exist(
    sandbox: Sandbox, phones: Phones, name: str, foreign: str, absent: str, call: dict[str, Any]
) -> None:
    answers = []
    for value in (foreign, absent):
        refusal = sandbox.refused(**{**call, "to": phones.new(), name: value})
        request_id = refusal.body["RequestId"]
        answers.append(json.dumps(refusal.body).replace(request_id, "-").replace(value, "-"))
        assert (refusal.status, refusal.code) == (400, NOT_YOURS)
    assert answers[0] == answers[1]
