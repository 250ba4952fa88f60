"""What each behaviour is built from, so that a test that relies on one knows how sure it is."""

from enum import StrEnum
from typing import NamedTuple


class Mark(StrEnum):
    """How sure a behaviour is."""

    DOCUMENT = "document"
    """Published documentation or published OpenAPI metadata."""
    SDK = "sdk"
    """The code of an official SDK, or what one was seen to send."""
    LIVE = "live"
    """Third parties saw the service do so."""
    INFERRED = "inferred"
    """Our reading, where nothing is published."""
    OWN = "own"
    """Waypost's own, which the service does not have."""


class Reference(NamedTuple):
    """A behaviour and what it is built from.

    Attributes:
        subject: an operation, or a word for what it is about.
        behaviour: what happens, in a sentence.
        source: where that is read.
        setting: the setting that changes it in `waypost serve`; empty for none.
    """

    subject: str
    behaviour: str
    mark: Mark
    source: str
    setting: str = ""


_HELP = "https://www.alibabacloud.com/help/en/chatapp"
_SEND = f"{_HELP}/developer-reference/api-cams-2020-06-06-sendchatappmessage"
_QUOTAS = f"{_HELP}/developer-reference/api-cams-2020-06-06-quota"
_VIBER = f"{_HELP}/user-guide/send-viber-messages-using-chat-app"
_VIBER_TYPES = f"{_HELP}/user-guide/viber-message-type"
_FALLBACK = f"{_HELP}/use-cases/sms-fall-back-best-practices"
_RECEIPTS = f"{_HELP}/developer-reference/configure-message-receipts"
_STATUS = f"{_HELP}/developer-reference/chatappstatus-1"
_AUDIT = f"{_HELP}/developer-reference/chatappaudit-1"
_CODES = "https://help.aliyun.com/zh/chatapp/developer-reference/api-error-codes"
_METADATA = "the OpenAPI metadata of cams, version 2020-06-06"
_PYTHON = "PyPI alibabacloud_cams20200606 5.3.1"
_NODE = "npm @alicloud/cams20200606 1.4.2"
_QUEUES = "PyPI aliyun-mns-sdk 1.3.0"
_CALLERS = "programs of third parties that call the service"
_READING = "our reading of the documentation"
_OWN = "docs/sending.md"

_D, _S, _L, _I, _O = Mark.DOCUMENT, Mark.SDK, Mark.LIVE, Mark.INFERRED, Mark.OWN

