"""The statuses a customer gets: each once and in order, whatever order the provider reported them in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.model.messages import ACCEPTED_AT, message
from tests.storage.databases import leg
from waypost.model.identifiers import SpaceId
from waypost.model.message.extras import Extras
from waypost.model.message.leg import LegEvent, LegState, after
from waypost.model.message.outcomes import Inbound
from waypost.model.message.statuses import (
    INBOUND_KIND,
    NO_IDS,
    STATUS_KIND,
    UserIds,
    inbound_object,
    masked_object,
    status_object,
    statuses_to_publish,
)

Q, SUB, DOUBT = LegState.QUEUED, LegState.SUBMITTING, LegState.IN_DOUBT
S, E, F, D, R = LegState.SENT, LegState.EXPIRED, LegState.FAILED, LegState.DELIVERED, LegState.READ
GOOD = [LegEvent.ACCEPTED, LegEvent.RECEIPT_SENT, LegEvent.RECEIPT_DELIVERED, LegEvent.RECEIPT_READ]


def published(events: list[LegEvent], state: LegState = SUB) -> list[str]:
    statuses: list[str] = []
    for event in events:
        before, state = state, after(state, event)
        statuses += statuses_to_publish(before, state)
    return statuses


@given(st.permutations([*GOOD, *GOOD]))
def test_sent_delivered_read_are_published_once_each_and_in_that_order(events: list[LegEvent]) -> None:
    assert published(events) == ["Sent", "Delivered", "Read"]


@given(st.lists(st.sampled_from(LegEvent)))
def test_no_status_is_published_twice_and_none_goes_back(events: list[LegEvent]) -> None:
    statuses = published(events, Q)
    assert len(set(statuses)) == len(statuses)
    order = [status for status in statuses if status != "Failed"]
    assert order == sorted(order, key=["Sent", "Delivered", "Read"].index)
    if "Failed" in statuses:
        # Failure may be overtaken by a late delivery, never the other way round.
        assert "Sent" not in statuses[statuses.index("Failed") :]
        assert not {"Delivered", "Read"} & set(statuses[: statuses.index("Failed")])


@given(st.lists(st.sampled_from(LegEvent)))
def test_the_last_status_published_is_the_final_state_of_the_leg(events: list[LegEvent]) -> None:
    state = Q
    for event in events:
        state = after(state, event)
    statuses = published(events, Q)
    if state.ended:
        assert statuses[-1] == {E: "Failed", F: "Failed", D: "Delivered", R: "Read"}[state]


@pytest.mark.parametrize(
    ("before", "now", "statuses"),
    [
        (Q, SUB, ()),
        (SUB, DOUBT, ()),
        (SUB, Q, ()),
        (SUB, S, ("Sent",)),
        (SUB, F, ("Failed",)),
        (S, D, ("Delivered",)),
        (S, R, ("Delivered", "Read")),
        (DOUBT, R, ("Sent", "Delivered", "Read")),
        (D, R, ("Read",)),
        (S, E, ("Failed",)),
        (E, F, ()),
        (E, D, ("Delivered",)),
        (F, R, ("Delivered", "Read")),
        (D, D, ()),
    ],
)
def test_each_step_publishes_what_it_adds(before: LegState, now: LegState, statuses: tuple[str, ...]) -> None:
    assert statuses_to_publish(before, now) == statuses


def test_the_object_of_a_plain_message() -> None:
    published = status_object(message(), leg(), "Delivered", ACCEPTED_AT + 5)
    assert published == {
        "MessageId": "2027011508000000000001000",
        "From": "20001",
        "To": "380501112233",
        "Timestamp": ACCEPTED_AT + 5,
        "Status": "Delivered",
        "StatusDescription": "Delivered",
        "MsgFrameType": "message",
        "Type": "text",
        "TaskId": "2027011508000000000001000",
        "OriginPhoneNumber": "20001",
        "WaypostLeg": 0,
        "WaypostChannel": "viber",
    }


def test_the_object_of_a_failed_fallback_of_a_template_message() -> None:
    sent = message(template_code="welcome", template_name="Welcome", language="en", task_id="T-9")
    failed = replace(
        leg(number=1),
        channel="sms",
        sender="Shop",
        code="UNDELIVERABLE",
        text="no such number",
        why="the provider reported a failure",
    )
    published = status_object(sent, failed, "Failed", ACCEPTED_AT)
    assert published["ErrorCode"] == "UNDELIVERABLE"
    assert published["ErrorDescription"] == "UNDELIVERABLE:no such number"
    assert (published["TemplateCode"], published["TemplateName"], published["Language"]) == (
        "welcome",
        "Welcome",
        "en",
    )
    assert (published["MsgFrameType"], published["Type"], published["TaskId"]) == (
        "template",
        "TEMPLATE",
        "T-9",
    )
    assert (published["From"], published["OriginPhoneNumber"]) == ("Shop", "20001")
    assert (published["WaypostLeg"], published["WaypostChannel"]) == (1, "sms")
    assert published["WaypostFallbackReason"] == "the provider reported a failure"


def test_a_double_delivery_is_published_where_it_is_delivered() -> None:
    twice = replace(leg(), double_delivery=True)
    assert status_object(message(), twice, "Delivered", 1)["WaypostDoubleDelivery"] is True
    assert "WaypostDoubleDelivery" not in status_object(message(), twice, "Read", 1)


@pytest.mark.parametrize(
    ("number", "user", "ids"),
    [
        (0, NO_IDS, {"FromUserId": "DE.1"}),
        (1, NO_IDS, {}),
        (0, UserIds("DE.2", "DE.3"), {"FromUserId": "DE.2", "FromParentUserId": "DE.3"}),
        (1, UserIds("", "DE.3"), {"FromParentUserId": "DE.3"}),
    ],
)
def test_a_recipient_without_a_number_is_named_by_their_ids(
    number: int, user: UserIds, ids: dict[str, str]
) -> None:
    sent = message(recipient="DE.1", extras=Extras(recipient_type="userId"))
    published = status_object(sent, leg(number=number), "Sent", 1, user=user)
    assert {name: value for name, value in published.items() if name.startswith("From") and name[4:]} == ids


def test_the_object_of_a_persons_message() -> None:
    inbound = Inbound(
        route="viber",
        channel="viber",
        sender="20001",
        user="380501112233",
        at=ACCEPTED_AT,
        provider_id="77",
        type="TEXT",
        text="STOP",
        tracking_data="order:9",
    )
    assert inbound_object(inbound, "20001", SpaceId("cams-1")) == {
        "MessageId": "77",
        "From": "380501112233",
        "To": "20001",
        "CustSpaceId": "cams-1",
        "Timestamp": ACCEPTED_AT,
        "DisplayName": "",
        "Name": "",
        "Type": "TEXT",
        "Message": "STOP",
        "NoticeType": "inbound",
        "WaypostChannel": "viber",
        "WaypostTrackingData": "order:9",
    }


def test_an_object_is_masked_where_it_is_about_a_person() -> None:
    status = status_object(message(recipient="380501112233"), leg(), "Sent", ACCEPTED_AT)
    assert masked_object(STATUS_KIND, status) == status | {"To": "3805*****233"}
    inbound = inbound_object(
        Inbound(
            route="viber-main",
            channel="viber",
            sender="20001",
            user="380501112233",
            provider_id="7",
            at=ACCEPTED_AT,
            type="TEXT",
            text="my code is 4711",
            tracking_data="",
        ),
        "20001",
        SpaceId("cams-1"),
    )
    masked = masked_object(INBOUND_KIND, inbound)
    assert masked == inbound | {"From": "3805*****233", "Message": "***"}


def test_all_that_is_of_a_person_is_masked() -> None:
    personal = {
        "caption": "my text",
        "payload": "ORDER-1",
        "name": "Mia",
        "user_id": "DE.1",
        "parent_user_id": "DE.2",
        "user_name": "@mia",
    }
    inbound = Inbound(
        route="r",
        channel="whatsapp",
        sender="1555",
        user="DE.1000000000",
        provider_id="7",
        at=ACCEPTED_AT,
        type="BUTTON",
        text="Yes",
        **personal,  # type: ignore[arg-type]
    )
    published = inbound_object(inbound, "1555", SpaceId("cams-1"))
    masked = masked_object(INBOUND_KIND, published)
    for value in ("Yes", "DE.1000000000", *personal.values()):
        assert value in published.values()
        assert value not in masked.values()
    status = status_object(message(), leg(), "Sent", ACCEPTED_AT, user=UserIds("DE.1", "DE.2"))
    assert (status["FromUserId"], status["FromParentUserId"]) == ("DE.1", "DE.2")
    assert not {"DE.1", "DE.2"} & set(masked_object(STATUS_KIND, status).values())
