"""Templates archived, stopped and copied, by the official SDK."""

from collections.abc import Callable
from typing import Any

from alibabacloud_cams20200606.models import ArchiveChatappTemplateRequestTemplateList as Named
from alibabacloud_cams20200606.models import CreateChatappTemplateRequestComponents as Component

from tests.sdk.callers import Phones, Sandbox, exchange, signed_headers
from tests.sdk.channels import WHATSAPP
from tests.sdk.operations import assert_alike, call, refused
from tests.sdk.test_templates import BUTTONS, make, new_name, settled, shown

BODY = Component(type="BODY", text="Hello $(name)")
SPACE = "cams-sandbox"


def made(sandbox: Sandbox, name: str = "", **more: Any) -> str:
    code = make(sandbox, name or new_name(), [BODY], template_type="WHATSAPP", **more)
    settled(sandbox, code, more.get("language", "en"))
    return code


def archive(*codes: str, archive_type: str = "ARCHIVED", **more: Any) -> dict[str, Any]:
    listed = [Named(template_code=code, language="en") for code in codes]
    params = {"archive_type": archive_type, "channel_type": "WHATSAPP", "cust_space_id": SPACE}
    return {**params, "template_list": listed, **more}


def properties(code: str, **more: Any) -> dict[str, Any]:
    params = {"template_code": code, "language": "en", "template_type": "WHATSAPP", "cust_space_id": SPACE}
    return params | more


def sending(code: str, phones: Phones) -> dict[str, Any]:
    return WHATSAPP.parameters(to=phones.new(), template_code=code, template_params={"name": "Zoe"})


def listed(sandbox: Sandbox, code: str) -> int:
    return int(call(sandbox, "list_chatapp_template", code=code)["Total"])


def test_an_archived_template_is_not_sent_and_not_listed_until_it_is_brought_back(
    sandbox: Sandbox, phones: Phones
) -> None:
    codes = [made(sandbox), made(sandbox)]
    body = call(sandbox, "archive_chatapp_template", **archive(*codes))
    assert (body["Success"], body["Data"]["Code"], body["Data"]["Success"]) == (True, "OK", True)
    for code in codes:
        refusal = sandbox.refused(**sending(code, phones))
        assert refusal.code == "InvalidParameter.AuditStatusNotSupport"
        assert "archived" in refusal.message
        assert listed(sandbox, code) == 0
        data = shown(sandbox, code)
        assert (data["AuditStatus"], data["AllowSend"]) == ("pass", False)
    query = {"Code": codes[0], "ArchiveType": "ARCHIVED"}
    target, headers = signed_headers(sandbox, query, more={"x-acs-action": "ListChatappTemplate"})
    assert exchange(sandbox, target, headers).json["Total"] == 1
    call(sandbox, "archive_chatapp_template", **archive(*codes, archive_type="NOT_ARCHIVED"))
    for code in codes:
        sandbox.send(**sending(code, phones))
        assert listed(sandbox, code) == 1


def test_all_are_archived_or_none(sandbox: Sandbox, phones: Phones) -> None:
    code = made(sandbox)
    refusal = refused(sandbox, "archive_chatapp_template", **archive(code, "9" * 19))
    assert refusal.code == "DetailError.TemplateNotExist"
    assert "TemplateList[1]" in refusal.message
    sandbox.send(**sending(code, phones))


def test_what_is_not_allowed_to_be_sent_is_not(sandbox: Sandbox, phones: Phones) -> None:
    code = made(sandbox)
    body = call(
        sandbox,
        "modify_chatapp_template_properties",
        **properties(code, allow_send=False, category_change_paused=True),
    )
    assert body["Success"] is True
    data = shown(sandbox, code)
    assert (data["AllowSend"], data["CategoryChangePaused"]) == (False, True)
    assert "AllowSend" in sandbox.refused(**sending(code, phones)).message
    call(sandbox, "modify_chatapp_template_properties", **properties(code, allow_send=True))
    assert shown(sandbox, code)["CategoryChangePaused"] is True
    sandbox.send(**sending(code, phones))


