"""What a customer is sent about templates and messages: the objects, member by member (receipts.md)."""

from typing import Any

import msgspec
import pytest

from tests.model.stored_json import json_text
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.leg import LegState
from waypost.model.message.outcomes import Inbound
from waypost.model.message.statuses import inbound_object, status_of
from waypost.model.templates.metrics import PERIODS, TemplateCount, by_period
from waypost.model.templates.review import audit_object, review_of, reviewed
from waypost.model.templates.template import Template

T = 1_800_000_000_000
TEMPLATE = Template(
    code="1234567890123456789",
    name="greeting",
    language="zh_CN",
    account_id=AccountId("1"),
    space_id=None,
    channel="viber",
    message_type="text",
    content={"text": "Hi"},
    status="unaudit",
)
NAMED = {"WaypostTemplateName": "greeting", "WaypostChannel": "viber"}


@pytest.mark.parametrize(
    ("status", "reason", "sent"),
    [
        ("pass", "", {"AuditStatus": "pass"}),
        ("auditing", "ignored", {"AuditStatus": "auditing"}),
        ("fail", "Too long.", {"AuditStatus": "fail", "Reason": "Too long."}),
        ("fail", "", {"AuditStatus": "fail", "Reason": ""}),
    ],
)
def test_the_object_of_a_templates_review(status: str, reason: str, sent: dict[str, str]) -> None:
    after = reviewed(TEMPLATE, status, reason, T)
    text = msgspec.json.encode(audit_object(after)).decode()
    assert text == json_text({"TemplateCode": TEMPLATE.code, "Language": "zh_CN", **sent, **NAMED})
    assert (after.status, after.reason, after.updated_at) == (status, reason, T)


@pytest.mark.parametrize(
    ("name", "status"),
    [("greeting", "pass"), ("reject_me", "fail"), ("reject", "pass"), ("a_reject_", "pass")],
)
def test_only_a_name_that_asks_for_it_fails_its_review(name: str, status: str) -> None:
    assert review_of(msgspec.structs.replace(TEMPLATE, name=name))[0] == status


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (LegState.QUEUED, "Success"),
        (LegState.SUBMITTING, "Success"),
        (LegState.IN_DOUBT, "Success"),
        (LegState.SENT, "Sent"),
        (LegState.DELIVERED, "Delivered"),
        (LegState.READ, "Read"),
        (LegState.FAILED, "Failed"),
        (LegState.EXPIRED, "Failed"),
    ],
)
def test_the_status_that_customers_read_of_a_state(state: LegState, status: str) -> None:
    assert status_of(state) == status


def test_the_object_of_an_inbound_message_has_tracking_data_only_where_there_is_some() -> None:
    inbound = Inbound(
        route="line", channel="line", sender="", user="U1", at=T, provider_id="9", type="IMAGE", text="{}"
    )
    members: dict[str, Any] = {
        "MessageId": "9",
        "From": "U1",
        "To": "1",
        "CustSpaceId": "cams-1",
        "Timestamp": T,
        "DisplayName": "",
        "Name": "",
        "Type": "IMAGE",
        "Message": "{}",
        "NoticeType": "inbound",
        "WaypostChannel": "line",
    }
    assert msgspec.json.encode(inbound_object(inbound, "1", SpaceId("cams-1"))).decode() == json_text(members)


def count(start: int, code: str = "t", language: str = "en", **parts: int) -> TemplateCount:
    return TemplateCount(
        account_id=AccountId("1"), template_code=code, language=language, start=start, **parts
    )


HALF_HOUR, DAY = PERIODS["HALF_HOUR"], PERIODS["DAILY"]


@pytest.mark.parametrize(
    ("counts", "length", "rows"),
    [
        ([], DAY, []),
        ([count(0, sent=1), count(HALF_HOUR, sent=2, read=1)], DAY, [count(0, sent=3, read=1)]),
        (
            [count(0, sent=1), count(HALF_HOUR, sent=2)],
            HALF_HOUR,
            [count(0, sent=1), count(HALF_HOUR, sent=2)],
        ),
        (
            [count(DAY - HALF_HOUR, delivered=1), count(DAY, delivered=1)],
            DAY,
            [count(0, delivered=1), count(DAY, delivered=1)],
        ),
        (
            [count(0, "u", sent=1), count(0, language="zh_CN", sent=1), count(0, sent=1)],
            DAY,
            [count(0, sent=1), count(0, language="zh_CN", sent=1), count(0, "u", sent=1)],
        ),
    ],
    ids=["nothing", "one day", "half-hours", "two days", "languages and templates apart"],
)
def test_counts_by_period(counts: list[TemplateCount], length: int, rows: list[TemplateCount]) -> None:
    assert by_period(counts, length) == rows


def test_the_periods_are_the_documented_ones() -> None:
    assert PERIODS == {"DAILY": 24 * 3_600_000, "HALF_HOUR": 1_800_000}
