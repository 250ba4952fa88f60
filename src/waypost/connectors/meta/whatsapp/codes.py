"""The error codes of the WhatsApp Cloud API, and the failure of each.

Source: Meta, "Error codes" of the Cloud API; which of them are retried: that page, and nyaruka/courier.
"""

from waypost.connectors.meta.graph import Codes
from waypost.model.message.failures import SendFailure

_CONFIGURATION = (0, 3, 10, 190, 368, 131030, 131031, 131037, 131042, 131045, 132015, 132016, 133010)
_RATE = (4, 80007, 130429, 131048, 131056, 133016)
_BUSY = (2, 131016, 131057, 133004)
_REQUEST = (33, 100, 131008, 131009, 131021, 131051, 131053, 135000)
_TEMPLATE = (132000, 132001, 132005, 132007, 132012, 132018)

WHATSAPP_CODES = Codes(
    refusals={
        **dict.fromkeys(_CONFIGURATION, SendFailure.NOT_CONFIGURED),
        **dict.fromkeys(_RATE, SendFailure.RATE_LIMITED),
        **dict.fromkeys(_BUSY, SendFailure.BUSY),
        **dict.fromkeys(_REQUEST, SendFailure.BAD_REQUEST),
        **dict.fromkeys(_TEMPLATE, SendFailure.TEMPLATE_FAULT),
        1: SendFailure.BUSY,
        131000: SendFailure.BUSY,
        131026: SendFailure.NOT_ON_CHANNEL,
        130472: SendFailure.UNDELIVERABLE,
        131047: SendFailure.WAITING_FOR_USER,
        131049: SendFailure.UNDELIVERABLE,
        131050: SendFailure.OPTED_OUT,
    },
    # "Something went wrong": with a 5xx it may have occurred after the message was accepted.
    in_doubt=frozenset({1, 131000}),
)
