"""Viber senders by the official SDK: registered, reviewed, used, suspended and resumed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alibabacloud_cams20200606 import models

from tests.processes import until
from tests.sdk.callers import FREE, Phones, Sandbox
from tests.sdk.operations import assert_alike, call, own, refused
from tests.sdk.queues import AUDIT

OpenRecord = models.AddAuditViberOpenRequestAuditRecord
ChangeRecord = models.AddAddressRecoverSuspendRequestAuditRecord
DAY = 86_400


def new_space(sandbox: Sandbox, key: str = "sandbox") -> str:
    made = call(sandbox, "create_instance", key=key, channel_type="VIBER", instance_name="Viber")
    return str(made["Data"]["InstanceId"])


@pytest.fixture
def space(sandbox: Sandbox) -> str:
    return new_space(sandbox)


def submitted(sandbox: Sandbox, space: str, name: str = "Acme", **more: Any) -> str:
    record = OpenRecord(
        business_account_name=name,
        industry_involved="Retail",
        message_destination_country=["DE"],
        message_destination_international_country=["DZ"],
        **more,
    )
    body = call(sandbox, "add_audit_viber_open", cust_space_id=space, audit_record=record)
    assert body["Success"] is True
    return str(body["Data"]["RequestNo"])


def shown(sandbox: Sandbox, number: str) -> dict[str, Any]:
    data: dict[str, Any] = call(sandbox, "get_viber_by_request_no", request_no=number)["Data"]
    return data


def reviewed(sandbox: Sandbox, number: str) -> dict[str, Any]:
    sandbox.advance(2)
    return until(lambda: (data := shown(sandbox, number))["State"] != "unaudit" and data, what="the review")


def opened(sandbox: Sandbox, space: str) -> str:
    """A new sender's service ID."""
    return str(reviewed(sandbox, submitted(sandbox, space))["MaapServiceNo"])


def changed(sandbox: Sandbox, space: str, kind: str, record: Any = None) -> dict[str, Any]:
    body = call(
        sandbox, "add_address_recover_suspend", cust_space_id=space, request_type=kind, audit_record=record
    )
    return reviewed(sandbox, body["Data"]["RequestNo"])


def listed(sandbox: Sandbox, space: str) -> dict[str, dict[str, Any]]:
    rows = call(sandbox, "list_viber_service_message", cust_space_id=space)["Data"]
    return {row["ServiceId"]: row for row in rows}


def pauses(sandbox: Sandbox, space: str) -> dict[str, Any]:
    data: dict[str, Any] = call(sandbox, "get_viber_pause_times", cust_space_id=space)["Data"]
    return data


def day(sandbox: Sandbox, later: int) -> str:
    now = sandbox.process.get("/sandbox/clock")["now"] / 1000
    return (datetime.fromtimestamp(now, UTC) + timedelta(days=later)).strftime("%Y-%m-%d")


def audits(sandbox: Sandbox, number: str) -> list[dict[str, Any]]:
    kept = sandbox.process.get("/sandbox/callbacks")["callbacks"]
    bodies = [one["body"] for one in kept if one["kind"] == AUDIT]
    return [body for body in bodies if body.get("WaypostRequestNo") == number]


def test_a_sender_is_registered_and_sends(sandbox: Sandbox, phones: Phones, space: str) -> None:
    number = submitted(sandbox, space, company_tel=None, contact_email="acme@example.com")
    data = shown(sandbox, number)
    assert (data["State"], data["RequestType"], data["MaapServiceNo"]) == ("unaudit", "open", "")
    waiting = call(sandbox, "get_audit_request_by_type_un_audit", cust_space_id=space, request_type="open")[
        "Data"
    ]
    assert (waiting["RequestNo"], waiting["AliUid"]) == (number, "1")
    data = reviewed(sandbox, number)
    assert (data["State"], data["AuditResult"], data["SubscriberCode"]) == ("pass", "pass", space)
    assert data["AuditRecord"]["ContactEmail"] == "acme@example.com"
    service_id = data["MaapServiceNo"]
    assert service_id.isdecimal()
    [review] = audits(sandbox, number)
    assert (review["AuditStatus"], review["PhoneNumber"], review["CustSpaceId"]) == (
        "pass",
        service_id,
        space,
    )

    row = listed(sandbox, space)[service_id]
    assert (row["BusinessAccountName"], row["State"], row["IndustryInvolved"]) == ("Acme", "normal", "Retail")
    assert (row["DestinationCountryId"], row["DestinationInternationalCountryId"]) == (["49|DE"], ["213|DZ"])

    phone = phones.new("0003")
    message_id = sandbox.send(**FREE | {"from_": service_id}, to=phone, cust_space_id=space)
    sandbox.advance(5)
    assert [one["Status"] for one in sandbox.callbacks(message_id)] == ["Sent", "Delivered"]
    sandbox.process.post(f"/sandbox/phones/{phone}/reply", {"text": "Thank you"})
    sandbox.advance(1)
    assert [(one["To"], one["Message"]) for one in sandbox.replies(phone)] == [(service_id, "Thank you")]


