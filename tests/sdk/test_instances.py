"""Spaces, which the API calls instances, and the service itself, by the official SDK."""

from typing import Any

import pytest
from alibabacloud_cams20200606 import models

from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.operations import assert_alike, call, refused
from tests.sdk.test_viber_senders import opened

SHOP: dict[str, Any] = {
    "channel_type": "VIBER",
    "instance_name": "Shop",
    "instance_description": "For the shop's customers",
    "contact_mail": "shop@example.com",
    "country_id": "SG",
}


def made(sandbox: Sandbox, **change: Any) -> str:
    body = call(sandbox, "create_instance", **SHOP | change)
    assert body["Success"] is True
    return str(body["Data"]["InstanceId"])


def test_a_space_is_made_shown_changed_used_and_deleted(sandbox: Sandbox, phones: Phones) -> None:
    space = made(sandbox)
    assert space.startswith("cams-")
    assert len(space) == 17
    data = call(sandbox, "query_instance", instance_id=space)["Data"]
    assert (data["InstanceName"], data["ChannelType"]) == ("Shop", "VIBER")
    assert (data["InstanceDescription"], data["ContactMail"]) == (
        SHOP["instance_description"],
        SHOP["contact_mail"],
    )
    message_id = sandbox.send(**FREE, to=phones.new(), cust_space_id=space)
    changed = call(
        sandbox, "update_instance", instance_id=space, instance_name="Store", office_address="Here"
    )
    assert changed["Data"]["InstanceName"] == "Store"
    data = call(sandbox, "query_instance", instance_id=space)["Data"]
    assert (data["InstanceName"], data["OfficeAddress"], data["CountryId"]) == ("Store", "Here", "SG")
    assert call(sandbox, "delete_instance", instance_id=space)["Success"] is True
    assert sandbox.refused(**FREE, to=phones.new(), cust_space_id=space).code == "Unknown.ResourceOwnerId"
    assert sandbox.story(message_id)["space_id"] == space


def test_spaces_are_listed_a_page_at_a_time(sandbox: Sandbox) -> None:
    spaces = [made(sandbox, instance_name=f"Listed {place}") for place in range(3)]

    def listed(**filters: Any) -> tuple[list[str], int]:
        body = call(sandbox, "list_instance", **filters)
        return [row["CustSpaceId"] for row in body["Data"]], body["TotalCount"]

    assert set(listed(instance_name="Listed")[0]) == set(spaces)
    pages = [listed(instance_name="Listed", page_index=place, page_size=2) for place in (1, 2)]
    assert ([len(rows) for rows, _ in pages], pages[0][1]) == ([2, 1], 3)
    assert sorted(pages[0][0] + pages[1][0]) == sorted(spaces)
    assert listed(instance_id=spaces[1]) == ([spaces[1]], 1)
    assert listed(filter_str=spaces[2]) == ([spaces[2]], 1)
    assert listed(filter_str="x" * 2000) == ([], 0)
    assert "cams-sandbox" in listed(channel_type="WHATSAPP")[0]
    assert spaces[0] not in listed(channel_type="WHATSAPP", page_size=100)[0]


@pytest.mark.parametrize(
    ("name", "answered"),
    [("25644", 25644), ("2147483647", 2**31 - 1), ("2147483648", None), ("007", None), ("Shop", None)],
)
def test_a_new_space_s_name_is_answered_in_the_type_of_the_official_model(
    sandbox: Sandbox, name: str, answered: int | None
) -> None:
    # Typed clients cannot decode a text there, and would make the space again.
    data = call(sandbox, "create_instance", channel_type="VIBER", instance_name=name)["Data"]
    assert data.get("InstanceName") == answered
    shown = call(sandbox, "query_instance", instance_id=data["InstanceId"])["Data"]
    assert shown["InstanceName"] == name


