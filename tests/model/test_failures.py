"""The closed table of send failures: retry, fallback and the customer's error text of each."""

import pytest

from waypost.model.message.failures import SendFailure

# By the classes of providers/failure-classes.md §3; an operator hears of what no customer can mend.
TEMPORARY = {"busy", "unreachable", "rate_limited"}
OPERATORS_BUSINESS = {"not_configured", "unreachable", "rate_limited", "sms_limit", "sms_country"}
CONSENT = {"opted_out"}
WIRE_CODES = {
    "busy": "SRVC_INTERNAL_FAILURE",
    "unreachable": "SRVC_INTERNAL_FAILURE",
    "rate_limited": "SRVC_INTERNAL_FAILURE",
    "not_configured": "SRVC_NOT_PERMITTED",
    "not_on_channel": "SRVC_NOT_VIBER_USER",
    "opted_out": "SRVC_USER_BLOCKED",
    "no_device": "SRVC_NO_SUITABLE_DEVICE",
    "bad_number": "SRVC_INVALID_PHONE_NUMBER",
    "waiting_for_user": "SRVC_WAIT_FOR_USER_RESPONSE",
    "bad_request": "SRVC_BAD_DATA",
    "undeliverable": "UNDELIVERABLE",
    "expired": "EXPIRED",
    "template_fault": "TEMPLATE_FAULT",
    "no_receipt": "NO_RECEIPT",
    "sms_limit": "SMS_LIMIT_REACHED",
    "sms_country": "SMS_COUNTRY_NOT_ALLOWED",
    "cancelled": "CANCELLED",
}
every_failure = pytest.mark.parametrize("failure", SendFailure, ids=lambda failure: failure.value)


@every_failure
def test_what_follows_from_a_failure(failure: SendFailure) -> None:
    facts = failure.facts
    assert facts.may_retry is (failure.value in TEMPORARY)
    assert facts.needs_operator is (failure.value in OPERATORS_BUSINESS)
    assert facts.opted_out is (failure.value in CONSENT)


@every_failure
def test_what_the_customer_reads(failure: SendFailure) -> None:
    assert failure.facts.wire_code == WIRE_CODES[failure.value]
    text = failure.facts.customer_text
    assert (text[0].isupper(), text.endswith("."), ":" in text) == (True, True, False)


def test_each_failure_has_a_text_of_its_own() -> None:
    texts = {failure.facts.customer_text for failure in SendFailure}
    assert len(texts) == len(SendFailure)
