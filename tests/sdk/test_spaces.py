"""Spaces of one account are isolated from each other, and policies can name a space."""

from typing import Any

import pytest
from alibabacloud_cams20200606 import models

from tests.processes import until
from tests.sdk.access import cams, policy, user_with
from tests.sdk.access import refused as refused_by
from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.operations import assert_alike, call, own, own_refused, refused
from tests.sdk.test_viber_senders import new_space, opened

HERE, ELSEWHERE = "cams-sandbox-2", "cams-sandbox"
NOT_YOURS = "Unknown.ResourceOwnerId"


def template(sandbox: Sandbox, name: str, space: str | None = HERE, **change: Any) -> str:
    component = models.CreateChatappTemplateRequestComponents(type="BODY", text="Hello $(name)")
    params = {
        "template_type": "VIBER",
        "category": "MARKETING",
        "name": name,
        "language": "en",
        "components": [component],
        "cust_space_id": space,
    }
    return str(call(sandbox, "create_chatapp_template", **params | change)["Data"]["TemplateCode"])


def passed(sandbox: Sandbox, code: str, space: str = HERE) -> None:
    sandbox.advance(2)
    query = {"template_code": code, "language": "en", "cust_space_id": space}
    until(
        lambda: call(sandbox, "get_chatapp_template_detail", **query)["Data"]["AuditStatus"] == "pass",
        what="the review",
    )


def by_template(code: str, to: str, **more: Any) -> dict[str, Any]:
    return {
        "channel_type": "viber",
        "type": "template",
        "template_code": code,
        "language": "en",
        "template_params": {"name": "Zoe"},
        "from_": "20001",
        "to": to,
        "label": "promotion",
        **more,
    }


def test_a_template_is_sent_from_its_space_alone(sandbox: Sandbox, phones: Phones) -> None:
    code = template(sandbox, phones.new(""))
    passed(sandbox, code)
    assert sandbox.send(**by_template(code, phones.new(), cust_space_id=HERE))
    person = phones.new()
    foreign = sandbox.refused(**by_template(code, person))
    absent = sandbox.refused(**by_template("9" * 19, person))
    assert_alike(foreign, absent, code, "9" * 19)
    # What the operator declares is there for every space.
    for space in (None, HERE, ELSEWHERE):
        declared = by_template("sandbox_welcome", phones.new(), cust_space_id=space)
        assert sandbox.send(**declared | {"template_params": {"name": "Zoe", "code": "1"}})


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_chatapp_template_detail", {"language": "en"}),
        (
            "modify_chatapp_template",
            {
                "language": "en",
                "components": [models.ModifyChatappTemplateRequestComponents(type="BODY", text="Hi")],
            },
        ),
        ("delete_chatapp_template", {"language": "en"}),
        ("get_chatapp_template_metric", {"start": 0, "end": 10}),
    ],
)
def test_nor_is_it_seen_or_changed_from_another(
    sandbox: Sandbox, phones: Phones, operation: str, more: dict[str, Any]
) -> None:
    code = template(sandbox, phones.new(""))
    for space in (ELSEWHERE, None):
        query = {"cust_space_id": space, **more}
        foreign = refused(sandbox, operation, template_code=code, **query)
        absent = refused(sandbox, operation, template_code="9" * 19, **query)
        assert_alike(foreign, absent, code, "9" * 19)
    codes = {
        space: {
            row["TemplateCode"]
            for row in call(
                sandbox,
                "list_chatapp_template",
                cust_space_id=space,
                page=models.ListChatappTemplateRequestPage(index=1, size=1000),
            )["ListTemplate"]
        }
        for space in (HERE, ELSEWHERE)
    }
    assert code in codes[HERE] - codes[ELSEWHERE]
    assert "sandbox_welcome" in codes[HERE] & codes[ELSEWHERE]


def test_a_name_is_free_in_one_space_whoever_has_it_in_another(sandbox: Sandbox, phones: Phones) -> None:
    name = phones.new("")
    first, second = template(sandbox, name), template(sandbox, name, ELSEWHERE)
    assert first != second
    assert template(sandbox, name, language="zh_CN") == first
    params: dict[str, Any] = {
        "template_type": "VIBER",
        "category": "MARKETING",
        "name": name,
        "language": "en",
        "components": [models.CreateChatappTemplateRequestComponents(type="BODY", text="x")],
        "cust_space_id": HERE,
    }
    assert refused(sandbox, "create_chatapp_template", **params).code == "InvalidParameter.TemplateNameExist"


def test_a_viber_sender_that_a_space_registered_is_its_own(sandbox: Sandbox, phones: Phones) -> None:
    space = new_space(sandbox)
    service = opened(sandbox, space)
    params = {**FREE, "from_": service, "to": phones.new()}
    assert sandbox.send(**params, cust_space_id=space)
    foreign = sandbox.refused(**params)
    absent = sandbox.refused(**params | {"from_": "29999"})
    assert_alike(foreign, absent, service, "29999")
    # A reply is published as one to that space.
    person = phones.new("0010")
    sandbox.send(**params | {"to": person}, cust_space_id=space)
    sandbox.advance(5)
    (reply,) = until(lambda: sandbox.replies(person), what="the reply")
    assert (reply["To"], reply["CustSpaceId"]) == (service, space)
    steps = [{"ChannelType": "viber", "SenderId": service}]
    chain = own(sandbox, "CreateFallbackPolicy", PolicyName="x", Steps=steps)["Data"]["FallBackId"]
    assert sandbox.refused(**FREE, to=phones.new(), fall_back_id=chain).code == NOT_YOURS
    assert sandbox.send(**FREE, to=phones.new(), fall_back_id=chain, cust_space_id=space)


def test_a_message_is_shown_to_its_space(sandbox: Sandbox, phones: Phones) -> None:
    message_id = sandbox.send(**FREE, to=phones.new(), cust_space_id=HERE)
    for space in (None, HERE):
        assert own(sandbox, "GetChatappMessageDetail", MessageId=message_id, CustSpaceId=space)
    refusal = own_refused(sandbox, "GetChatappMessageDetail", MessageId=message_id, CustSpaceId=ELSEWHERE)
    assert refusal.code == NOT_YOURS


def test_a_policy_can_hold_a_user_to_a_space(sandbox: Sandbox, phones: Phones) -> None:
    resource = f"acs:cams:*:1:space/{HERE}"
    _, user = user_with(sandbox, policy("cams:*", Resource=resource))
    client = cams(sandbox, user)

    def send(space: str | None) -> models.SendChatappMessageRequest:
        return models.SendChatappMessageRequest(**FREE, to=phones.new(), cust_space_id=space)

    assert client.send_chatapp_message(send(HERE)).body.code == "OK"
    for elsewhere in (ELSEWHERE, None, "cams-nobodys"):
        refusal = refused_by(client.send_chatapp_message, send(elsewhere))
        assert refusal.code == "Ram.PermissionDeny"
        assert refusal.error.access_denied_detail["NoPermissionType"] == "ImplicitDeny"
    shown = models.ListChatappTemplateRequest(cust_space_id=HERE)
    assert client.list_chatapp_template(shown).body.code == "OK"
    unspoken = models.ListChatappTemplateRequest()
    assert refused_by(client.list_chatapp_template, unspoken).code == "Ram.PermissionDeny"
    instance = models.QueryInstanceRequest(instance_id=HERE)
    assert client.query_instance(instance).body.code == "OK"
    assert refused_by(client.list_instance, models.ListInstanceRequest()).code == "Ram.PermissionDeny"
