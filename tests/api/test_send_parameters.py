"""The JSON parameters of the sends that the API itself reads, and the label."""

import json
from typing import Any

import pytest

from waypost.api.limits import MOST_RECIPIENTS
from waypost.api.operations.messages.client_token import LONGEST, decode_client_token
from waypost.api.operations.messages.requested_fallback import FallbackAddresses, decode_fallback_addresses
from waypost.api.operations.messages.send_chatapp_mass_message import decode_sender_list
from waypost.api.operations.messages.send_chatapp_message import OPERATION
from waypost.model.message.labels import Label


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("8613900000000", FallbackAddresses("8613900000000", {})),
        ("+86 139", FallbackAddresses("+86 139", {})),
        ("{}", FallbackAddresses("", {})),
        (
            ' {"sms":"8613900000000","telegram":"7701234"}',
            FallbackAddresses("", {"sms": "8613900000000", "telegram": "7701234"}),
        ),
    ],
)
def test_fall_back_to_is_a_number_or_an_object_of_addresses(text: str, addresses: FallbackAddresses) -> None:
    assert decode_fallback_addresses(text) == (addresses, ())


@pytest.mark.parametrize("text", ['{"telegram":7}', "{x", '{"a":{}}', '{"a":' * 5000])
def test_any_other_object_is_no_fall_back_to(text: str) -> None:
    _, (fault,) = decode_fallback_addresses(text)
    assert (fault.code, fault.parameter) == ("InvalidFallBackTo", "FallBackTo")
    assert fault.message.endswith(' is not allowed; a phone number or {"telegram":"7701234"} is needed.')


@pytest.mark.parametrize(
    ("recipients", "texts"),
    [
        ([{"To": "1"}], [{"To": "1"}]),
        (
            [{"To": 1, "TemplateParams": {"a": 1.10}, "Payload": ["x"]}],
            [{"To": "1", "TemplateParams": '{"a":1.1}', "Payload": '["x"]'}],
        ),
        ([{"To": "1", "TemplateParams": '{"a":"b"}'}], [{"To": "1", "TemplateParams": '{"a":"b"}'}]),
        ([{"To": None, "Label": "promotion", "Ttl": 60}, {}], [{}, {}]),
    ],
)
def test_a_recipient_has_its_parameters_as_texts(recipients: list[Any], texts: list[Any]) -> None:
    assert decode_sender_list(json.dumps(recipients, separators=(",", ":"))) == (texts, ())


NEEDED = 'a JSON list of objects is needed, like [{"To":"8613900000000"}].'


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        ("x", "InvalidSenderList", f"'x' is not allowed; {NEEDED}"),
        ("{}", "InvalidSenderList", f"'{{}}' is not allowed; {NEEDED}"),
        ('["1"]', "InvalidSenderList", f"'[\"1\"]' is not allowed; {NEEDED}"),
        ("[]", "MissingSenderList", "it is missing or empty; every call needs recipients."),
        ("[ ]", "MissingSenderList", "it is missing or empty; every call needs recipients."),
        (
            json.dumps([{}] * (MOST_RECIPIENTS + 1)),
            "InvalidSenderList",
            "it has 1001 recipients; at most 1000 are allowed.",
        ),
    ],
    ids=lambda value: value[:24],
)
def test_what_is_no_list_of_recipients(text: str, code: str, sentence: str) -> None:
    _, (fault,) = decode_sender_list(text)
    assert (fault.code, fault.parameter, fault.message) == (code, "SenderList", sentence)


@pytest.mark.parametrize("token", ["a", "x" * LONGEST, "order 4711!"])
def test_a_client_token(token: str) -> None:
    assert decode_client_token(token) == (token, ())


@pytest.mark.parametrize("token", ["x" * (LONGEST + 1), "zwei\nlinien", "ключ"])
def test_what_is_no_client_token(token: str) -> None:
    _, (fault,) = decode_client_token(token)
    assert (fault.code, fault.parameter) == ("InvalidClientToken", "ClientToken")
    assert fault.message.endswith(" is not allowed; at most 64 printable ASCII characters are.")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("promotion", Label.PROMOTION),
        ("Promotion", Label.PROMOTION),
        ("pormotion", Label.PROMOTION),
        ("TRANSACTION", Label.TRANSACTION),
        ("", None),
    ],
)
def test_a_label(text: str, label: Label | None) -> None:
    params, faults = OPERATION.read({"Label": text})
    assert params.label is label
    assert [fault for fault in faults if fault.parameter == "Label"] == []


def test_what_is_no_label() -> None:
    params, faults = OPERATION.read({"Label": "spam"})
    (fault,) = [fault for fault in faults if fault.parameter == "Label"]
    assert (params.label, fault.code) == (None, "InvalidLabel")
    assert fault.message == "'spam' is not allowed; allowed are promotion, transaction."