def test_declared_senders_are_listed_too(sandbox: Sandbox, space: str) -> None:
    row = listed(sandbox, space)["20001"]
    assert (row["BusinessAccountName"], row["State"]) == ("account 1", "normal")
    other = new_space(sandbox)
    service_id = opened(sandbox, other)
    assert service_id in listed(sandbox, other)
    assert service_id not in listed(sandbox, space)


def test_a_rejected_request_is_changed_and_reviewed_anew(sandbox: Sandbox, space: str) -> None:
    number = submitted(sandbox, space, "reject_acme")
    data = reviewed(sandbox, number)
    assert (data["State"], data["MaapServiceNo"]) == ("fail", "")
    assert data["Reason"] == audits(sandbox, number)[0]["Reason"] != ""
    better = models.UpdateAuditRequestRequestAuditRecord(
        business_account_name="Acme", industry_involved="Retail", message_destination_country=["DE"]
    )
    call(sandbox, "update_audit_request", cust_space_id=space, request_no=number, audit_record=better)
    assert shown(sandbox, number)["State"] == "unaudit"
    assert reviewed(sandbox, number)["State"] == "pass"
    refusal = refused(
        sandbox, "update_audit_request", cust_space_id=space, request_no=number, audit_record=better
    )
    assert refusal.code == "InvalidParameter.AuditStatusNotSupport"


def test_a_suspended_sender_cannot_send_until_it_is_resumed(
    sandbox: Sandbox, phones: Phones, space: str
) -> None:
    service_id = opened(sandbox, space)
    call_ = {**FREE, "from_": service_id, "cust_space_id": space}
    # Not within this month: it may be later than the 25th, when that is refused.
    date = day(sandbox, 40)
    assert changed(sandbox, space, "suspend", ChangeRecord(suspension_date=date))["State"] == "pass"
    assert listed(sandbox, space)[service_id]["State"] == "normal"
    sandbox.send(**call_, to=phones.new())
    again = refused(
        sandbox,
        "add_address_recover_suspend",
        cust_space_id=space,
        request_type="suspend",
        audit_record=ChangeRecord(suspension_date=date),
    )
    assert again.code == "InvalidParameter.AuditStatusNotSupport"

    sandbox.advance(41 * DAY)
    assert listed(sandbox, space)[service_id]["State"] == "stop"
    refusal = sandbox.refused(**call_, to=phones.new())
    assert (refusal.status, refusal.code) == (400, "Authentication.NoAuth")
    assert "From" in refusal.message
    # Nor as a step of somebody's fallback, which goes on to the next one.
    steps = [
        {"ChannelType": "viber", "SenderId": service_id},
        {"ChannelType": "sms", "SenderId": "Waypost"},
    ]
    policy = own(sandbox, "CreateFallbackPolicy", PolicyName="chain", Steps=steps)["Data"]["FallBackId"]
    chained = {**FREE, "fall_back_id": policy, "cust_space_id": space}
    message_id = sandbox.send(**chained, to=phones.new("0001"))
    sandbox.advance(60)
    legs = sandbox.story(message_id)["legs"]
    assert [(leg["channel"], leg["state"]) for leg in legs] == [
        ("viber", "failed"),
        ("viber", "failed"),
        ("sms", "delivered"),
    ]
    assert (legs[1]["from"], legs[1]["code"]) == (service_id, "SRVC_NOT_PERMITTED")
    assert pauses(sandbox, space) == {
        "ServiceId": service_id,
        "State": "stop",
        "PauseTimes": [{"SuspensionDate": f"{date} 00:00:00", "RecoveryDate": ""}],
    }

    assert changed(sandbox, space, "recover")["State"] == "pass"
    assert listed(sandbox, space)[service_id]["State"] == "normal"
    sandbox.send(**call_, to=phones.new())
    [pause] = pauses(sandbox, space)["PauseTimes"]
    assert pause["RecoveryDate"] > pause["SuspensionDate"]
    never = refused(sandbox, "add_address_recover_suspend", cust_space_id=space, request_type="recover")
    assert never.code == "InvalidParameter.AuditStatusNotSupport"


def test_destinations_change_when_the_request_has_passed(sandbox: Sandbox, space: str) -> None:
    service_id = opened(sandbox, space)
    record = ChangeRecord(message_destination_country=["FR", "ES"], apply_reason="growth")
    body = call(
        sandbox,
        "add_address_recover_suspend",
        cust_space_id=space,
        request_type="address",
        audit_record=record,
    )
    assert listed(sandbox, space)[service_id]["MessageDestinationCountry"] == ["DE"]
    assert reviewed(sandbox, body["Data"]["RequestNo"])["MaapServiceNo"] == service_id
    row = listed(sandbox, space)[service_id]
    assert (row["MessageDestinationCountry"], row["DestinationCountryId"]) == (
        ["FR", "ES"],
        ["33|FR", "34|ES"],
    )


