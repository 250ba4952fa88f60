"""What a call says beyond its content."""

import pytest

from waypost.model.message.extras import Extras, read_extras
from waypost.model.message.free_messages import check_window

DAY = 24 * 3_600_000


def test_each_parameter_is_read() -> None:
    extras, faults = read_extras(
        {
            "Payload": '["yes"]',
            "FlowAction": '{"FlowToken":"t","FlowActionData":{"a":1}}',
            "ProductAction": '{"ThumbnailProductRetailerId":"p","Sections":'
            '[{"Title":"S","ProductItems":[{"ProductRetailerId":"q"}]}]}',
            "ContextMessageId": "wamid.1",
            "RecipientType": "group",
        }
    )
    assert faults == []
    assert extras == Extras(
        payloads=("yes",),
        flow_token="t",
        flow_data={"a": 1},
        thumbnail_product="p",
        sections=(("S", ("q",)),),
        context_message_id="wamid.1",
        recipient_type="group",
    )


def test_what_the_sdk_sends_for_an_unset_list_is_none() -> None:
    assert read_extras({"ProductAction": '{"Sections":[]}'}) == (Extras(), [])
    assert read_extras({"To": "1"}) == (Extras(), [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Payload", "yes"),
        ("Payload", '["1","2","3","4"]'),
        ("Payload", "[1]"),
        ("Payload", r'["\u0000"]'),
        ("FlowAction", "[]"),
        ("ProductAction", "[object Object]"),
        ("ProductAction", '{"Sections":[' + ",".join(["{}"] * 11) + "]}"),
    ],
)
def test_refused(name: str, text: str) -> None:
    (fault,) = read_extras({name: text})[1]
    assert (fault.code, fault.parameter) == (f"Invalid{name}", name)


@pytest.mark.parametrize(("last", "open_"), [(None, False), (0, True), (-1, False), (DAY, True)])
def test_the_window_is_24_hours(last: int | None, open_: bool) -> None:
    assert (check_window("whatsapp", last, DAY) == []) is open_
