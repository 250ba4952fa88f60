"""Every parameter of SendChatappMessage takes effect: on the phone, in the timeline, in the callbacks."""

import json
from typing import Any

import pytest

from tests.sdk.callers import FREE, TEMPLATE, Phones, Sandbox

LINK = "https://files.example.com/a.jpg"
FILM: dict[str, Any] = {
    "link": "https://files.example.com/a.mp4",
    "thumbnail": "https://files.example.com/t.jpg",
    "fileSize": 10_000,
    "duration": 30,
}
BUTTON: dict[str, Any] = {"caption": "Open", "action": "https://shop.example.com/"}
# MessageType, Content, the text and the medium on the phone.
CONTENTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("text", {"text": "Привіт 你好 👋"}, "Привіт 你好 👋", ""),
    ("image", {"link": LINK}, "", LINK),
    ("video", FILM, "", FILM["link"]),
    (
        "document",
        {"link": "https://files.example.com/a.pdf", "fileName": "a.pdf", "fileType": "pdf"},
        "",
        "https://files.example.com/a.pdf",
    ),
    ("text_button", {"text": "hello", **BUTTON}, "hello", ""),
    ("text_image_button", {"text": "hello", "link": LINK, **BUTTON}, "hello", LINK),
    ("text_video", {"text": "hello", **FILM}, "hello", FILM["link"]),
    ("text_video_button", {"text": "hello", **FILM, **BUTTON}, "hello", FILM["link"]),
    ("text_image", {"text": "hello", "link": LINK}, "hello", LINK),
]


@pytest.mark.parametrize(
    ("message_type", "content", "text", "media"), CONTENTS, ids=[row[0] for row in CONTENTS]
)
def test_every_message_type_reaches_the_phone(
    sandbox: Sandbox, phones: Phones, message_type: str, content: dict[str, Any], text: str, media: str
) -> None:
    number = phones.new()
    parameters = {**FREE, "message_type": message_type, "content": json.dumps(content)}
    message_id = sandbox.send(to=number, **parameters)
    (shown,) = sandbox.phone(number)
    assert (shown["channel"], shown["from"], shown["message_id"]) == ("viber", "20001", message_id)
    assert (shown["text"], shown["media"]) == (text, media)
    story = sandbox.story(message_id)
    assert (story["channel"], story["message_type"], story["content"]) == ("viber", message_type, content)
    assert (story["from"], story["to"]) == ("20001", number)


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Hello Zoe, your code is 1234."), ("zh_CN", "您好 Zoe,您的验证码是 1234。")],
)
@pytest.mark.parametrize("by", ["template_code", "template_name"])
def test_a_template_is_filled_in_in_its_language(
    sandbox: Sandbox, phones: Phones, by: str, language: str, text: str
) -> None:
    number = phones.new()
    named = {"template_code": None, "template_name": None, by: "sandbox_welcome"}
    message_id = sandbox.send(**{**TEMPLATE, **named, "language": language, "to": number})
    assert [shown["text"] for shown in sandbox.phone(number)] == [text]
    sandbox.advance(3)
    (sent, *_) = sandbox.callbacks(message_id)
    assert (sent["MsgFrameType"], sent["TemplateCode"], sent["TemplateName"], sent["Language"]) == (
        "template",
        "sandbox_welcome",
        "sandbox_welcome",
        language,
    )


