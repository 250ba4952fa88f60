"""What a `To` and a `From` look like on each channel, each form at its edge (send-chatapp-message.md §2)."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.channel_tables import MESSAGE_TYPES, OWN_IDS
from waypost.model.addresses import check_from, has_phone, read_to
from waypost.model.channels import CHANNELS, MESSAGE_CHANNELS
from waypost.model.phone_numbers import possible_number

PHONE = "InvalidParameter.PhoneNumberError"
DIGITS = "InvalidParameter.ToOnlyNumeric"
LINE_USER = "U" + "0123456789abcdef" * 2


def test_each_channel_that_has_content_has_addresses() -> None:
    assert set(MESSAGE_CHANNELS) == set(MESSAGE_TYPES)
    assert {"messenger", "instagram", "telegram", "line"} == OWN_IDS


@pytest.mark.parametrize(
    ("channel", "value"),
    [
        ("messenger", "1254459154682919"),
        ("messenger", "m" * 64),
        ("instagram", "a_b-C9"),
        ("telegram", "123456789"),
        ("telegram", "-1001234567890"),
        ("telegram", "1" * 19),
        ("telegram", "@shop_1"),
        ("telegram", "@abcd"),
        ("telegram", "@" + "a" * 32),
        ("line", LINE_USER),
        ("line", "C" + "0" * 32),
        ("line", "R" + "0" * 4),
        ("line", "U" + "a" * 63),
    ],
)
def test_an_id_of_the_channels_own_is_sent_to_as_it_is(channel: str, value: str) -> None:
    assert read_to(channel, value) == (value, [])


@pytest.mark.parametrize(
    ("channel", "value"),
    [
        ("messenger", ""),
        ("messenger", "m" * 65),
        ("messenger", "+380501112233"),
        ("messenger", "a b"),
        ("instagram", "@shop"),
        ("instagram", "12345\n"),
        ("telegram", ""),
        ("telegram", "1" * 20),
        ("telegram", "+380501112233"),
        ("telegram", "--1"),
        ("telegram", "@abc"),
        ("telegram", "@1shop"),
        ("telegram", "@" + "a" * 33),
        ("telegram", "shop"),
        ("telegram", "１２３"),
        ("line", "u" + "0" * 32),
        ("line", "U" + "0" * 3),
        ("line", "U" + "a" * 64),
        ("line", "380501112233"),
    ],
)
def test_what_is_no_id_of_the_channel_is_refused(channel: str, value: str) -> None:
    kept, (fault,) = read_to(channel, value)
    assert (kept, fault.code, fault.parameter) == (value, PHONE, "To")
    assert fault.message.endswith(f"; {CHANNELS[channel].recipient} is needed.")


@pytest.mark.parametrize(
    ("recipient_type", "value", "codes"),
    [
        ("individual", "380501112233", []),
        ("individual", "US.1234", [DIGITS]),
        ("userId", "US.1234", []),
        ("userId", "i" * 128, []),
        ("userId", "i" * 129, [PHONE]),
        ("group", "120363041234567890@g.us", []),
        ("group", "a b", [PHONE]),
        ("group", "", [PHONE]),
    ],
)
def test_a_whatsapp_recipient_is_a_number_or_an_id_of_metas(
    recipient_type: str, value: str, codes: list[str]
) -> None:
    kept, faults = read_to("whatsapp", value, recipient_type)
    assert (kept, [fault.code for fault in faults]) == (value, codes)


@pytest.mark.parametrize(
    ("channel", "recipient_type", "phone"),
    [
        ("viber", "individual", True),
        ("viber", "group", True),
        ("whatsapp", "individual", True),
        ("whatsapp", "group", False),
        ("whatsapp", "userId", False),
        ("messenger", "individual", False),
        ("line", "individual", False),
        ("sms", "individual", True),
    ],
)
def test_where_an_sms_can_go_too(channel: str, recipient_type: str, phone: bool) -> None:
    assert has_phone(channel, recipient_type) is phone


@pytest.mark.parametrize("channel", MESSAGE_CHANNELS)
@pytest.mark.parametrize(("value", "fine"), [("123", True), ("", False), ("+123", False), ("a1", False)])
def test_a_sender_is_digits_on_every_channel(channel: str, value: str, fine: bool) -> None:
    faults = [(fault.code, fault.parameter) for fault in check_from(channel, value)]
    assert faults == ([] if fine else [("InvalidParameter.FromOnlyNumeric", "From")])


@pytest.mark.parametrize("channel", ["viber", "whatsapp"])
@pytest.mark.parametrize(
    ("value", "codes"),
    [("123456", [PHONE]), ("6831234", []), ("1" * 16, [PHONE]), ("0" + "1" * 9, [PHONE])],
    ids=["6 digits", "7 digits", "16 digits", "a zero first"],
)
def test_a_number_has_7_to_15_digits(channel: str, value: str, codes: list[str]) -> None:
    assert [fault.code for fault in read_to(channel, value)[1]] == codes


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("4915123456789", "4915123456789"),
        ("14155552671", "14155552671"),
        ("447911123456", "447911123456"),
        ("4407911123456", "447911123456"),
        ("80012345678", "80012345678"),
        ("88213123456", "88213123456"),
        ("1415555", None),
        ("49", None),
        ("999123456789", None),
        ("0123456789", None),
        ("", None),
        ("abc", None),
    ],
)
def test_a_number_that_can_exist(digits: str, number: str | None) -> None:
    assert possible_number(digits) == number


# No deadline: the plan of each country is loaded when it is first needed.
@settings(deadline=None)
@given(
    st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    st.text("0123456789", min_size=3, max_size=12),
)
def test_possible_numbers_are_those_of_the_library(country: int, rest: str) -> None:
    digits = f"{country}{rest}"
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        assert possible_number(digits) is None
        return
    found = possible_number(digits)
    assert (found is not None) is phonenumbers.is_possible_number(number)
    assert found is None or found.startswith(str(country))
