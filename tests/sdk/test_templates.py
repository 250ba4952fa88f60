"""The operations on templates by the official SDK: made, reviewed, sent, changed, listed, deleted."""

import itertools
from typing import Any

import pytest
from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponents as Component
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponentsButtons as Button

from tests.processes import until
from tests.sdk.callers import Phones, Sandbox
from tests.sdk.operations import assert_alike, call, refused

_names = itertools.count()

BODY = Component(type="BODY", text="Hello $(name)")
IMAGE = Component(type="HEADER", format="IMAGE", url="https://files.example.com/a.jpg")
DOCUMENT = Component(
    type="HEADER",
    format="DOCUMENT",
    url="https://files.example.com/a.pdf",
    file_name="a.pdf",
    file_type="pdf",
)
BUTTONS = Component(
    type="BUTTONS", buttons=[Button(type="URL", text="Open", url="https://shop.example.com/$(path)")]
)


def new_name(prefix: str = "offer_") -> str:
    return f"{prefix}{next(_names)}"


def make(sandbox: Sandbox, name: str, components: Any = None, **more: Any) -> str:
    params = {"template_type": "VIBER", "category": "MARKETING", "language": "en", **more}
    body = call(sandbox, "create_chatapp_template", name=name, components=components or [BODY], **params)
    assert body["Success"] is True
    assert body["Data"]["TemplateName"] == name
    return str(body["Data"]["TemplateCode"])


def shown(sandbox: Sandbox, code: str, language: str = "en") -> dict[str, Any]:
    body = call(sandbox, "get_chatapp_template_detail", template_code=code, language=language)
    data: dict[str, Any] = body["Data"]
    return data


def settled(sandbox: Sandbox, code: str, language: str = "en") -> dict[str, Any]:
    """The template once it was reviewed."""
    sandbox.advance(2)

    def look() -> dict[str, Any] | None:
        data = shown(sandbox, code, language)
        return data if data["AuditStatus"] != "unaudit" else None

    found = until(look, what="the review")
    assert found is not None
    return found


def audits(sandbox: Sandbox, code: str) -> list[dict[str, Any]]:
    kept = sandbox.process.get("/sandbox/callbacks")["callbacks"]
    bodies = [callback["body"] for callback in kept if callback["kind"] == "ChatAppAudit"]
    return [body for body in bodies if body.get("TemplateCode") == code]


MADE: list[tuple[list[Component], dict[str, str], str, str]] = [
    ([BODY], {"name": "Zoe"}, "text", "Hello Zoe"),
    ([BODY, IMAGE], {"name": "Zoe"}, "text_image", "Hello Zoe"),
    ([BODY, BUTTONS], {"name": "Zoe", "path": "a"}, "text_button", "Hello Zoe"),
    ([IMAGE, BODY, BUTTONS], {"name": "Zoe", "path": "a"}, "text_image_button", "Hello Zoe"),
    ([IMAGE], {}, "image", ""),
    ([DOCUMENT], {}, "document", ""),
]


@pytest.mark.parametrize(("components", "params", "message_type", "text"), MADE, ids=[row[2] for row in MADE])
def test_a_template_passes_its_review_and_is_sent(
    sandbox: Sandbox,
    phones: Phones,
    components: list[Component],
    params: dict[str, str],
    message_type: str,
    text: str,
) -> None:
    code = make(sandbox, new_name(), components)
    assert len(code) == 19
    assert code.isdecimal()
    assert shown(sandbox, code)["AuditStatus"] == "unaudit"
    call_: dict[str, Any] = {
        "channel_type": "viber",
        "type": "template",
        "template_code": code,
        "language": "en",
        "template_params": params,
        "from_": "20001",
        "label": "promotion",
    }
    refusal = sandbox.refused(to=phones.new(), **call_)
    assert refusal.code == "InvalidParameter.AuditStatusNotSupport"
    assert "unaudit" in refusal.message
    data = settled(sandbox, code)
    assert (data["AuditStatus"], data["AllowSend"]) == ("pass", True)
    (review,) = audits(sandbox, code)
    assert (review["AuditStatus"], review["Language"]) == ("pass", "en")
    number = phones.new()
    message_id = sandbox.send(to=number, **call_)
    assert sandbox.phone(number)[0]["text"] == text
    assert sandbox.story(message_id)["message_type"] == message_type