def test_another_sender_of_another_account(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new()
    message_id = sandbox.send(key="neighbour", **{**FREE, "from_": "30001", "to": number})
    assert [shown["from"] for shown in sandbox.phone(number)] == ["30001"]
    assert sandbox.story(message_id)["account_id"] == "2"


def test_fallback_content_goes_by_sms_from_the_policys_sender(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new("0001")
    message_id = sandbox.send(
        **FREE, to=number, fall_back_id="S_000001", fall_back_content="This is a fallback."
    )
    (shown,) = sandbox.phone(number)
    assert (shown["channel"], shown["from"], shown["text"], shown["leg"]) == (
        "sms",
        "Waypost",
        "This is a fallback.",
        1,
    )
    assert [leg["channel"] for leg in sandbox.story(message_id)["legs"]] == ["viber", "sms"]


def test_without_content_of_its_own_the_fallback_has_the_text_of_the_message(
    sandbox: Sandbox, phones: Phones
) -> None:
    number = phones.new("0001")
    sandbox.send(**TEMPLATE, to=number, fall_back_id="S_000001")
    assert [shown["text"] for shown in sandbox.phone(number)] == ["Hello Zoe, your code is 1234."]


def test_fallback_duration_is_waited_for_to_the_second(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new("0002")
    sandbox.send(
        **FREE, to=number, fall_back_id="S_000001", fall_back_content="by SMS", fall_back_duration=75
    )
    sandbox.advance(74)
    assert [shown["channel"] for shown in sandbox.shown(number)] == ["viber"]
    sandbox.advance(1)
    assert [shown["channel"] for shown in sandbox.shown(number)] == ["viber", "sms"]


def test_without_fallback_duration_silence_never_falls_back(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new("0002")
    sandbox.send(**FREE, to=number, fall_back_id="S_000001", fall_back_content="by SMS")
    sandbox.advance(7 * 86_400)
    assert [shown["channel"] for shown in sandbox.shown(number)] == ["viber"]


def test_a_delivered_message_never_falls_back(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new()
    sandbox.send(
        **FREE, to=number, fall_back_id="S_000001", fall_back_content="by SMS", fall_back_duration=60
    )
    sandbox.advance(7 * 86_400)
    assert [(shown["channel"], shown["state"]) for shown in sandbox.shown(number)] == [("viber", "read")]


FAULTS: list[dict[str, Any]] = [
    {"template_params": {"name": "Zoe"}},
    {"template_params": None},
    {"template_params": {"name": "Zoe", "code": "1" * 1000}},
    {"template_code": "nobody_has_it"},
    {"template_code": "nobody_has_it", "template_params": None},
    {"language": "uk"},
    {"language": None},
    {"language": "", "template_params": None},
    {"language": "tlh"},
    {"template_code": None},
    {"template_code": None, "language": None, "template_params": None},
]


@pytest.mark.parametrize("fault", FAULTS)
def test_sent_failed_turns_template_faults_into_the_fallback(
    sandbox: Sandbox, phones: Phones, fault: dict[str, Any]
) -> None:
    fallback = {"fall_back_id": "S_000001", "fall_back_content": "by SMS"}
    for rule in ("undelivered", None):
        number = phones.new()
        refusal = sandbox.refused(**{**TEMPLATE, **fault, **fallback, "fall_back_rule": rule, "to": number})
        assert refusal.status == 400
        assert sandbox.shown(number) == []
    number = phones.new()
    message_id = sandbox.send(
        **{**TEMPLATE, **fault, **fallback, "fall_back_rule": "sentFailed", "to": number}
    )
    assert [(shown["channel"], shown["text"]) for shown in sandbox.phone(number)] == [("sms", "by SMS")]
    sandbox.advance(2)
    statuses = [(body["WaypostLeg"], body["Status"]) for body in sandbox.callbacks(message_id)]
    assert statuses == [(0, "Failed"), (1, "Sent"), (1, "Delivered")]


def test_sent_failed_falls_back_in_every_other_case_as_well(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new("0001")
    sandbox.send(
        **FREE,
        to=number,
        fall_back_id="S_000001",
        fall_back_content="by SMS",
        fall_back_rule="sentFailed",
    )
    assert [shown["channel"] for shown in sandbox.phone(number)] == ["sms"]


def test_sent_failed_forgives_only_the_template(sandbox: Sandbox, phones: Phones) -> None:
    fallback = {"fall_back_id": "S_000001", "fall_back_content": "by SMS", "fall_back_rule": "sentFailed"}
    bad_number = sandbox.refused(**{**TEMPLATE, **fallback, "to": "+8613900000000"})
    assert bad_number.code == "InvalidParameter.ToOnlyNumeric"
    no_sender = sandbox.refused(**{**TEMPLATE, **fallback, "from_": "99999", "to": phones.new()})
    assert no_sender.code == "Unknown.ResourceOwnerId"


@pytest.mark.parametrize(("value", "space"), [(None, "cams-sandbox"), ("cams-sandbox-2", "cams-sandbox-2")])
def test_the_message_belongs_to_the_space(
    sandbox: Sandbox, phones: Phones, value: str | None, space: str
) -> None:
    message_id = sandbox.send(**FREE, to=phones.new(), cust_space_id=value)
    assert sandbox.story(message_id)["space_id"] == space


def test_tracking_data_comes_back_with_the_reply(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new()
    message_id = sandbox.send(**FREE, to=number, tracking_data="tracking_id:123456")
    assert sandbox.story(message_id)["tracking_data"] == "tracking_id:123456"
    sandbox.phone(number)
    sandbox.process.post(f"/sandbox/phones/{number}/reply", {"text": "thanks"})
    (reply,) = sandbox.replies(number)
    assert (reply["To"], reply["Type"], reply["Message"]) == ("20001", "TEXT", "thanks")
    assert reply["WaypostTrackingData"] == "tracking_id:123456"


@pytest.mark.parametrize(
    ("value", "meant"),
    [("promotion", "promotion"), ("pormotion", "promotion"), ("transaction", "transaction")],
)
def test_label(sandbox: Sandbox, phones: Phones, value: str, meant: str) -> None:
    number = phones.new()
    message_id = sandbox.send(**{**FREE, "label": value, "to": number})
    assert sandbox.story(message_id)["label"] == meant
    assert len(sandbox.phone(number)) == 1


def test_ttl_is_when_an_undelivered_message_expires(sandbox: Sandbox, phones: Phones) -> None:
    message_id = sandbox.send(**FREE, to=phones.new("0005"), ttl=300)
    sandbox.advance(299)
    assert sandbox.story(message_id)["state"] == "sent"
    sandbox.advance(1)
    assert sandbox.story(message_id)["state"] == "expired"


def test_tag_is_kept_for_vibers_reports(sandbox: Sandbox, phones: Phones) -> None:
    message_id = sandbox.send(**FREE, to=phones.new(), tag="spring")
    assert sandbox.story(message_id)["tag"] == "spring"


def test_task_id_is_echoed_in_every_callback(sandbox: Sandbox, phones: Phones) -> None:
    named = sandbox.send(**FREE, to=phones.new(), task_id="100000001")
    nameless = sandbox.send(**FREE, to=phones.new())
    sandbox.advance(3)
    assert [body["TaskId"] for body in sandbox.callbacks(named)] == ["100000001"] * 3
    assert [body["TaskId"] for body in sandbox.callbacks(nameless)] == [nameless] * 3