REFERENCES: tuple[Reference, ...] = (
    Reference(
        "call", "Operations are called at / by GET or POST, named by Action or x-acs-action.", _S, _PYTHON
    ),
    Reference(
        "call",
        "Parameters may stand in the query or in a form body, each in either.",
        _S,
        f"{_PYTHON}; {_NODE}",
    ),
    Reference("call", "Parameters that the operation does not know are ignored.", _L, _CALLERS),
    Reference("call", "ChannelType is taken in any case.", _L, _CALLERS),
    Reference(
        "call",
        "250 calls a second for an account, then System.LimitControl.",
        _D,
        _QUOTAS,
        "limits.calls_per_second",
    ),
    Reference(
        "call",
        "A refused call has HTTP 400 and its code, not 200.",
        _L,
        f"{_CALLERS}; of SendChatappMessage by analogy",
    ),
    Reference(
        "call", "Messages of errors are the published sentence, then what was wrong.", _O, "docs/errors.md"
    ),
    Reference(
        "signature",
        "V3 (ACS3-HMAC-SHA256) and V1 (HMAC-SHA1), the version chosen by the request.",
        _S,
        _PYTHON,
    ),
    Reference("signature", "A signature is good for 15 minutes.", _D, "the signature pages of both versions"),
    Reference(
        "signature",
        "A nonce that was used is answered SignatureNonceUsed.",
        _D,
        "the signature pages of both versions",
    ),
    Reference("signature", "How long nonces are remembered: twice the 15 minutes.", _I, _READING),
    Reference(
        "SendChatappMessage",
        "An accepted call is answered Code OK and a MessageId of 25 digits.",
        _L,
        _CALLERS,
    ),
    Reference(
        "SendChatappMessage",
        "Members of Content that its type does not have are ignored when empty.",
        _L,
        _CALLERS,
    ),
    Reference("SendChatappMessage", "Content is a JSON text with lower camel names.", _S, _PYTHON),
    Reference(
        "SendChatappMessage",
        "Which members each type of Viber message needs.",
        _D,
        f"{_VIBER_TYPES}; {_PYTHON}",
    ),
    Reference("SendChatappMessage", "Label is promotion or transaction, and required on Viber.", _D, _SEND),
    Reference("SendChatappMessage", "Ttl is 30 to 1,209,600 seconds on Viber.", _D, _VIBER),
    Reference(
        "SendChatappMessage", "From and To are digits without +; a + is refused by its own code.", _D, _CODES
    ),
    Reference("SendChatappMessage", "InvalidParameter.ToOnlyNumeric, the code of a + in To.", _I, _READING),
    Reference(
        "SendChatappMessage",
        "ClientToken: the same call again is answered as before, and sends nothing.",
        _O,
        _OWN,
    ),
    Reference(
        "fallback",
        "FallBackRule undelivered is the default, sentFailed also covers template faults.",
        _D,
        _METADATA,
    ),
    Reference(
        "fallback",
        "With FallBackDuration the SMS leaves when no delivered receipt has come by then.",
        _D,
        _SEND,
    ),
    Reference("fallback", "Without FallBackDuration only a failure sets it off.", _D, _SEND),
    Reference("fallback", "FallBackDuration is 60 to 43,200 seconds.", _D, _VIBER),
    Reference("fallback", "A delivery that comes after the SMS cancels nothing.", _D, _FALLBACK),
    Reference(
        "fallback", "WaypostDoubleDelivery marks a delivery that came after the SMS.", _O, "docs/callbacks.md"
    ),
    Reference("fallback", "Chains of several steps, and steps for messages that are not read.", _O, _OWN),
    Reference(
        "fallback",
        "A promotion does not follow by SMS to somebody who blocked the sender.",
        _I,
        _READING,
        "delivery.promotion_after_opt_out",
    ),
    Reference("fallback", "Silence is no failure: without a wait nothing falls back.", _I, _READING),
    Reference(
        "SendChatappMassMessage", "Up to 1,000 recipients a call, answered by a GroupMessageId.", _L, _CALLERS
    ),
    Reference("ListChatappMessage", "StartTime is required: QueryParam.startTime.", _L, _CALLERS),
    Reference("ListChatappMessage", "FailBackFlag and FailBackContent show a fallback.", _S, _PYTHON),
    Reference(
        "CreateChatappTemplate", "A template is unaudit at first, and is reviewed later.", _L, _CALLERS
    ),
    Reference(
        "CreateChatappTemplate",
        "The sandbox reviews after a second; reject_ in front of the name fails.",
        _O,
        "docs/sandbox.md",
    ),
    Reference("CreateChatappTemplate", "Variables are written $(name).", _S, _PYTHON),
    Reference(
        "CreateChatappTemplate",
        "A missing member inside an object is Missing and its last name.",
        _L,
        _CALLERS,
    ),
    Reference(
        "callbacks",
        "Pushes are JSON arrays; the answer is 200 with a numeric code.",
        _D,
        f"{_STATUS}; {_AUDIT}",
    ),
    Reference("callbacks", "A receiver has 3 seconds.", _D, _STATUS, "callbacks.timeout"),
    Reference(
        "callbacks",
        "A failed push is repeated after 1, 5 and 10 minutes.",
        _D,
        "the same pages of sibling products",
        "callbacks.retry_schedule",
    ),
    Reference("callbacks", "A push comes at least once: receivers remove duplicates.", _D, _RECEIPTS),
    Reference("callbacks", "Statuses of a message are pushed in their order.", _O, "docs/callbacks.md"),
    Reference("callbacks", "Pushes are unsigned.", _L, _CALLERS),
    Reference(
        "callbacks",
        "X-Waypost-Signature, with a callback_secret.",
        _O,
        "docs/callbacks.md",
        "accounts.*.callback_secret",
    ),
    Reference(
        "callbacks",
        "ErrorCode of Viber: the provider's published codes.",
        _D,
        f"{_HELP}/developer-reference/viber-api-error-codes",
    ),
    Reference("callbacks", "What a person on Viber writes has the layout of WhatsApp's.", _I, _READING),
    Reference(
        "queues",
        "One queue for each kind: Alicom-Queue-, the account and the kind.",
        _I,
        f"{_RECEIPTS}; the account in it is our reading",
    ),
    Reference("queues", "The queue's wire: what the official queue SDK sends and reads.", _S, _QUEUES),
    Reference(
        "viber",
        "A phone of nobody on Viber is refused at once, with SRVC_NOT_VIBER_USER.",
        _D,
        f"{_HELP}/developer-reference/viber-api-error-codes",
    ),
    Reference(
        "viber",
        "Receipts may be doubled, and delivered may come after expired.",
        _S,
        "published code of Viber's partners",
    ),
    Reference(
        "telegram",
        "An accepted message counts as delivered: bots get no receipts.",
        _I,
        "Telegram's Bot API, which has none",
        "routes.*.accepted_is_delivered",
    ),
    Reference(
        "line",
        "An accepted message counts as delivered: there are no receipts.",
        _I,
        "LINE's Messaging API, which has none",
        "routes.*.accepted_is_delivered",
    ),
    Reference(
        "instagram",
        "Reading is reported, delivery is not.",
        _I,
        "Meta's pages on Instagram messaging",
        "routes.*.accepted_is_delivered",
    ),
    Reference(
        "phones",
        "The last four digits of a number say what becomes of a message to it.",
        _O,
        "docs/sandbox.md",
    ),
    Reference(
        "clock",
        "The clock can be moved ahead; all that is due on the way happens in its order.",
        _O,
        "docs/sandbox.md",
    ),
)