def test_refusals(sandbox: Sandbox) -> None:
    viber = make(sandbox, new_name())
    for operation, params, code in (
        ("archive_chatapp_template", archive(viber), "DetailError.TemplateNotExist"),
        ("archive_chatapp_template", archive("sandbox_welcome_whatsapp"), "InvalidTemplateCode"),
        ("archive_chatapp_template", archive(), "InvalidTemplateList"),
        ("archive_chatapp_template", archive("1", archive_type="BURIED"), "InvalidArchiveType"),
        (
            "archive_chatapp_template",
            archive("1", channel_type="VIBER"),
            "InvalidParameter.ChannelTypeNotSupport",
        ),
        ("archive_chatapp_template", archive("1", cust_space_id=None), "MissingCustSpaceId"),
        (
            "archive_chatapp_template",
            archive("1", template_list=[Named(language="en")]),
            "InvalidParameter.TemplateCodeNotEmpty",
        ),
        ("modify_chatapp_template_properties", properties(viber), "DetailError.TemplateNotExist"),
        (
            "copy_template",
            {"scene_template_code": viber, "scene_template_name": "x" * 513},
            "InvalidSceneTemplateName",
        ),
        (
            "copy_template",
            {"scene_template_code": "sandbox_welcome_messenger", "scene_template_name": "x"},
            "InvalidParameter.TemplateTypeNotSupport",
        ),
        (
            "copy_template",
            {"scene_template_code": viber, "scene_template_name": "sandbox_welcome"},
            "InvalidParameter.TemplateNameExist",
        ),
    ):
        refusal = refused(sandbox, operation, **params)
        assert (refusal.status, refusal.code) == (400, code), refusal.message


def test_a_copy_has_its_own_review_and_goes_its_own_way(sandbox: Sandbox, phones: Phones) -> None:
    name, copy_name = new_name(), new_name("copy_")
    code = made(sandbox, name)
    made(sandbox, name, language="zh_CN")
    call(sandbox, "archive_chatapp_template", **archive(code))
    body = call(sandbox, "copy_template", scene_template_code=code, scene_template_name=copy_name)
    data = body["Data"]
    assert (data["SceneTemplateName"], data["WhatsappCatagory"]) == (copy_name, "MARKETING")
    copied = data["SceneTemplateCode"]
    assert copied != code
    for language in ("en", "zh_CN"):
        assert settled(sandbox, copied, language)["AuditStatus"] == "pass"
    person = phones.new()
    sandbox.send(**sending(copied, phones) | {"to": person})
    assert sandbox.phone(person)[0]["text"] == "Hello Zoe"
    call(sandbox, "delete_chatapp_template", template_code=code)
    assert shown(sandbox, copied)["Name"] == copy_name


def test_a_template_of_the_operators_can_be_copied_in_one_language(sandbox: Sandbox) -> None:
    name = new_name("copy_")
    body = call(
        sandbox,
        "copy_template",
        scene_template_code="sandbox_welcome",
        scene_template_name=name,
        language="en",
    )
    copied = body["Data"]["SceneTemplateCode"]
    assert shown(sandbox, copied)["Components"][0]["Text"].startswith("Hello $(name)")
    refusal = refused(sandbox, "get_chatapp_template_detail", template_code=copied, language="zh_CN")
    assert refusal.code == "DetailError.TemplateNotExist"
    button = make(sandbox, new_name(), [BODY, BUTTONS])
    copied = call(sandbox, "copy_template", scene_template_code=button, scene_template_name=new_name())
    assert shown(sandbox, copied["Data"]["SceneTemplateCode"])["Components"][1]["Type"] == "BUTTONS"


def test_a_neighbours_template_is_as_if_it_were_not(sandbox: Sandbox, phones: Phones) -> None:
    code, absent = made(sandbox), "9" * 19
    theirs = {"cust_space_id": "cams-neighbour"}
    calls: dict[str, Callable[[str], dict[str, Any]]] = {
        "archive_chatapp_template": lambda of: archive(of, **theirs),
        "modify_chatapp_template_properties": lambda of: properties(of, allow_send=False, **theirs),
        "copy_template": lambda of: {"scene_template_code": of, "scene_template_name": "stolen"},
        "get_chatapp_template_metric": lambda of: {"template_code": of, "start": 0, "end": 1},
    }
    for operation, of in calls.items():
        foreign = refused(sandbox, operation, key="neighbour", **of(code))
        unknown = refused(sandbox, operation, key="neighbour", **of(absent))
        assert_alike(foreign, unknown, code, absent)
    sandbox.send(**sending(code, phones))