def test_a_space_has_one_sender_and_one_request_at_a_time(sandbox: Sandbox, space: str) -> None:
    record = OpenRecord(
        business_account_name="Acme", industry_involved="Retail", message_destination_country=["DE"]
    )
    number = submitted(sandbox, space)
    for _ in range(2):
        refusal = refused(sandbox, "add_audit_viber_open", cust_space_id=space, audit_record=record)
        assert refusal.code == "InvalidParameter.AuditStatusNotSupport"
        reviewed(sandbox, number)
    empty = call(sandbox, "get_audit_request_by_type_un_audit", cust_space_id=space, request_type="open")
    assert not empty["Data"].get("RequestNo")


GOOD = OpenRecord(
    business_account_name="Acme", industry_involved="Retail", message_destination_country=["DE"]
)
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("add_audit_viber_open", {"audit_record": GOOD}, "MissingCustSpaceId"),
    ("add_audit_viber_open", {"cust_space_id": "cams-sandbox"}, "MissingAuditRecord"),
    (
        "add_audit_viber_open",
        {"cust_space_id": "cams-sandbox", "audit_record": OpenRecord(business_account_name="Acme")},
        "InvalidAuditRecord",
    ),
    (
        "add_address_recover_suspend",
        {"cust_space_id": "cams-sandbox", "request_type": "recover"},
        "Unknown.ResourceOwnerId",
    ),
    (
        "add_address_recover_suspend",
        {"cust_space_id": "cams-sandbox", "request_type": "open"},
        "InvalidRequestType",
    ),
    ("add_address_recover_suspend", {"cust_space_id": "cams-sandbox"}, "MissingRequestType"),
    (
        "add_address_recover_suspend",
        {"cust_space_id": "cams-sandbox", "request_type": "suspend"},
        "InvalidAuditRecord",
    ),
    ("get_viber_by_request_no", {}, "MissingRequestNo"),
    ("get_viber_by_request_no", {"request_no": "1"}, "Unknown.ResourceOwnerId"),
    ("get_audit_request_by_type_un_audit", {"cust_space_id": "cams-sandbox"}, "MissingRequestType"),
    ("get_viber_pause_times", {}, "MissingCustSpaceId"),
    ("list_viber_service_message", {}, "MissingCustSpaceId"),
    ("update_audit_request", {"cust_space_id": "cams-sandbox"}, "MissingRequestNo"),
]


@pytest.mark.parametrize(("operation", "params", "code"), FAULTS)
def test_a_bad_call(sandbox: Sandbox, operation: str, params: dict[str, Any], code: str) -> None:
    refusal = refused(sandbox, operation, **params)
    assert (refusal.status, refusal.code) == (400, code)


def test_anothers_requests_spaces_and_senders_are_like_none(
    sandbox: Sandbox, phones: Phones, space: str
) -> None:
    number = submitted(sandbox, space)
    service_id = str(reviewed(sandbox, number)["MaapServiceNo"])
    record = models.UpdateAuditRequestRequestAuditRecord(
        business_account_name="Acme", industry_involved="Retail", message_destination_country=["DE"]
    )
    theirs = new_space(sandbox, "neighbour")

    def by_neighbour(operation: str, **params: Any) -> Any:
        return refused(sandbox, operation, key="neighbour", **params)

    for operation, params in (
        ("get_viber_by_request_no", {}),
        ("update_audit_request", {"cust_space_id": theirs, "audit_record": record}),
    ):
        foreign, absent = (by_neighbour(operation, request_no=one, **params) for one in (number, "1" * 19))
        assert_alike(foreign, absent, number, "1" * 19)
        assert foreign.code == "Unknown.ResourceOwnerId"
    for operation, params in (
        ("add_audit_viber_open", {"audit_record": GOOD}),
        ("add_address_recover_suspend", {"request_type": "recover"}),
        ("get_audit_request_by_type_un_audit", {"request_type": "open"}),
        ("get_viber_pause_times", {}),
        ("list_viber_service_message", {}),
    ):
        foreign, absent = (
            by_neighbour(operation, cust_space_id=one, **params) for one in (space, "cams-nobodys")
        )
        assert_alike(foreign, absent, space, "cams-nobodys")
        assert foreign.code == "Unknown.ResourceOwnerId"
    call_ = {**FREE, "to": phones.new(), "key": "neighbour"}
    foreign, absent = (sandbox.refused(**call_ | {"from_": one}) for one in (service_id, "99999"))
    assert_alike(foreign, absent, service_id, "99999")