def test_an_unapproved_template_falls_back_when_the_call_has_a_fallback(
    sandbox: Sandbox, phones: Phones
) -> None:
    code, number = make(sandbox, new_name("reject_")), phones.new()
    data = settled(sandbox, code)
    assert data["AuditStatus"] == "fail"
    assert "reject_" in data["Reason"]
    assert audits(sandbox, code)[0]["Reason"] == data["Reason"]
    sandbox.send(
        channel_type="viber",
        type="template",
        template_code=code,
        language="en",
        from_="20001",
        label="promotion",
        to=number,
        fall_back_id="S_000001",
        fall_back_content="by SMS",
        fall_back_rule="sentFailed",
    )
    assert [(one["channel"], one["text"]) for one in sandbox.phone(number)] == [("sms", "by SMS")]


def test_what_failed_is_changed_and_reviewed_again_what_passed_is_not(sandbox: Sandbox) -> None:
    name = new_name()
    code = make(sandbox, name)
    better = [models.ModifyChatappTemplateRequestComponents(type="BODY", text="Better, $(name)")]
    call(sandbox, "modify_chatapp_template", template_name=name, language="en", components=better)
    data = settled(sandbox, code)
    assert data["Components"][0]["Text"] == "Better, $(name)"
    refusal = refused(
        sandbox, "modify_chatapp_template", template_code=code, language="en", components=better
    )
    assert refusal.code == "InvalidParameter.AuditStatusNotSupport"


def test_detail_shows_what_was_created(sandbox: Sandbox) -> None:
    name = new_name()
    code = make(sandbox, name, [BODY, BUTTONS], example={"name": "Zoe"}, cust_space_id="cams-sandbox")
    data = shown(sandbox, code)
    assert (data["Name"], data["TemplateType"], data["Category"]) == (name, "VIBER", "MARKETING")
    assert (data["Language"], data["Example"]) == ("en", {"name": "Zoe"})
    assert data["Components"][0]["Text"] == "Hello $(name)"
    assert data["Components"][1]["Buttons"][0]["Url"] == "https://shop.example.com/$(path)"


def test_a_declared_template_is_seen_and_not_changed(sandbox: Sandbox) -> None:
    data = shown(sandbox, "sandbox_welcome")
    assert data["AuditStatus"] == "pass"
    assert data["Components"][0]["Text"] == "Hello $(name), your code is $(code)."
    refusal = refused(sandbox, "delete_chatapp_template", template_code="sandbox_welcome")
    assert refusal.code == "InvalidTemplateCode"


def test_languages_of_a_name_share_its_code_and_are_deleted_one_by_one_or_at_once(sandbox: Sandbox) -> None:
    name = new_name()
    code = make(sandbox, name)
    assert make(sandbox, name, language="zh_CN") == code
    call(sandbox, "delete_chatapp_template", template_code=code, language="en", template_type="VIBER")
    absent = refused(sandbox, "get_chatapp_template_detail", template_code=code, language="en")
    assert absent.code == "DetailError.TemplateNotExist"
    assert shown(sandbox, code, "zh_CN")["Name"] == name
    call(sandbox, "delete_chatapp_template", template_name=name)
    gone = refused(sandbox, "delete_chatapp_template", template_code=code)
    assert gone.code == "DelError.TemplateNotExist"


def test_lists(sandbox: Sandbox) -> None:
    prefix = new_name("listed_") + "_"
    codes = [make(sandbox, f"{prefix}{letter}") for letter in "cab"]

    def listed(number: int = 1, size: int = 10, **filters: Any) -> tuple[list[str], int]:
        page = models.ListChatappTemplateRequestPage(index=number, size=size)
        body = call(sandbox, "list_chatapp_template", page=page, **filters)
        assert body["Success"] is True
        return [row["TemplateName"].removeprefix(prefix) for row in body["ListTemplate"]], body["Total"]

    assert listed(name=prefix) == (["c", "a", "b"], 3)
    assert listed(2, 2, name=prefix) == (["b"], 3)
    assert listed(code=codes[0]) == (["c"], 1)
    assert listed(name=prefix, language="zh_CN") == ([], 0)
    assert listed(name=prefix, category="utility") == ([], 0)
    settled(sandbox, codes[2])
    assert listed(name=prefix, audit_status="pass", template_type="VIBER")[1] == 3
    assert call(sandbox, "list_chatapp_template", name=prefix)["ListTemplate"][0]["LastUpdateTime"] > 0


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": None}, "MissingName", "Name"),
    ({"template_type": "FAX"}, "InvalidParameter.TemplateTypeNotSupport", "VIBER"),
    ({"category": "GOSSIP"}, "InvalidCategory", "MARKETING"),
    ({"language": "xx"}, "InvalidParameter.LanguageNotSupport", "zh_CN"),
    ({"components": [Component(text="x")]}, "MissingType", "Components[0].Type"),
    ({"components": [Component(type="FOOTER", text="x")]}, "InvalidComponents", "FOOTER"),
    ({"components": [Component(type="BODY")]}, "MissingText", "Text"),
    ({"components": [Component(type="BODY", text="Hi {{1}}")]}, "InvalidParameter.MessageInvalid", "$(name)"),
    ({"components": [Component(type="BODY", text="x" * 1001)]}, "InvalidComponents", "1000"),
    ({"components": [DOCUMENT, BODY]}, "InvalidComponents", "document"),
    ({"components": [IMAGE, IMAGE, BODY]}, "InvalidComponents", "HEADER already"),
    (
        {"components": [Component(type="HEADER", format="TEXT", text="x"), BODY]},
        "InvalidParameter.HeaderTypeNotSupport",
        "IMAGE",
    ),
    (
        {"components": [Component(type="HEADER", format="IMAGE", url="no url"), BODY]},
        "InvalidParameter.FileUrlError",
        "HEADER.Url",
    ),
    (
        {"components": [BODY, Component(type="BUTTONS", buttons=[Button(type="QUICK_REPLY", text="x")])]},
        "InvalidComponents",
        "URL",
    ),
    (
        {
            "components": [
                BODY,
                Component(type="BUTTONS", buttons=[Button(type="URL", text="$(a)", url="https://a.example")]),
            ]
        },
        "InvalidParameter.ButtonTextHaveVariable",
        "button",
    ),
    (
        {
            "components": [
                BODY,
                Component(
                    type="BUTTONS", buttons=[Button(type="URL", text="a", url="https://a.example/$(a)$(b)")]
                ),
            ]
        },
        "InvalidParameter.UrlMoreVarable",
        "more than one",
    ),
]


