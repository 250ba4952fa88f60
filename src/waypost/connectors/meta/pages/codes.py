"""The error codes of the Send API, of Messenger and of Instagram, as our failures.

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
        # "Temporary send message failure." Of 2 the page says that it can also mean a block.
        **dict.fromkeys((2, 1200), SendFailure.BUSY),
        1: SendFailure.BUSY,
        100: SendFailure.BAD_REQUEST,
        (10, 2018278): SendFailure.WAITING_FOR_USER,
        (10, 2534022): SendFailure.WAITING_FOR_USER,
        (100, 2018001): SendFailure.NOT_ON_CHANNEL,
        # "This person isn't available": gone, or has blocked the page; Meta does not say which.
        551: SendFailure.UNDELIVERABLE,
    },
    # "An unknown error": with a 5xx it is not said whether before or after the message was taken.
    in_doubt=frozenset({1}),
)
