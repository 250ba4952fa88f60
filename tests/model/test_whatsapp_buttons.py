"""The buttons of a WhatsApp template: each Type with its members, how many there may be, in which order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.templates.whatsapp_buttons import (
    OF_AUTHENTICATION,
    OF_CARD,
    OF_TEMPLATE,
    ButtonRule,
    is_coupon_code,
    read_buttons,
)

INVALID = "InvalidComponents"
URL: dict[str, Any] = {"Type": "URL", "Text": "Open", "Url": "https://a.example/"}
REPLY: dict[str, Any] = {"Type": "QUICK_REPLY", "Text": "Yes"}
PHONE: dict[str, Any] = {"Type": "PHONE_NUMBER", "Text": "Call", "PhoneNumber": "+8613800001234"}
COUPON: dict[str, Any] = {"Type": "COPY_CODE", "CouponCode": "TEN"}
FLOW: dict[str, Any] = {"Type": "FLOW", "Text": "Start", "FlowId": "1"}
CATALOG: dict[str, Any] = {"Type": "CATALOG", "Text": "Our goods"}
MPM: dict[str, Any] = {"Type": "MPM", "Text": "See all"}
APP = {"PackageName": "com.example", "SignatureHash": "K8a/AINcGX7"}
COPY: dict[str, Any] = {"Type": "COPY_CODE", "Text": "Copy"}
ONE_TAP: dict[str, Any] = {"Type": "ONE_TAP", "Text": "Fill in", "AutofillText": "Fill", **APP}


def faults_of(buttons: Any, rule: ButtonRule = OF_TEMPLATE) -> list[tuple[str, str]]:
    """Code and parameter of every fault."""
    return [(fault.code, fault.parameter) for fault in read_buttons(buttons, "Buttons", rule)[1]]


def made_of(buttons: Any, rule: ButtonRule = OF_TEMPLATE) -> list[tuple[str, str]]:
    """Kind and value of every button, which are all right."""
    made, faults = read_buttons(buttons, "Buttons", rule)
    assert faults == []
    return [(button["kind"], button["value"]) for button in made]


@pytest.mark.parametrize(
    ("button", "made"),
    [
        (URL, ("URL", "")),
        (URL | {"UrlType": "static"}, ("URL", "")),
        (URL | {"UrlType": "STATIC"}, ("URL", "")),
        (URL | {"Url": "HTTPS://a.example/$(id)"}, ("URL", "$(id)")),
        (URL | {"Url": "http://a.example/?x=$(编号)", "UrlType": "dynamic"}, ("URL", "$(编号)")),
        (URL | {"Url": "https://a.example/" + "u" * 1982}, ("URL", "")),
        (URL | {"Text": "t" * 25}, ("URL", "")),
        (URL | {"Type": "url"}, ("URL", "")),
        (REPLY, ("QUICK_REPLY", "")),
        (PHONE, ("PHONE_NUMBER", "")),
        (PHONE | {"PhoneNumber": "10086"}, ("PHONE_NUMBER", "")),
        (PHONE | {"PhoneNumber": "1" * 20}, ("PHONE_NUMBER", "")),
        (COUPON, ("COPY_CODE", "TEN")),
        (COUPON | {"CouponCode": "A" * 15}, ("COPY_CODE", "A" * 15)),
        (COUPON | {"CouponCode": "$(code)"}, ("COPY_CODE", "$(code)")),
        (COUPON | {"Text": ""}, ("COPY_CODE", "TEN")),
        (FLOW, ("FLOW", "")),
        (FLOW | {"FlowAction": "data_exchange"}, ("FLOW", "")),
        (FLOW | {"FlowAction": "NAVIGATE", "NavigateScreen": "FIRST"}, ("FLOW", "")),
        (CATALOG, ("CATALOG", "")),
        ({"Type": "CATALOG"}, ("CATALOG", "")),
        (MPM, ("MPM", "")),
    ],
    ids=ascii,
)
def test_the_payload_of_a_button_in_a_message(button: dict[str, Any], made: tuple[str, str]) -> None:
    assert made_of([button]) == [made]


@pytest.mark.parametrize(
    ("button", "code", "member"),
    [
        ({"Text": "Open"}, "MissingType", "Type"),
        ({"Type": None, "Text": "Open"}, "MissingType", "Type"),
        (URL | {"Type": "SMS"}, INVALID, "Type"),
        (COPY | {"Type": "ONE_TAP"}, INVALID, "Type"),
        (REPLY | {"Text": ""}, "MissingText", "Text"),
        (REPLY | {"Text": 7}, "MissingText", "Text"),
        (URL | {"Text": None}, "MissingText", "Text"),
        (PHONE | {"Text": ""}, "MissingText", "Text"),
        (FLOW | {"Text": ""}, "MissingText", "Text"),
        (REPLY | {"Text": "t" * 26}, INVALID, "Text"),
        (CATALOG | {"Text": "t" * 26}, INVALID, "Text"),
        (REPLY | {"Text": "Hi $(name)"}, "InvalidParameter.ButtonTextHaveVariable", "Text"),
        (REPLY | {"Text": "Hi {{1}}"}, "InvalidParameter.ButtonTextHaveVariable", "Text"),
        (URL | {"Url": ""}, "MissingUrl", "Url"),
        (URL | {"Url": ["https://a.example"]}, "MissingUrl", "Url"),
        (URL | {"Url": "https://a.example/$(a)/$(b)"}, "InvalidParameter.UrlMoreVarable", "Url"),
        (URL | {"Url": "https://a.example/$(a)$(a)"}, "InvalidParameter.UrlMoreVarable", "Url"),
        (URL | {"Url": "https://a.example/{{1}}"}, "InvalidParameter.UrlMoreVarable", "Url"),
        (URL | {"Url": "https://a.example/$(a b)"}, "InvalidParameter.UrlMoreVarable", "Url"),
        (URL | {"Url": "tel:10086"}, INVALID, "Url"),
        (URL | {"Url": "$(url)"}, INVALID, "Url"),
        (URL | {"Url": "https://a.example/" + "u" * 1983}, INVALID, "Url"),
        (URL | {"Url": "https://a.example/$(id)/more"}, INVALID, "Url"),
        (URL | {"UrlType": "dynamic"}, INVALID, "UrlType"),
        (URL | {"UrlType": "other"}, INVALID, "UrlType"),
        (URL | {"Url": "https://a.example/$(id)", "UrlType": "static"}, INVALID, "UrlType"),
        (PHONE | {"PhoneNumber": ""}, "InvalidParameter.PhoneNumberError", "PhoneNumber"),
        (PHONE | {"PhoneNumber": "1234"}, "InvalidParameter.PhoneNumberError", "PhoneNumber"),
        (PHONE | {"PhoneNumber": "1" * 21}, "InvalidParameter.PhoneNumberError", "PhoneNumber"),
        (PHONE | {"PhoneNumber": 10086}, "InvalidParameter.PhoneNumberError", "PhoneNumber"),
        (PHONE | {"PhoneNumber": "+49 30"}, "InvalidParameter.PhoneNumberError", "PhoneNumber"),
        (COUPON | {"CouponCode": ""}, "MissingCouponCode", "CouponCode"),
        (COUPON | {"CouponCode": 10}, "MissingCouponCode", "CouponCode"),
        (COUPON | {"CouponCode": "A" * 16}, INVALID, "CouponCode"),
        (COUPON | {"CouponCode": "TEN-OFF"}, INVALID, "CouponCode"),
        (COUPON | {"CouponCode": "X$(code)"}, INVALID, "CouponCode"),
        (COUPON | {"CouponCode": "$(a)$(b)"}, INVALID, "CouponCode"),
        (FLOW | {"FlowId": ""}, "MissingFlowId", "FlowId"),
        (FLOW | {"FlowAction": "JUMP"}, INVALID, "FlowAction"),
        (FLOW | {"FlowAction": "NAVIGATE"}, "MissingNavigateScreen", "NavigateScreen"),
    ],
    ids=ascii,
)
def test_what_is_wrong_with_a_button_is_named(button: dict[str, Any], code: str, member: str) -> None:
    assert faults_of([button]) == [(code, f"Buttons[0].{member}")]


@pytest.mark.parametrize(
    ("buttons", "fine"),
    [
        ([REPLY] * 10, True),
        ([REPLY] * 11, False),
        ([PHONE], True),
        ([PHONE, PHONE], False),
        ([URL, URL], True),
        ([URL, URL, URL], False),
        ([COUPON, COUPON], False),
        ([FLOW, FLOW], False),
        ([CATALOG], True),
        ([CATALOG, REPLY], False),
        ([MPM], True),
        ([REPLY, MPM], False),
        ([URL, PHONE, COUPON, REPLY, REPLY], True),
        ([REPLY, REPLY, URL, PHONE], True),
        ([URL, REPLY, PHONE], False),
        ([REPLY, URL, REPLY], False),
        ([REPLY] * 7 + [PHONE, URL, URL], True),
    ],
    ids=lambda value: "-".join(one["Type"] for one in value) if isinstance(value, list) else str(value),
)
def test_which_buttons_a_template_may_have(buttons: list[dict[str, Any]], fine: bool) -> None:
    assert faults_of(buttons) == ([] if fine else [(INVALID, "Buttons")])


@pytest.mark.parametrize("buttons", [None, [], {}, "URL", [7], [URL, None], [[]]], ids=ascii)
def test_what_is_no_list_of_objects_is_refused_as_a_whole(buttons: Any) -> None:
    for rule in (OF_TEMPLATE, OF_AUTHENTICATION, OF_CARD):
        assert read_buttons(buttons, "Buttons", rule)[0] == []
        assert faults_of(buttons, rule) == [(INVALID, "Buttons")]


def test_every_button_is_checked_and_the_order_only_when_each_is_right() -> None:
    wrong = [REPLY | {"Text": ""}, URL, REPLY | {"Text": "t" * 26}, URL | {"Url": "ftp://a", "Text": ""}]
    assert faults_of(wrong) == [
        ("MissingText", "Buttons[0].Text"),
        (INVALID, "Buttons[2].Text"),
        ("MissingText", "Buttons[3].Text"),
        (INVALID, "Buttons[3].Url"),
    ]


@pytest.mark.parametrize(("number", "shown"), [("1234", "'1234'"), (1234, "'1234'"), (None, "''")])
def test_a_sentence_shows_the_number_that_was_sent(number: object, shown: str) -> None:
    _, (fault,) = read_buttons([PHONE | {"PhoneNumber": number}], "Buttons", OF_TEMPLATE)
    assert fault.message == f"{shown} is not a phone number."


def test_the_error_has_the_number_allowed() -> None:
    _, (fault,) = read_buttons([URL] * 3, "Components.BUTTONS.Buttons", OF_TEMPLATE)
    assert (fault.code, fault.parameter, fault.message) == (
        INVALID,
        "Components.BUTTONS.Buttons",
        "there are 3 URL buttons; at most 2 is allowed.",
    )


@pytest.mark.parametrize(
    ("buttons", "faults"),
    [
        ([URL, REPLY], []),
        ([PHONE, PHONE], []),
        ([URL] * 3, [(INVALID, "Buttons")]),
        ([COUPON], [(INVALID, "Buttons[0].Type")]),
        ([FLOW], [(INVALID, "Buttons[0].Type")]),
    ],
)
def test_a_card_has_at_most_two_of_three_types(
    buttons: list[dict[str, Any]], faults: list[tuple[str, str]]
) -> None:
    assert faults_of(buttons, OF_CARD) == faults


@pytest.mark.parametrize(
    ("button", "missing"),
    [
        (COPY, []),
        (ONE_TAP, []),
        (ONE_TAP | {"Type": "zero_tap"}, []),
        ({"Type": "ONE_TAP", "Text": "a", "AutofillText": "b", "SupportedApps": [APP, APP]}, []),
        ({"Type": "COPY_CODE"}, ["Text"]),
        (ONE_TAP | {"Text": ""}, ["Text"]),
        (ONE_TAP | {"AutofillText": ""}, ["AutofillText"]),
        (ONE_TAP | {"PackageName": ""}, ["PackageName"]),
        (ONE_TAP | {"SignatureHash": None}, ["SignatureHash"]),
        ({**ONE_TAP, "SupportedApps": [APP, {"PackageName": "b"}]}, ["SignatureHash"]),
        ({**ONE_TAP, "SupportedApps": ["com.example"]}, ["PackageName", "SignatureHash"]),
        ({**ONE_TAP, "SupportedApps": {"PackageName": "a"}}, ["SignatureHash"]),
        ({"Type": "ZERO_TAP", "Text": "a", "AutofillText": "b"}, ["PackageName", "SignatureHash"]),
    ],
    ids=ascii,
)
def test_the_button_of_a_one_time_password(button: dict[str, Any], missing: list[str]) -> None:
    found = faults_of([button], OF_AUTHENTICATION)
    assert set(found) == {(f"Missing{member}", f"Buttons[0].{member}") for member in missing}
    if not missing:
        assert made_of([button], OF_AUTHENTICATION) == [("OTP", "$(code)")]


@pytest.mark.parametrize("buttons", [[COPY, COPY], [COPY, ONE_TAP]])
def test_there_is_one_button_of_a_one_time_password(buttons: list[dict[str, Any]]) -> None:
    assert faults_of(buttons, OF_AUTHENTICATION) == [(INVALID, "Buttons")]


@pytest.mark.parametrize("button", [URL, REPLY, PHONE, FLOW])
def test_no_other_button_stands_beside_a_one_time_password(button: dict[str, Any]) -> None:
    assert faults_of([button], OF_AUTHENTICATION) == [(INVALID, "Buttons[0].Type")]


@pytest.mark.parametrize(
    ("code", "fine"),
    [
        ("A", True),
        ("a1" * 7, True),
        ("1" * 15, True),
        ("1" * 16, False),
        ("", False),
        ("é", False),
        ("A\n", False),
    ],
    ids=ascii,
)
def test_a_coupon_code_is_up_to_15_letters_and_digits(code: str, fine: bool) -> None:
    assert is_coupon_code(code) is fine


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
MEMBERS = st.sampled_from(["Text", "Url", "UrlType", "PhoneNumber", "CouponCode", "FlowId", "SupportedApps"])
TYPES = st.sampled_from([*OF_TEMPLATE.kinds, "ONE_TAP", "zero_tap", "", "SMS"])


@given(
    st.lists(
        st.builds(lambda kind, rest: {**rest, "Type": kind}, TYPES | JSON, st.dictionaries(MEMBERS, JSON)),
        max_size=4,
    )
    | JSON,
    st.sampled_from([OF_TEMPLATE, OF_AUTHENTICATION, OF_CARD]),
)
def test_whatever_a_caller_sends_is_read_or_refused_by_place(buttons: Any, rule: ButtonRule) -> None:
    made, faults = read_buttons(buttons, "Here", rule)
    assert all(fault.parameter.startswith("Here") and fault.message for fault in faults)
    assert faults or len(made) == len(buttons)