NAMED = {"channel_type": "VIBER", "instance_name": "x"}
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("create_instance", {"instance_name": "x"}, "MissingChannelType"),
    ("create_instance", {"channel_type": "VIBER"}, "MissingInstanceName"),
    ("create_instance", {"channel_type": "FAX", "instance_name": "x"}, "InvalidChannelType"),
    ("create_instance", {"channel_type": "VIBER", "instance_name": "x" * 129}, "InvalidInstanceName"),
    ("create_instance", {**NAMED, "instance_description": "x" * 1025}, "InvalidInstanceDescription"),
    ("create_instance", {**NAMED, "office_address": "a\x00b"}, "InvalidOfficeAddress"),
    ("query_instance", {}, "MissingInstanceId"),
    ("list_instance", {"page_index": 0}, "InvalidPageIndex"),
    ("delete_instance", {"instance_id": "cams-sandbox"}, "InvalidInstanceId"),
    ("update_instance", {"instance_id": "cams-sandbox", "instance_name": "x"}, "InvalidInstanceId"),
]


@pytest.mark.parametrize(("operation", "params", "code"), FAULTS)
def test_a_bad_call(sandbox: Sandbox, operation: str, params: dict[str, Any], code: str) -> None:
    refusal = refused(sandbox, operation, **params)
    assert (refusal.status, refusal.code) == (400, code)


@pytest.mark.parametrize("operation", ["query_instance", "update_instance", "delete_instance"])
def test_anothers_space_is_like_none(sandbox: Sandbox, operation: str) -> None:
    space = made(sandbox)
    more = {"instance_name": "x"} if operation == "update_instance" else {}
    foreign = refused(sandbox, operation, key="neighbour", instance_id=space, **more)
    absent = refused(sandbox, operation, key="neighbour", instance_id="cams-nobodys", **more)
    assert_alike(foreign, absent, space, "cams-nobodys")
    assert foreign.code == "Unknown.ResourceOwnerId"
    theirs = call(sandbox, "list_instance", key="neighbour", page_size=100)["Data"]
    assert space not in {row["InstanceId"] for row in theirs}


def test_whether_an_account_has_the_service(sandbox: Sandbox) -> None:
    assert call(sandbox, "get_chatapp_open_status")["OpenStatus"] is True
    assert call(sandbox, "open_chatapp_service")["OpenStatus"] is True
    assert call(sandbox, "get_chatapp_open_status", key="unsubscribed")["OpenStatus"] is False
    refusal = refused(sandbox, "open_chatapp_service", key="unsubscribed")
    assert refusal.code == "Authentication.NoAuth"
    assert refused(sandbox, "get_chatapp_open_status", key="denied").code == "Ram.PermissionDeny"


def test_a_space_that_is_in_use_is_not_deleted(sandbox: Sandbox, phones: Phones) -> None:
    space = made(sandbox)
    service = opened(sandbox, space)
    component = models.CreateChatappTemplateRequestComponents(type="BODY", text="Hi")
    created = call(
        sandbox,
        "create_chatapp_template",
        template_type="VIBER",
        category="MARKETING",
        name=phones.new(""),
        language="en",
        components=[component],
        cust_space_id=space,
    )
    code = created["Data"]["TemplateCode"]
    refusal = refused(sandbox, "delete_instance", instance_id=space)
    assert refusal.code == "InvalidInstanceId"
    assert f"it has the viber sender {service}, the template {code}" in refusal.message
    call(sandbox, "delete_chatapp_template", template_code=code, language="en", cust_space_id=space)
    refusal = refused(sandbox, "delete_instance", instance_id=space)
    assert (service in refusal.message, code in refusal.message) == (True, False)
    assert sandbox.send(**FREE, to=phones.new(), cust_space_id=space)


def test_the_messages_of_a_deleted_space_stay_listed(sandbox: Sandbox, phones: Phones) -> None:
    space = made(sandbox)
    message_id = sandbox.send(**FREE, to=phones.new(), cust_space_id=space)
    call(sandbox, "delete_instance", instance_id=space)
    query = {
        "channel_type": "viber",
        "business_number": "20001",
        "start_time": 0,
        "page": models.ListChatappMessageRequestPage(index=1, size=10),
    }
    rows = call(sandbox, "list_chatapp_message", **query, cust_space_id=space)["Data"]
    assert [row["MessageId"] for row in rows] == [message_id]
    refusal = refused(sandbox, "list_chatapp_message", **query, cust_space_id="cams-never")
    assert refusal.code == "Unknown.ResourceOwnerId"
