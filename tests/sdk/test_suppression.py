"""The suppression list: how people get on it, which messages it stops, and how they get off it."""

from typing import Any

import pytest
from alibabacloud_cams20200606.models import SendChatappMassMessageRequestSenderList as Recipient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from tests.processes import until
from tests.sdk.callers import FREE, TEMPLATE, Phones, Sandbox
from tests.sdk.operations import call, own, own_refused, refused

SUPPRESSED = "InvalidParameter.ToSuppressed"


def listed(sandbox: Sandbox, to: str, **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = own(sandbox, "ListSuppressions", To=to, **more)["Data"]
    return rows


def may_send(sandbox: Sandbox, to: str, **changes: Any) -> bool:
    parameters = {**FREE, "to": to, **changes}
    try:
        sandbox.send(**parameters)
    except AlibabaCloudException:
        assert sandbox.refused(**parameters).code == SUPPRESSED
        return False
    return True


def write(sandbox: Sandbox, person: str, text: str) -> None:
    sandbox.process.post(f"/sandbox/phones/{person}/reply", {"text": text})


def test_whoever_writes_stop_gets_no_promotions_until_they_write_start(
    sandbox: Sandbox, phones: Phones
) -> None:
    person = phones.new()
    sandbox.send(**FREE, to=person)
    sandbox.advance(5)
    write(sandbox, person, "Please stop it now")
    sandbox.advance(5)
    assert listed(sandbox, person) == []
    write(sandbox, person, " stop! ")
    sandbox.advance(5)
    (row,) = listed(sandbox, person)
    assert (row["ChannelType"], row["From"], row["Reason"], row["Detail"]) == (
        "viber",
        "20001",
        "stop_word",
        "STOP",
    )
    refusal = sandbox.refused(**FREE, to=person)
    assert (refusal.status, refusal.code) == (400, SUPPRESSED)
    assert may_send(sandbox, person, key="neighbour", from_="30001")
    sandbox.advance(5)
    # They answer the sender that wrote last.
    assert may_send(sandbox, person, label="transaction")
    sandbox.advance(5)
    write(sandbox, person, "Start")
    sandbox.advance(5)
    assert listed(sandbox, person) == []
    assert may_send(sandbox, person)


def test_so_does_the_sandboxs_number_that_replies_stop(sandbox: Sandbox, phones: Phones) -> None:
    person = phones.new("0010")
    sandbox.send(**FREE, to=person)
    sandbox.advance(10)
    assert not may_send(sandbox, person)


def test_whoever_blocked_the_sender_gets_no_promotions(sandbox: Sandbox, phones: Phones) -> None:
    person = phones.new("0009")
    message_id = sandbox.send(**FREE, to=person)
    sandbox.advance(10)
    (row,) = listed(sandbox, person)
    assert (row["Reason"], row["Detail"]) == ("provider", "SRVC_USER_BLOCKED")
    assert not may_send(sandbox, person)
    assert may_send(sandbox, person, label="transaction")
    story = [line["text"] for line in sandbox.story(message_id)["timeline"]]
    assert any("no promotions to them any more" in text for text in story)


@pytest.mark.parametrize(
    ("entry", "sender_is_meant"),
    [
        ({}, True),
        ({"ChannelType": "viber"}, True),
        ({"ChannelType": "viber", "From": "20001"}, True),
        ({"ChannelType": "whatsapp"}, False),
        ({"ChannelType": "sms", "From": "Waypost"}, False),
    ],
)
def test_a_person_put_there_by_call(
    sandbox: Sandbox, phones: Phones, entry: dict[str, str], sender_is_meant: bool
) -> None:
    person = phones.new()
    own(sandbox, "CreateSuppression", To=person, **entry)
    own(sandbox, "CreateSuppression", To=person, **entry)
    assert [row["Reason"] for row in listed(sandbox, person)] == ["call"]
    assert may_send(sandbox, person) is not sender_is_meant
    assert may_send(sandbox, person, key="neighbour", from_="30001")
    own(sandbox, "DeleteSuppression", To=person, **entry)
    assert own_refused(sandbox, "DeleteSuppression", To=person, **entry).code == "Unknown.ResourceOwnerId"
    assert may_send(sandbox, person)


def test_a_fallback_does_not_reach_whoever_wants_nothing_from_its_sender(
    sandbox: Sandbox, phones: Phones
) -> None:
    person = phones.new("0001")
    own(sandbox, "CreateSuppression", To=person, ChannelType="sms", From="Waypost")
    promotion = sandbox.send(**FREE, to=person, fall_back_id="S_000001")
    transaction = sandbox.send(**FREE | {"label": "transaction"}, to=person, fall_back_id="S_000001")
    sandbox.advance(10)
    assert [leg["state"] for leg in sandbox.story(promotion)["legs"]] == ["failed", "failed"]
    assert [leg["state"] for leg in sandbox.story(transaction)["legs"]] == ["failed", "delivered"]
    assert [message["channel"] for message in sandbox.shown(person)] == ["sms"]


def test_whoever_opts_out_after_the_call_gets_it_no_more(sandbox: Sandbox, phones: Phones) -> None:
    person = phones.new("0006")
    message_id = sandbox.send(**FREE, to=person)
    until(lambda: sandbox.story(message_id)["legs"], what="the first attempt")
    own(sandbox, "CreateSuppression", To=person)
    sandbox.advance(60)
    (leg,) = sandbox.story(message_id)["legs"]
    assert (leg["state"], leg["code"]) == ("failed", "SRVC_USER_BLOCKED")
    assert sandbox.shown(person) == []


def test_a_mass_promotion_names_those_who_want_none(sandbox: Sandbox, phones: Phones) -> None:
    people = [phones.new() for _ in range(3)]
    own(sandbox, "CreateSuppression", To=people[1])
    params = {name: value for name, value in TEMPLATE.items() if name not in ("type", "template_params")}
    values = {"name": "Zoe", "code": "1"}
    recipients = [Recipient(to=person, template_params=values) for person in people]
    body: dict[str, Any] = {**params, "sender_list": recipients}
    refusal = refused(sandbox, "send_chatapp_mass_message", **body)
    assert refusal.code == SUPPRESSED
    assert "SenderList[1].To" in refusal.message
    assert all(sandbox.shown(person) == [] for person in people)
    assert call(sandbox, "send_chatapp_mass_message", **body | {"label": "transaction"})["GroupMessageId"]


def test_pages_of_the_list(sandbox: Sandbox, phones: Phones) -> None:
    chats = [f"88{phones.new()}" for _ in range(5)]
    for chat in chats:
        own(sandbox, "CreateSuppression", To=chat, ChannelType="telegram", From="20002")
    rows: list[str] = []
    size = 2
    while len(rows) % size == 0:
        query: dict[str, Any] = {
            "ChannelType": "telegram",
            "From": "20002",
            "PageIndex": len(rows) // size + 1,
        }
        page = own(sandbox, "ListSuppressions", **query, PageSize=size)["Data"]
        if not page:
            break
        rows += [row["To"] for row in page]
    assert len(rows) == len(set(rows))
    assert [row for row in rows if row in chats] == chats
    assert own(sandbox, "ListSuppressions", key="neighbour", ChannelType="telegram")["Data"] == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "MissingTo"),
        ({"To": "+49151"}, "InvalidParameter.ToOnlyNumeric"),
        ({"To": "4915112345678", "From": "20001"}, "MissingChannelType"),
        ({"To": "4915112345678", "ChannelType": "viber", "From": "30001"}, "Unknown.ResourceOwnerId"),
        ({"To": "4915112345678", "ChannelType": "fax"}, "InvalidParameter.ChannelTypeNotSupport"),
    ],
)
@pytest.mark.parametrize("operation", ["CreateSuppression", "DeleteSuppression"])
def test_a_bad_call(sandbox: Sandbox, operation: str, params: dict[str, Any], code: str) -> None:
    assert own_refused(sandbox, operation, **params).code == code
