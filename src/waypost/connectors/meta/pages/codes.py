"""The error codes of the Send API for Messenger and Instagram, and the failure of each.

Source: Meta, "Messenger Platform, error codes"; the two subcodes of a closed window: nyaruka/courier.
"""

from waypost.connectors.meta.graph import Codes
from waypost.model.message.failures import SendFailure

_CONFIGURATION = (10, 102, 190, 200, 230, 368)
_RATE = (4, 17, 32, 613)

PAGE_CODES = Codes(
    refusals={
        **dict.fromkeys(_CONFIGURATION, SendFailure.NOT_CONFIGURED),
        **dict.fromkeys(_RATE, SendFailure.RATE_LIMITED),
        # "Temporary send message failure"; by Meta's page, 2 can also mean that the sender is blocked.
        **dict.fromkeys((2, 1200), SendFailure.BUSY),
        1: SendFailure.BUSY,
        100: SendFailure.BAD_REQUEST,
        (10, 2018278): SendFailure.WAITING_FOR_USER,
        (10, 2534022): SendFailure.WAITING_FOR_USER,
        (100, 2018001): SendFailure.NOT_ON_CHANNEL,
        # "This person isn't available": deleted, or has blocked the page; the code does not distinguish them.
        551: SendFailure.UNDELIVERABLE,
    },
    # "An unknown error": with a 5xx it may have occurred after the message was accepted.
    in_doubt=frozenset({1}),
)
