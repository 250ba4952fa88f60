"""Every sandbox scenario on every channel beside Viber, alone and with a fallback by SMS."""

import json
from typing import Any

import pytest

from tests.model.channel_tables import MESSAGE_TYPES as ENDPOINTS
from tests.model.channel_tables import OWN_IDS
from tests.sdk.callers import Phones, Sandbox, exchange, signed_headers
from tests.sdk.channels import CHANNELS
from tests.sdk.test_scenarios import ALONE, DAYS, FALLBACK, TTL


def with_fallback_to(sandbox: Sandbox, phone: str, parameters: dict[str, Any]) -> str:
    """Sends with a parameter that the official SDK does not have, and so by hand."""
    query = {_wire_name(name): _wire_value(value) for name, value in parameters.items()}
    query["FallBackTo"] = phone
    answer = exchange(sandbox, *signed_headers(sandbox, query)).json
    assert answer["Code"] == "OK", answer
    return str(answer["MessageId"])


def _wire_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.strip("_").split("_"))


def _wire_value(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)


CASES = [(channel, digits) for channel in CHANNELS for digits in ALONE]


def test_every_channel_is_here() -> None:
    assert CHANNELS.keys() | {"viber"} == ENDPOINTS.keys()


@pytest.mark.parametrize(("name", "digits"), CASES)
@pytest.mark.parametrize("fallback", [False, True], ids=["alone", "falling back"])
def test_each_scenario_ends_as_the_table_has_it(
    sandbox: Sandbox, phones: Phones, name: str, digits: str, fallback: bool
) -> None:
    channel = CHANNELS[name]
    person = channel.person(phones, digits)
    phone = person
    if fallback and name in OWN_IDS:
        phone = phones.new(digits)
        message_id = with_fallback_to(sandbox, phone, channel.parameters(to=person, ttl=TTL, **FALLBACK))
    else:
        more = FALLBACK if fallback else {}
        message_id = sandbox.send(**channel.parameters(to=person, ttl=TTL, **more))
    sandbox.advance(DAYS)
    state, statuses, shown = channel.scenario(digits, fallback=fallback)
    callbacks = sandbox.callbacks(message_id)
    assert [(body["WaypostLeg"], body["Status"]) for body in callbacks] == statuses
    there = sandbox.shown(person) + (sandbox.shown(phone) if phone != person else [])
    assert [(message["channel"], message["state"]) for message in there] == shown
    story = sandbox.story(message_id)
    assert (story["state"], story["timers"]) == (state, [])
    first = next(body for body in callbacks if body["WaypostLeg"] == 0)
    assert (first["From"], first["To"], first["WaypostChannel"]) == (channel.sender, person, name)
    if digits in channel.codes:
        assert next(body for body in callbacks if "ErrorCode" in body)["ErrorCode"] == channel.codes[digits]
    replies = [body["Message"] for body in sandbox.replies(person)]
    assert replies == (["STOP"] if digits == "0010" else [])


@pytest.mark.parametrize("name", sorted(OWN_IDS))
def test_an_id_is_never_taken_for_a_phone_number(sandbox: Sandbox, phones: Phones, name: str) -> None:
    channel = CHANNELS[name]
    refused = sandbox.refused(**channel.parameters(to=channel.person(phones), **FALLBACK))
    assert refused.code == "InvalidParameter.SendSmsNotSupport"
    assert "FallBackTo" in refused.message


@pytest.mark.parametrize("name", CHANNELS)
def test_a_message_on_the_phone_has_the_id_of_its_message(
    sandbox: Sandbox, phones: Phones, name: str
) -> None:
    channel = CHANNELS[name]
    person = channel.person(phones)
    message_id = sandbox.send(**channel.parameters(to=person))
    (shown,) = sandbox.phone(person)
    assert (shown["message_id"], shown["leg"], shown["from"]) == (message_id, 0, channel.sender)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_reply_is_published_to_the_customer(sandbox: Sandbox, phones: Phones, name: str) -> None:
    channel = CHANNELS[name]
    person = channel.person(phones)
    sandbox.send(**channel.parameters(to=person))
    sandbox.phone(person)
    sandbox.process.post(f"/sandbox/phones/{person}/reply", {"text": "thanks"})
    (reply,) = sandbox.replies(person)
    assert (reply["Message"], reply["To"], reply["Type"]) == ("thanks", channel.sender, "TEXT")
    assert reply["WaypostChannel"] == name


@pytest.mark.parametrize("name", CHANNELS)
def test_a_neighbours_sender_cannot_be_used(sandbox: Sandbox, phones: Phones, name: str) -> None:
    channel = CHANNELS[name]
    refused = sandbox.refused(key="neighbour", **channel.parameters(to=channel.person(phones)))
    assert refused.code == "Unknown.ResourceOwnerId"
