"""What a call has beside its content: each parameter at its limit and past it, and when it may be free."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.model.channel_tables import FREE_FOR
from waypost.model.faults import Fault
from waypost.model.identifiers import AccountId
from waypost.model.message.extras import (
    Extras,
    decode_flow_action,
    decode_payload,
    decode_product_action,
    extras_of,
)
from waypost.model.message.free_messages import check_window
from waypost.model.queues import queue_name, queue_names

HOUR = 3_600_000
DECODERS: dict[str, tuple[str, Callable[[str], tuple[Any, list[Fault]]]]] = {
    "Payload": ("payloads", decode_payload),
    "FlowAction": ("flow", decode_flow_action),
    "ProductAction": ("products", decode_product_action),
}


def products(*counts: int) -> str:
    """A ProductAction with a section for each count, of so many products."""
    sections = [
        {"Title": "t", "ProductItems": [{"ProductRetailerId": "p"}] * count if count else None}
        for count in counts
    ]
    return json.dumps({"Sections": sections})


@pytest.mark.parametrize(
    ("name", "text", "extras"),
    [
        ("Payload", '["1","2","3"]', Extras(payloads=("1", "2", "3"))),
        ("Payload", "[]", Extras()),
        ("Payload", '[""]', Extras(payloads=("",))),
        ("FlowAction", "{}", Extras(flow_token="")),
        ("FlowAction", '{"FlowToken":"t"}', Extras(flow_token="t")),
        ("FlowAction", '{"FlowActionData":{"a":[1]}}', Extras(flow_token="", flow_data={"a": [1]})),
        ("ProductAction", "{}", Extras()),
        ("ProductAction", '{"ThumbnailProductRetailerId":"p"}', Extras(thumbnail_product="p")),
        ("ProductAction", '{"Sections":[{}]}', Extras(sections=(("", ()),))),
        ("ProductAction", products(*[3] * 10), Extras(sections=(("t", ("p",) * 3),) * 10)),
        ("ProductAction", products(30), Extras(sections=(("t", ("p",) * 30),))),
        ("ProductAction", products(0), Extras(sections=(("t", ()),))),
    ],
)
def test_a_parameter_is_read(name: str, text: str, extras: Extras) -> None:
    field, decode = DECODERS[name]
    value, faults = decode(text)
    assert (extras_of(**{field: value}), faults) == (extras, [])


def test_the_parameters_that_are_plain_texts() -> None:
    assert extras_of(context_message_id="wamid.1") == Extras(context_message_id="wamid.1")
    assert extras_of(recipient_type="userId") == Extras(recipient_type="userId")


ARRAY = 'a JSON array of strings is needed, like ["yes","no"]'
FLOW = "a JSON object with FlowToken and FlowActionData is needed"
PRODUCTS = "a JSON object with ThumbnailProductRetailerId and Sections is needed"
MOST = "and at most 10 with 30 are allowed"
NUL = "it holds the character NUL; any other character is allowed"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("Payload", '["1","2","3","4"]', "it has 4 items and at most 3 are allowed"),
        ("Payload", '"yes"', ARRAY),
        ("Payload", "[null]", ARRAY),
        ("Payload", "[" * 5000, ARRAY),
        ("Payload", '["a\0"]', NUL),
        ("FlowAction", "[object Object]", FLOW),
        ("FlowAction", '{"FlowToken":7}', FLOW),
        ("FlowAction", '{"FlowActionData":[]}', FLOW),
        ("FlowAction", r'{"FlowToken":"\u0000"}', NUL),
        (
            "ProductAction",
            products(*[1] * 11),
            f"it has 11 sections with 11 products {MOST}",
        ),
        (
            "ProductAction",
            products(16, 15),
            f"it has 2 sections with 31 products {MOST}",
        ),
        ("ProductAction", '{"Sections":[{"ProductItems":[{}]}]}', PRODUCTS),
        ("ProductAction", '{"Sections":{}}', PRODUCTS),
    ],
    ids=lambda value: ascii(value[:32]),
)
def test_a_parameter_that_is_wrong_is_named_with_what_is_allowed(name: str, text: str, why: str) -> None:
    _, decode = DECODERS[name]
    _, (fault,) = decode(text)
    assert (fault.code, fault.parameter) == (f"Invalid{name}", name)
    assert fault.message.startswith(f"{name} is '")
    assert fault.message.endswith(f"; {why}.")


def test_free_messages_have_a_window_on_the_channels_of_meta_alone() -> None:
    assert {channel: span / HOUR for channel, span in FREE_FOR.items()} == {
        "whatsapp": 24,
        "messenger": 24,
        "instagram": 24,
    }


@pytest.mark.parametrize("channel", FREE_FOR)
@pytest.mark.parametrize(
    ("ago", "why"),
    [
        (0, None),
        (24 * HOUR, None),
        (24 * HOUR + 1, "this user last wrote 24.0 hours ago"),
        (50 * HOUR, "this user last wrote 50.0 hours ago"),
        (None, "this user has never written to this sender"),
    ],
    ids=str,
)
def test_the_window_of_a_free_message(channel: str, ago: int | None, why: str | None) -> None:
    now = 1_800_000_000_000
    faults = check_window(channel, None if ago is None else now - ago, now)
    if why is None:
        assert faults == []
        return
    (fault,) = faults
    assert (fault.code, fault.parameter) == ("InvalidParameter.SessionWindowExpired", "Type")
    assert why in fault.message
    assert f"on {channel} it is allowed within 24 hours" in fault.message


def test_the_queues_of_an_account() -> None:
    assert queue_name(AccountId("1001"), "ChatAppStatus") == "Alicom-Queue-1001-ChatAppStatus"
    assert queue_names(AccountId("1001")) == (
        "Alicom-Queue-1001-ChatAppAudit",
        "Alicom-Queue-1001-ChatAppInbound",
        "Alicom-Queue-1001-ChatAppStatus",
    )
