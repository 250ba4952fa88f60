"""Of the parameters of a call the record has what it was about, and nothing of people or of content."""

import pytest

from waypost.api.operations.catalogue import EVERY
from waypost.model.masked_parameters import MOST_NAMES, masked_parameters, masked_string_to_sign


@pytest.mark.parametrize(
    ("name", "text", "masked"),
    [
        ("From", "20001", "20001"),
        ("TemplateCode", "welcome", "welcome"),
        ("Label", "promotoin", "promotoin"),
        ("To", "8613800001111", "8613******111"),
        ("To", "all of this is not a number, but the text of a message", "54 characters"),
        ("Content", '{"text":"hi"}', "13 characters"),
        ("Contnet", "hi", "2 characters"),
        ("TrackingData", "", ""),
        ("From", "a sentence in the wrong place", "29 characters"),
        ("TaskId", "x" * 65, "65 characters"),
    ],
)
def test_a_value_is_shown_only_where_it_is_known_to_be_a_name(name: str, text: str, masked: str) -> None:
    assert masked_parameters({name: text}, {"Label"}) == {name: masked}


def test_what_is_of_the_signature_is_left_out() -> None:
    params = {"AccessKeyId": "a secret?", "Signature": "s", "SecurityToken": "t", "Action": "X"}
    assert masked_parameters(params) == {"Action": "X"}


def test_no_more_names_are_kept_than_the_bound() -> None:
    assert len(masked_parameters({f"n{number}": "" for number in range(MOST_NAMES + 9)})) == MOST_NAMES


def test_the_string_to_sign_of_v3_is_a_digest() -> None:
    assert masked_string_to_sign("ACS3-HMAC-SHA256\nabc") == "ACS3-HMAC-SHA256\nabc"


def test_the_string_to_sign_of_v1_has_its_values_masked() -> None:
    text = "POST&%2F&Action%3DSend%26Content%3D%257B%2522a%2522%257D%26To%3D8613800001111%26Type%3Dmessage"
    assert masked_string_to_sign(text, {"Type"}) == (
        "POST&%2F&Action%3DSend%26Content%3D%2A%2A%2A%26To%3D%2A%2A%2A%26Type%3Dmessage"
    )


_OF_PEOPLE_OR_CONTENT = {
    *("Content", "TemplateParams", "FallBackContent", "FallBackTo", "TrackingData", "Payload", "SenderList"),
    *("Email", "NewEmail", "UserName", "DisplayName", "Comments", "ContactMail", "Tag", "ClientToken"),
    *("Components", "Example", "StatusCallbackUrl", "UpCallbackUrl", "PolicyDocument", "AuditRecord"),
}


def test_no_operation_shows_what_is_of_people_or_content() -> None:
    for endpoint in EVERY.values():
        operation = endpoint.operation
        params = {row.name: "x" * 12 for row in operation.parameters if row.name in _OF_PEOPLE_OR_CONTENT}
        assert set(masked_parameters(params, operation.plain).values()) <= {"12 characters"}
