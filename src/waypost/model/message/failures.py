"""The closed table of send failures, from which connectors choose.

Each failure answers three questions once, for every provider: may the same leg be tried again, is it the
operator's business, and what does the customer read. Source of the classes: the providers' own documents.
"""

from typing import NamedTuple

from waypost.model.fast_enum import FastEnum


class FailureFacts(NamedTuple):
    """The consequences of a failure.

    Attributes:
        may_retry: the provider certainly did not take the leg and may take it later.
        needs_operator: credentials, billing, sender or address list; no customer can mend it.
        opted_out: the person refused this sender, so a second channel wants a second thought.
        wire_code: the `ErrorCode` of the customer's receipt when the provider gave none.
        customer_text: the `ErrorDescription` of the customer's receipt.
    """

    may_retry: bool
    needs_operator: bool
    opted_out: bool
    wire_code: str
    customer_text: str


class SendFailure(FastEnum):
    """Why a leg was refused by its provider, or was accepted and not delivered."""

    BUSY = "busy"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    NOT_CONFIGURED = "not_configured"
    NOT_ON_CHANNEL = "not_on_channel"
    OPTED_OUT = "opted_out"
    NO_DEVICE = "no_device"
    BAD_NUMBER = "bad_number"
    WAITING_FOR_USER = "waiting_for_user"
    BAD_REQUEST = "bad_request"
    UNDELIVERABLE = "undeliverable"
    EXPIRED = "expired"
    TEMPLATE_FAULT = "template_fault"
    NO_RECEIPT = "no_receipt"
    SMS_LIMIT = "sms_limit"
    SMS_COUNTRY = "sms_country"
    CANCELLED = "cancelled"

    @property
    def facts(self) -> FailureFacts:
        """The consequences of this failure."""
        return _TABLE[self]


_TABLE = {
    SendFailure.BUSY: FailureFacts(
        True, False, False, "SRVC_INTERNAL_FAILURE", "The provider could not take the message."
    ),
    SendFailure.UNREACHABLE: FailureFacts(
        True, True, False, "SRVC_INTERNAL_FAILURE", "The provider could not be reached."
    ),
    SendFailure.RATE_LIMITED: FailureFacts(
        True, True, False, "SRVC_INTERNAL_FAILURE", "The provider's rate limit was met."
    ),
    SendFailure.NOT_CONFIGURED: FailureFacts(
        False, True, False, "SRVC_NOT_PERMITTED", "The provider refused the sender, not the message."
    ),
    SendFailure.NOT_ON_CHANNEL: FailureFacts(
        False, False, False, "SRVC_NOT_VIBER_USER", "The recipient does not use this channel."
    ),
    SendFailure.OPTED_OUT: FailureFacts(
        False, False, True, "SRVC_USER_BLOCKED", "The recipient has blocked the sender."
    ),
    SendFailure.NO_DEVICE: FailureFacts(
        False, False, False, "SRVC_NO_SUITABLE_DEVICE", "The recipient has no device for this message."
    ),
    SendFailure.BAD_NUMBER: FailureFacts(
        False, False, False, "SRVC_INVALID_PHONE_NUMBER", "The recipient's number is not valid."
    ),
    SendFailure.WAITING_FOR_USER: FailureFacts(
        False, False, False, "SRVC_WAIT_FOR_USER_RESPONSE", "The recipient has to answer first."
    ),
    SendFailure.BAD_REQUEST: FailureFacts(
        False, False, False, "SRVC_BAD_DATA", "The provider refused the content of the message."
    ),
    SendFailure.UNDELIVERABLE: FailureFacts(
        False, False, False, "UNDELIVERABLE", "The message could not be delivered."
    ),
    SendFailure.EXPIRED: FailureFacts(
        False, False, False, "EXPIRED", "The message was not delivered within its time to live."
    ),
    SendFailure.TEMPLATE_FAULT: FailureFacts(
        False, False, False, "TEMPLATE_FAULT", "The template or its variables were not valid."
    ),
    SendFailure.NO_RECEIPT: FailureFacts(
        False, False, False, "NO_RECEIPT", "No receipt came within the message's time to live."
    ),
    SendFailure.SMS_LIMIT: FailureFacts(
        False, True, False, "SMS_LIMIT_REACHED", "The limit of SMS in an hour is reached."
    ),
    SendFailure.SMS_COUNTRY: FailureFacts(
        False, True, False, "SMS_COUNTRY_NOT_ALLOWED", "SMS may not go to the country of this number."
    ),
    SendFailure.CANCELLED: FailureFacts(
        False, False, False, "CANCELLED", "The message was cancelled before a provider had it."
    ),
}

ROUTE_FAILURES = frozenset(
    {SendFailure.BUSY, SendFailure.UNREACHABLE, SendFailure.RATE_LIMITED, SendFailure.NOT_CONFIGURED}
)
"""What is the matter with a route, not with a message: another route may carry it."""
