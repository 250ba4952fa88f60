"""The forms of senders and recipients on each channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.addresses import check_from, check_to, read_to

FROM = "InvalidParameter.FromOnlyNumeric"
TO = "InvalidParameter.ToOnlyNumeric"
PHONE = "InvalidParameter.PhoneNumberError"


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("8613900001234", []),
        ("6831234", []),
        ("86138001", []),
        ("8613", [PHONE]),
        ("9991234567", [PHONE]),
        ("123456789012345", [PHONE]),
        ("+8613900001234", [TO]),
        ("86 139", [TO]),
        ("", [TO]),
        ("٣٨٠٥٠١١١٢٢", [TO]),
        ("380501112²", [TO]),
        ("380501112233\n", [TO]),
        ("123456", [PHONE]),
        ("1234567890123456", [PHONE]),
        ("0380501112233", [PHONE]),
    ],
)
def test_a_viber_recipient_is_an_e164_number_without_plus(value: str, codes: list[str]) -> None:
    faults = check_to("viber", value)
    assert [fault.code for fault in faults] == codes
    assert {fault.parameter for fault in faults} <= {"To"}


@pytest.mark.parametrize(
    ("value", "number"),
    [("8613900001234", "8613900001234"), ("4407911123456", "447911123456"), ("390612345678", "390612345678")],
)
def test_a_trunk_zero_is_taken_out_where_the_country_has_one(value: str, number: str) -> None:
    assert read_to("viber", value) == (number, [])


@pytest.mark.parametrize(
    ("value", "codes"),
    [("20999", []), ("0", []), ("+20999", [FROM]), ("Shop", [FROM]), ("", [FROM]), ("２０", [FROM])],
)
def test_a_viber_sender_is_digits_only(value: str, codes: list[str]) -> None:
    faults = check_from("viber", value)
    assert [fault.code for fault in faults] == codes
    assert {fault.parameter for fault in faults} <= {"From"}


@given(st.text())
def test_only_ascii_digits_ever_pass(value: str) -> None:
    digits = bool(value) and set(value) <= set("0123456789")
    assert (check_from("viber", value) == []) is digits
    assert digits or check_to("viber", value) != []


@pytest.mark.parametrize("check", [check_from, check_to])
def test_a_channel_without_a_row_is_refused(check: object) -> None:
    assert callable(check)
    (fault,) = check("pager", "12345678")
    assert (fault.code, fault.parameter) == ("InvalidParameter.ChannelTypeNotSupport", "ChannelType")


def test_the_error_names_the_value_and_what_is_needed() -> None:
    (fault,) = check_to("viber", "+380501112233")
    assert fault.message == "To is '+380501112233'; a phone number is needed, as digits only and without '+'."