@pytest.mark.parametrize(("change", "code", "word"), FAULTS)
def test_a_bad_template(sandbox: Sandbox, change: dict[str, Any], code: str, word: str) -> None:
    params = {"template_type": "VIBER", "category": "MARKETING", "language": "en", "components": [BODY]}
    refusal = refused(sandbox, "create_chatapp_template", **{**params, "name": new_name(), **change})
    assert (refusal.status, refusal.code) == (400, code)
    assert word in refusal.message


def test_a_name_is_taken_once_for_each_account(sandbox: Sandbox) -> None:
    name = new_name()
    code = make(sandbox, name)
    params = {"template_type": "VIBER", "category": "MARKETING", "language": "en", "components": [BODY]}
    refusal = refused(sandbox, "create_chatapp_template", name=name, **params)
    assert refusal.code == "InvalidParameter.TemplateNameExist"
    assert refusal.message.startswith("A template with the same name and language already exists")
    theirs = call(sandbox, "create_chatapp_template", key="neighbour", name=name, **params)
    assert theirs["Data"]["TemplateCode"] != code
    for operation, more in (
        ("get_chatapp_template_detail", {}),
        ("delete_chatapp_template", {}),
        ("modify_chatapp_template", {"components": [BODY]}),
    ):
        foreign = refused(sandbox, operation, key="neighbour", template_code=code, language="en", **more)
        absent = refused(sandbox, operation, key="neighbour", template_code="9" * 19, language="en", **more)
        assert_alike(foreign, absent, code, "9" * 19)
    assert shown(sandbox, code)["Name"] == name


def test_no_code_is_used_twice(sandbox: Sandbox, phones: Phones) -> None:
    name = phones.new("")
    params: dict[str, Any] = {
        "template_type": "VIBER",
        "category": "MARKETING",
        "name": name,
        "language": "en",
        "components": [models.CreateChatappTemplateRequestComponents(type="BODY", text="Hi")],
    }
    codes = []
    for _ in range(3):
        codes.append(call(sandbox, "create_chatapp_template", **params)["Data"]["TemplateCode"])
        again = call(sandbox, "create_chatapp_template", **params | {"language": "zh_CN"})
        assert again["Data"]["TemplateCode"] == codes[-1]
        call(sandbox, "delete_chatapp_template", template_code=codes[-1])
    assert len(set(codes)) == 3


def test_what_is_due_is_reviewed_and_published_when_the_clock_has_moved(
    sandbox: Sandbox, phones: Phones
) -> None:
    component = models.CreateChatappTemplateRequestComponents(type="BODY", text="Hi")
    made = call(
        sandbox,
        "create_chatapp_template",
        template_type="VIBER",
        category="MARKETING",
        name=phones.new(""),
        language="en",
        components=[component],
    )
    code = made["Data"]["TemplateCode"]
    sandbox.advance(2)
    detail = call(sandbox, "get_chatapp_template_detail", template_code=code, language="en")
    assert detail["Data"]["AuditStatus"] == "pass"
    assert len(audits(sandbox, code)) == 1
