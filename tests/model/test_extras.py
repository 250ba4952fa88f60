"""Parameters of a message beside its content."""

import pytest

from waypost.model.message.extras import (
    Extras,
    decode_flow_action,
    decode_payload,
    decode_product_action,
    extras_of,
)
from waypost.model.message.free_messages import check_window

DAY = 24 * 3_600_000


def test_each_parameter_is_read() -> None:
    payloads, no_faults = decode_payload('["yes"]')
    flow, none_either = decode_flow_action('{"FlowToken":"t","FlowActionData":{"a":1}}')
    products, nor_these = decode_product_action(
        '{"ThumbnailProductRetailerId":"p","Sections":'
        '[{"Title":"S","ProductItems":[{"ProductRetailerId":"q"}]}]}'
    )
    assert (no_faults, none_either, nor_these) == ([], [], [])
    assert extras_of(payloads, flow, products, "wamid.1", "group") == Extras(
        payloads=("yes",),
        flow_token="t",
        flow_data={"a": 1},
        thumbnail_product="p",
        sections=(("S", ("q",)),),
        context_message_id="wamid.1",
        recipient_type="group",
    )


def test_what_the_sdk_sends_for_an_unset_list_is_none() -> None:
    products, faults = decode_product_action('{"Sections":[]}')
    assert (extras_of(products=products), faults) == (Extras(), [])
    assert extras_of() == Extras()


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
    decode = {
        "Payload": decode_payload,
        "FlowAction": decode_flow_action,
        "ProductAction": decode_product_action,
    }[name]
    (fault,) = decode(text)[1]
    assert (fault.code, fault.parameter) == (f"Invalid{name}", name)


@pytest.mark.parametrize(("last", "open_"), [(None, False), (0, True), (-1, False), (DAY, True)])
def test_the_window_is_24_hours(last: int | None, open_: bool) -> None:
    assert (check_window("whatsapp", last, DAY) == []) is open_
