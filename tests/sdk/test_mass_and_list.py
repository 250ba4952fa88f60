"""SendChatappMassMessage and ListChatappMessage by the official SDK."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from alibabacloud_cams20200606 import models

from tests.processes import until
from tests.sdk.callers import FREE, TEMPLATE, Phones, Sandbox, exchange, signed_headers
from tests.sdk.operations import assert_alike, call, refused

MASS: dict[str, Any] = {
    name: TEMPLATE[name] for name in ("channel_type", "template_code", "language", "from_", "label")
}
LIST: dict[str, Any] = {
    "channel_type": "viber",
    "business_number": "20001",
    "cust_space_id": "cams-sandbox",
    "start_time": 0,
}


def recipient(number: str, **params: str) -> models.SendChatappMassMessageRequestSenderList:
    values = params or {"name": "Zoe", "code": "1234"}
    return models.SendChatappMassMessageRequestSenderList(to=number, template_params=values)


def page(number: int, size: int) -> models.ListChatappMessageRequestPage:
    return models.ListChatappMessageRequestPage(index=number, size=size)


def listed(sandbox: Sandbox, number: int = 1, size: int = 100, **filters: Any) -> list[dict[str, Any]]:
    body = call(sandbox, "list_chatapp_message", page=page(number, size), **LIST | filters)
    assert body["Success"] is True
    rows: list[dict[str, Any]] = body["Data"]
    return rows


def test_each_of_many_gets_a_message_of_their_own(sandbox: Sandbox, phones: Phones) -> None:
    numbers = [phones.new() for _ in range(3)]
    senders = [recipient(number, name=f"Zoe {place}", code="7") for place, number in enumerate(numbers)]
    answer = call(sandbox, "send_chatapp_mass_message", sender_list=senders, task_id="spring", **MASS)
    group = answer["GroupMessageId"]
    for place, number in enumerate(numbers):
        assert [shown["text"] for shown in sandbox.phone(number)] == [f"Hello Zoe {place}, your code is 7."]
    rows = listed(sandbox, group_message_id=group)
    assert [row["UserNumber"] for row in rows] == numbers
    assert len({row["MessageId"] for row in rows} | {group}) == 4
    sandbox.advance(3)
    for row in rows:
        sent, *_ = sandbox.callbacks(row["MessageId"])
        assert (sent["TaskId"], sent["To"]) == ("spring", row["UserNumber"])


def by_form(sandbox: Sandbox, numbers: list[str]) -> dict[str, Any]:
    """Calls with everything in the form, as the Node SDK does."""
    senders = [{"To": number, "TemplateParams": {"name": "Zoe", "code": "1234"}} for number in numbers]
    form = {
        "ChannelType": "viber",
        "TemplateCode": "sandbox_welcome",
        "Language": "en",
        "From": "20001",
        "Label": "promotion",
        "SenderList": json.dumps(senders),
    }
    more = {
        "content-type": "application/x-www-form-urlencoded",
        "x-acs-action": "SendChatappMassMessage",
    }
    body = urlencode(form).encode()
    target, headers = signed_headers(sandbox, {}, body, more=more)
    return exchange(sandbox, target, headers, body).json


def test_a_thousand_are_taken_and_one_more_is_refused(sandbox: Sandbox, phones: Phones) -> None:
    numbers = [phones.new() for _ in range(1001)]
    refusal = by_form(sandbox, numbers)
    assert refusal["Code"] == "InvalidSenderList"
    assert "1001 recipients; at most 1000" in refusal["Message"]
    answer = by_form(sandbox, numbers[:1000])
    rows = listed(sandbox, group_message_id=answer["GroupMessageId"], size=1000)
    assert [row["UserNumber"] for row in rows] == numbers[:1000]


def test_a_thousand_are_taken_from_the_python_sdk_which_writes_them_into_the_url(
    sandbox: Sandbox, phones: Phones
) -> None:
    senders = [recipient(phones.new(), name="Zoë 王小明", code="1234") for _ in range(1000)]
    answer = call(sandbox, "send_chatapp_mass_message", sender_list=senders, **MASS)
    assert len(listed(sandbox, group_message_id=answer["GroupMessageId"], size=1000)) == 1000


def test_one_bad_recipient_refuses_all_and_is_named_by_its_place(sandbox: Sandbox, phones: Phones) -> None:
    numbers = [phones.new() for _ in range(3)]
    senders = [
        recipient(numbers[0]),
        recipient("+86139"),
        recipient(numbers[1]),
        recipient(numbers[2], name="Z"),
    ]
    refusal = refused(sandbox, "send_chatapp_mass_message", sender_list=senders, **MASS)
    assert (refusal.status, refusal.code) == (400, "InvalidParameter.ToOnlyNumeric")
    assert "SenderList[1].To is '+86139'" in refusal.message
    assert "SenderList[3].TemplateParams has no value for 'code'" in refusal.message
    assert all(sandbox.shown(number) == [] for number in numbers)


def test_the_fallback_is_that_of_the_single_send(sandbox: Sandbox, phones: Phones) -> None:
    gone, broken = phones.new("0001"), phones.new()
    answer = call(
        sandbox,
        "send_chatapp_mass_message",
        sender_list=[recipient(gone), recipient(broken, name="only")],
        fall_back_id="S_000001",
        fall_back_content="by SMS",
        fall_back_rule="sentFailed",
        **MASS,
    )
    for number in (gone, broken):
        assert [(shown["channel"], shown["text"]) for shown in sandbox.phone(number)] == [("sms", "by SMS")]

    def fallen_back() -> list[dict[str, Any]]:
        rows = listed(sandbox, group_message_id=answer["GroupMessageId"])
        return rows if all(row["MessageStatus"] == "Failed" for row in rows) else []

    for row in until(fallen_back, what="both to fail"):
        assert (row["FailBackFlag"], row["FailBackContent"]) == ("Y", "by SMS")
        assert row["FailReason"]


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"sender_list": []}, "MissingSenderList", "SenderList"),
    ({"sender_list": [models.SendChatappMassMessageRequestSenderList()]}, "MissingTo", "SenderList[0].To"),
    ({"template_code": None}, "InvalidParameter.TemplateCodeNotEmpty", "TemplateName"),
    ({"language": None}, "InvalidParameter.LanguageNotEmpty", "Language"),
    ({"label": None}, "MissingLabel", "Label"),
    ({"ttl": 1}, "InvalidTtl", "Ttl"),
    ({"from_": "30001"}, "Unknown.ResourceOwnerId", "From"),
]


@pytest.mark.parametrize(("change", "code", "word"), FAULTS)
def test_a_bad_call(sandbox: Sandbox, phones: Phones, change: dict[str, Any], code: str, word: str) -> None:
    call_params = {**MASS, "sender_list": [recipient(phones.new()), recipient(phones.new())], **change}
    refusal = refused(sandbox, "send_chatapp_mass_message", **call_params)
    assert (refusal.status, refusal.code) == (400, code)
    assert word in refusal.message
    assert refusal.message.count(f"{word}:") <= 1


@pytest.mark.parametrize(
    ("name", "foreign", "absent"),
    [("cust_space_id", "cams-neighbour", "cams-nobodys"), ("from_", "30001", "30002")],
)
def test_what_is_anothers_is_like_nothing(
    sandbox: Sandbox, phones: Phones, name: str, foreign: str, absent: str
) -> None:
    call_params = {**MASS, "sender_list": [recipient(phones.new())]}
    answers = [
        refused(sandbox, "send_chatapp_mass_message", **call_params | {name: value})
        for value in (foreign, absent)
    ]
    assert_alike(answers[0], answers[1], foreign, absent)


def test_a_row_has_every_field_of_a_message(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new("0003")
    message_id = sandbox.send(**TEMPLATE, to=number)
    sandbox.phone(number)
    sandbox.advance(3)
    (row,) = listed(sandbox, user_number=number)
    assert (row["MessageId"], row["UniqueMessageId"]) == (message_id, message_id)
    assert (row["Type"], row["TemplateCode"], row["LanguageCode"]) == ("template", "sandbox_welcome", "en")
    assert row["Message"] == '{"text":"Hello Zoe, your code is 1234."}'
    assert (row["MessageStatus"], row["ClientAcceptStatusName"]) == ("Delivered", "Accepted")
    assert (row["ClientReadStatus"], row["FailBackFlag"], row["FailReason"]) == ("Unread", "N", "")
    assert row["SendTime"].isdecimal()
    assert len(row["Month"]) == 6


def test_filters(sandbox: Sandbox, phones: Phones) -> None:
    reached, lost = phones.new(), phones.new("0001")
    first, second = sandbox.send(**TEMPLATE, to=reached), sandbox.send(**FREE, to=lost)
    sandbox.phone(reached)
    sandbox.advance(3)
    ours = {first, second}
    (row,) = listed(sandbox, user_number=reached)
    at = int(row["SendTime"])

    def found(**filters: Any) -> set[str]:
        # The sandbox is everyone's and holds more than a page; ours are the last.
        filters = {"start_time": at} | filters
        return {row["MessageId"] for row in listed(sandbox, size=1000, **filters)} & ours

    assert found() == ours
    assert found(template_code="sandbox_welcome") == {first}
    assert found(user_number=lost) == {second}
    assert found(message_status="Read") == {first}
    assert found(message_status="failed") == {second}
    assert found(client_accept_status="Accepted") == {first}
    assert found(event_action="DOWN") == ours
    assert found(start_time=at, end_time=at) >= {first}
    assert first not in found(start_time=at + 1)
    assert found(start_time=at - 1, end_time=at - 1) == set()
    assert found(cust_space_id="cams-sandbox-2") == set()
    assert listed(sandbox, group_message_id="2026112303460800000100000") == []
    assert listed(sandbox, group_message_id="9" * 4 + "1231" + "9" * 17) == []


def test_no_row_comes_twice_and_none_is_missed_while_messages_are_sent(
    sandbox: Sandbox, phones: Phones
) -> None:
    phone = phones.new()
    sent = [sandbox.send(**FREE, to=phone)]
    (start,) = [row["SendTime"] for row in listed(sandbox, user_number=phone)]
    sent += [sandbox.send(**FREE, to=phones.new()) for _ in range(4)]
    read: list[str] = []
    for number in range(1, 6):
        read += [row["MessageId"] for row in listed(sandbox, number, 2, start_time=int(start))]
        if number < 4:
            sent.append(sandbox.send(**FREE, to=phones.new()))
    assert read == sent


def test_the_period_may_be_a_text(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new()
    message_id = sandbox.send(**FREE, to=number)
    (row,) = listed(sandbox, user_number=number)
    moment = datetime.fromtimestamp(int(row["SendTime"]) / 1000, UTC)
    before, after = moment - timedelta(hours=1), moment + timedelta(hours=1)

    def found(**period: Any) -> list[str]:
        return [each["MessageId"] for each in listed(sandbox, user_number=number, **period)]

    text = "%Y-%m-%dT%H:%M:%SZ"
    assert found(start_time=None, start_time_str=before.strftime(text)) == [message_id]
    assert found(start_time=None, start_time_str=after.strftime(text)) == []
    assert found(end_time_str=after.strftime(text)) == [message_id]
    assert found(end_time_str=before.strftime(text)) == []
    assert found(start_time=int(row["SendTime"]), start_time_str=after.strftime(text)) == [message_id]


LIST_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"start_time": None}, "QueryParam.startTime"),
    ({"start_time": None, "start_time_str": "yesterday"}, "InvalidStartTimeStr"),
    ({"end_time_str": "tomorrow"}, "InvalidEndTimeStr"),
    ({"page": None}, "MissingPage"),
    ({"page": page(0, 10)}, "InvalidParameter.PageInvalid"),
    ({"page": page(1, 1001)}, "InvalidParameter.PageInvalid"),
    ({"group_message_id": "x"}, "InvalidParameter"),
    ({"group_message_id": "2026113403460800000100000"}, "InvalidParameter"),
    ({"message_status": "gone"}, "InvalidMessageStatus"),
    ({"event_action": "ACROSS"}, "InvalidEventAction"),
    ({"channel_type": "pigeon"}, "InvalidParameter.ChannelTypeNotSupport"),
    ({"cust_space_id": None}, "MissingCustSpaceId"),
]


@pytest.mark.parametrize(("change", "code"), LIST_FAULTS)
def test_a_bad_list(sandbox: Sandbox, change: dict[str, Any], code: str) -> None:
    refusal = refused(sandbox, "list_chatapp_message", **{**LIST, "page": page(1, 10), **change})
    assert (refusal.status, refusal.code) == (400, code)


def test_nobody_lists_anothers_messages(sandbox: Sandbox, phones: Phones) -> None:
    number = phones.new()
    sandbox.send(**FREE, to=number)
    theirs = {**LIST, "business_number": "30001", "cust_space_id": "cams-neighbour"}
    body = call(sandbox, "list_chatapp_message", key="neighbour", page=page(1, 100), **theirs)
    assert number not in {row["UserNumber"] for row in body["Data"]}
    for name, foreign, absent in (
        ("business_number", "30001", "30002"),
        ("cust_space_id", "cams-neighbour", "cams-nobodys"),
    ):
        answers = [
            refused(sandbox, "list_chatapp_message", page=page(1, 10), **LIST | {name: value})
            for value in (foreign, absent)
        ]
        assert_alike(answers[0], answers[1], foreign, absent)


def test_what_people_wrote_is_listed_too(sandbox: Sandbox, phones: Phones) -> None:
    person, other = phones.new("0003"), phones.new("0003")
    for number, texts in ((person, ["one", "two", "three"]), (other, ["elsewhere"])):
        sandbox.send(**FREE, to=number)
        sandbox.advance(2)
        for text in texts:
            sandbox.process.post(f"/sandbox/phones/{number}/reply", {"text": text})
            sandbox.advance(2)
    filters: dict[str, Any] = {"event_action": "UP", "user_number": person}
    rows = listed(sandbox, **filters)
    assert [row["Message"] for row in rows] == ["one", "two", "three"]
    assert {(row["BusinessNumber"], row["MessageSource"], row["EventAction"]) for row in rows} == {
        ("20001", "inbound", "UP")
    }
    pages = [listed(sandbox, place, 2, **filters) for place in (1, 2)]
    assert [[row["Message"] for row in page] for page in pages] == [["one", "two"], ["three"]]
    second = int(rows[1]["SendTime"])
    times = {"start_time": second, "end_time": second}
    assert [row["Message"] for row in listed(sandbox, **filters | times)] == ["two"]
    assert listed(sandbox, **filters, message_status="Read") == []
    assert listed(sandbox, **filters, cust_space_id="cams-sandbox-2") == []
    assert rows[0]["Message"] not in [row["Message"] for row in listed(sandbox, user_number=person)]
    theirs = {"business_number": "30001", "cust_space_id": "cams-neighbour"}
    body = call(
        sandbox, "list_chatapp_message", key="neighbour", page=page(1, 100), **{**LIST, **filters, **theirs}
    )
    assert body["Data"] == []
