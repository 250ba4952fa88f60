"""The numbers of Viber's partner API: message types, and the statuses of a response.

Source: the n8n-nodes-viber-bm client (README, "API v11.3"), checked against the reseller tyntec's FAQ and
two public emulators. Viber gives its own specification to partners only, so these can be overridden.
"""

from typing import NamedTuple

from waypost.model.message.failures import SendFailure

TYPE_CODES = {
    "text/promotion": 225,
    "text/transaction": 206,
    "image": 207,
    "text_image": 208,
    "text_button": 209,
    "text_image_button": 208,
    "video": 230,
    "text_video": 231,
    "text_video_button": 232,
    "text_video_button/own_url": 233,
    "document": 220,
}
"""MessageType, with `/` and a label or variant if there are several, to Viber's type code.

A `text_video_button` without an `action` is 232, whose button opens the video; with one it is 233.
"""

TRACKED = frozenset({206, 207, 208, 209, 210, 220, 225, 230, 231, 232, 233, 306, 307, 801, 802, 901})
"""The types that must carry `#tracking_data`, empty or not; the others must not (status 6)."""


class Status(NamedTuple):
    """A status that refuses a message.

    Attributes:
        name: Viber's name of it, which callbacks have as `ErrorCode`.
        failure: the failure that it means.
    """

    name: str
    failure: SendFailure


REFUSALS = {
    1: Status("SRVC_INTERNAL_FAILURE", SendFailure.BUSY),
    2: Status("SRVC_BAD_SERVICE_ID", SendFailure.NOT_CONFIGURED),
    3: Status("SRVC_BAD_DATA", SendFailure.BAD_REQUEST),
    4: Status("SRVC_BLOCKED_MESSAGE_TYPE", SendFailure.NOT_CONFIGURED),
    5: Status("SRVC_BAD_MESSAGE_TYPE", SendFailure.BAD_REQUEST),
    6: Status("SRVC_BAD_PARAMETERS", SendFailure.BAD_REQUEST),
    8: Status("SRVC_USER_BLOCKED", SendFailure.OPTED_OUT),
    9: Status("SRVC_NOT_VIBER_USER", SendFailure.NOT_ON_CHANNEL),
    10: Status("SRVC_NO_SUITABLE_DEVICE", SendFailure.NO_DEVICE),
    11: Status("SRVC_UNAUTHORIZED_IP", SendFailure.NOT_CONFIGURED),
    13: Status("SRVC_NOT_PERMITTED", SendFailure.NOT_CONFIGURED),
    14: Status("SRVC_BILLING_FAILURE", SendFailure.NOT_CONFIGURED),
    17: Status("SRVC_NO_MORE_MESSAGES", SendFailure.NOT_CONFIGURED),
    18: Status("SRVC_BAD_LABEL", SendFailure.BAD_REQUEST),
    20: Status("SRVC_INVALID_TTL", SendFailure.BAD_REQUEST),
    21: Status("SRVC_WAIT_FOR_USER_RESPONSE", SendFailure.WAITING_FOR_USER),
    27: Status("SRVC_INVALID_PHONE_NUMBER", SendFailure.BAD_NUMBER),
    28: Status("SRVC_FILE_NOT_PERMITTED", SendFailure.BAD_REQUEST),
    29: Status("SRVC_BAD_FILE_NAME_LENGTH", SendFailure.BAD_REQUEST),
    30: Status("SRVC_BAD_THUMBNAIL", SendFailure.BAD_REQUEST),
    31: Status("SRVC_BAD_FILE_SIZE", SendFailure.BAD_REQUEST),
    32: Status("SRVC_BAD_DURATION", SendFailure.BAD_REQUEST),
    38: Status("SRVC_TEMPLATE_NOT_FOUND", SendFailure.TEMPLATE_FAULT),
    39: Status("SRVC_TEMPLATE_VALIDATION_ERROR", SendFailure.TEMPLATE_FAULT),
    40: Status("SRVC_SURVEY_VALIDATION_ERROR", SendFailure.BAD_REQUEST),
    41: Status("SRVC_CAROUSEL_VALIDATION_ERROR", SendFailure.BAD_REQUEST),
    43: Status("SRVC_SERVICE_BLOCKED", SendFailure.NOT_CONFIGURED),
    401: Status("SRVC_UNAUTHORIZED_IP", SendFailure.NOT_CONFIGURED),
}
"""The statuses after which the message was certainly not accepted."""

IN_DOUBT = {7: "SRVC_TIMEOUT", 12: "SRVC_ALREADY_SENT"}
"""The statuses that leave open whether the message was accepted."""

_NUMBERS = {
    "SRVC_SUCCESS": 0,
    **{status.name: number for number, status in reversed(REFUSALS.items())},
    **{name: number for number, name in IN_DOUBT.items()},
}


def status_of_text(text: str) -> int | None:
    """The number of a status that is written as text, by its digits or its name; None if it is neither."""
    text = text.strip()
    if text.upper() in _NUMBERS:
        return _NUMBERS[text.upper()]
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 else None
