"""Messages and the journal's work on disk: the exact JSON text, which later versions have to read.

A row that fails here is a change of data that people have, some of it in the middle of its way.
"""

from typing import Any

import msgspec
import pytest

from tests.model.messages import message
from tests.model.stored_json import fields_at_default, json_text
from waypost.model.fallback.chain import Fallback, FallbackStep, StepCondition
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.extras import ButtonCall, CardCall, Extras, Media, TemplateCall
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import LegState
from waypost.model.message.message import AcceptedCall, Message
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind
from waypost.model.message.suppression import OptOutReason
from waypost.model.message.work import (
    DispatchWork,
    ReceiptWork,
    TimerKind,
    TimerWork,
    decode_dispatch,
    decode_receipt,
    decode_timer,
    encode,
)

T = 1_800_000_000_000
MINIMAL: dict[str, Any] = {
    "message_id": "2027011508000000000001000",
    "account_id": "1",
    "space_id": "cams-1",
    "accepted_at": T,
    "channel": "viber",
    "message_type": "text",
    "sender": "20001",
    "recipient": "380501112233",
    "content": {"text": "hello"},
    "ttl": 120,
}


def minimal(**changes: Any) -> Message:
    return message(label="", **changes)


MEDIA = Media("document", "https://a.example/d.pdf", "d.pdf")
IMAGE = Media("image", "https://a.example/i.png")
FULL = Message(
    message_id=MessageId("2027011508000000000001000"),
    account_id=AccountId("1"),
    space_id=SpaceId("cams-1"),
    accepted_at=T,
    channel="whatsapp",
    message_type="text",
    sender="8613800001234",
    recipient="380501112233",
    content={"text": 'Hi 你好 "Zoe"', "latitude": 13.5, "previewUrl": True, "items": [{"a": 1}], "b": {}},
    template_code="1234567890123456789",
    template_name="greeting",
    language="zh_CN",
    category="MARKETING",
    label="promotion",
    ttl=86_400,
    tag="sale",
    tracking_data="order:9",
    task_id="T-9",
    group_id="890000010002",
    fallback=Fallback(
        "S_000001",
        "sentFailed",
        60,
        (
            FallbackStep("viber", "25644", "hello", "380501112234", 30, StepCondition.UNREAD, "transaction"),
            FallbackStep("sms", "Shop", "hello"),
        ),
    ),
    fault="TemplateParams has no value for 'a'.",
    template=TemplateCall(
        name="greeting",
        language="zh_CN",
        values=(("name", "Zoe"),),
        header=(("day", "Monday"),),
        media=MEDIA,
        buttons=(ButtonCall("URL", "9"), ButtonCall("QUICK_REPLY")),
        cards=(CardCall(IMAGE, (("price", "5"),), (ButtonCall("URL", "x"),)), CardCall(IMAGE)),
        expires_at=T + 1,
    ),
    redacted=True,
    cancelled=True,
    extras=Extras(
        payloads=("yes", "no"),
        flow_token="f",
        flow_data={"a": [1]},
        thumbnail_product="p",
        sections=(("Fruit", ("apple", "pear")),),
        context_message_id="wamid.1",
        recipient_type="individual",
    ),
    call=AcceptedCall("019A7C55-E31D-1EB2-8939-A94866411B20", "WPkey", "192.0.2.1", ("Lable",)),
)
STORED_FULL: dict[str, Any] = {
    "message_id": "2027011508000000000001000",
    "account_id": "1",
    "space_id": "cams-1",
    "accepted_at": T,
    "channel": "whatsapp",
    "message_type": "text",
    "sender": "8613800001234",
    "recipient": "380501112233",
    "content": {
        "text": 'Hi 你好 "Zoe"',
        "latitude": 13.5,
        "previewUrl": True,
        "items": [{"a": 1}],
        "b": {},
    },
    "template_code": "1234567890123456789",
    "template_name": "greeting",
    "language": "zh_CN",
    "category": "MARKETING",
    "label": "promotion",
    "ttl": 86_400,
    "tag": "sale",
    "tracking_data": "order:9",
    "task_id": "T-9",
    "group_id": "890000010002",
    "fallback": {
        "policy_id": "S_000001",
        "rule": "sentFailed",
        "duration": 60,
        "steps": [
            {
                "channel": "viber",
                "sender": "25644",
                "text": "hello",
                "recipient": "380501112234",
                "wait": 30,
                "condition": "unread",
                "label": "transaction",
            },
            {"channel": "sms", "sender": "Shop", "text": "hello"},
        ],
    },
    "fault": "TemplateParams has no value for 'a'.",
    "template": {
        "name": "greeting",
        "language": "zh_CN",
        "values": [["name", "Zoe"]],
        "header": [["day", "Monday"]],
        "media": {"format": "document", "link": "https://a.example/d.pdf", "file_name": "d.pdf"},
        "buttons": [{"kind": "URL", "value": "9"}, {"kind": "QUICK_REPLY"}],
        "cards": [
            {
                "media": {"format": "image", "link": "https://a.example/i.png"},
                "values": [["price", "5"]],
                "buttons": [{"kind": "URL", "value": "x"}],
            },
            {"media": {"format": "image", "link": "https://a.example/i.png"}},
        ],
        "expires_at": T + 1,
    },
    "extras": {
        "payloads": ["yes", "no"],
        "flow_token": "f",
        "flow_data": {"a": [1]},
        "thumbnail_product": "p",
        "sections": [["Fruit", ["apple", "pear"]]],
        "context_message_id": "wamid.1",
        "recipient_type": "individual",
    },
    "call": {
        "request_id": "019A7C55-E31D-1EB2-8939-A94866411B20",
        "access_key_id": "WPkey",
        "peer": "192.0.2.1",
        "unknown": ["Lable"],
    },
    "redacted": True,
    "cancelled": True,
}
MESSAGES: dict[str, tuple[Message, dict[str, Any]]] = {
    "full": (FULL, STORED_FULL),
    "minimal": (minimal(), MINIMAL),
    "a fallback without a time": (
        minimal(fallback=Fallback("", "undelivered", None, ())),
        MINIMAL | {"fallback": {"policy_id": "", "rule": "undelivered", "duration": None, "steps": []}},
    ),
    "a template that its provider holds": (
        minimal(template=TemplateCall("greeting", "en")),
        MINIMAL | {"template": {"name": "greeting", "language": "en"}},
    ),
    "an empty flow token, which is not the same as none": (
        minimal(extras=Extras(flow_token="", flow_data={})),
        MINIMAL | {"extras": {"flow_token": "", "flow_data": {}}},
    ),
    "a reply": (
        minimal(extras=Extras(context_message_id="wamid.1")),
        MINIMAL | {"extras": {"context_message_id": "wamid.1"}},
    ),
}
message_rows = pytest.mark.parametrize(("one", "stored"), MESSAGES.values(), ids=MESSAGES)


@message_rows
def test_a_message_is_stored_as_this_text(one: Message, stored: dict[str, Any]) -> None:
    assert msgspec.json.encode(one).decode() == json_text(stored)


@message_rows
def test_the_stored_text_is_read_back_as_the_same_message(one: Message, stored: dict[str, Any]) -> None:
    assert msgspec.json.decode(json_text(stored), type=Message) == one


def test_the_full_row_sets_every_field_however_deep() -> None:
    assert FULL.fallback is not None
    assert FULL.template is not None
    deep = [
        FULL,
        FULL.template,
        FULL.template.cards[0],
        FULL.extras,
        FULL.call,
        FULL.fallback.steps[0],
        MEDIA,
    ]
    assert {type(one).__name__: fields_at_default(one) for one in deep} == {
        type(one).__name__: set() for one in deep
    }


RECEIPT = Receipt(
    route="viber",
    kind=ReceiptKind.FAILED,
    at=T,
    provider_id="5379697806260881548",
    reference="2027011508000000000001000-0-1",
    sender="20001",
    recipient="380501112233",
    watermark=T + 1,
    part="9e0a-2",
    failure=SendFailure.NOT_ON_CHANNEL,
    code="SRVC_NOT_VIBER_USER",
    text="status 9",
    user_id="US.1",
    parent_user_id="US.ENT.1",
)
INBOUND = Inbound(
    route="viber",
    channel="viber",
    sender="20001",
    user="380501112233",
    at=T,
    provider_id="77",
    type="TEXT",
    text="STOP 退订",
    tracking_data="order:9",
    caption="Stop",
    payload="stop-1",
    context_id="76",
    group="-100",
    name="Zoe",
    user_id="US.2",
    parent_user_id="US.ENT.2",
    user_name="zoe",
    opted_out=True,
    acknowledgement="4382bfdwdsb",
    migrated_to="-1009",
)
STORED_RECEIPT: dict[str, Any] = {
    "route": "viber",
    "kind": "failed",
    "at": T,
    "provider_id": "5379697806260881548",
    "reference": "2027011508000000000001000-0-1",
    "sender": "20001",
    "recipient": "380501112233",
    "watermark": T + 1,
    "part": "9e0a-2",
    "failure": "not_on_channel",
    "code": "SRVC_NOT_VIBER_USER",
    "text": "status 9",
    "user_id": "US.1",
    "parent_user_id": "US.ENT.1",
}
STORED_INBOUND: dict[str, Any] = {
    "route": "viber",
    "channel": "viber",
    "sender": "20001",
    "user": "380501112233",
    "at": T,
    "provider_id": "77",
    "type": "TEXT",
    "text": "STOP 退订",
    "tracking_data": "order:9",
    "caption": "Stop",
    "payload": "stop-1",
    "context_id": "76",
    "group": "-100",
    "name": "Zoe",
    "user_id": "US.2",
    "parent_user_id": "US.ENT.2",
    "user_name": "zoe",
    "opted_out": True,
    "acknowledgement": "4382bfdwdsb",
    "migrated_to": "-1009",
}
_EMPTY_TEXTS = dict.fromkeys(("code", "text", "user_id", "parent_user_id"), "")
BARE_RECEIPT = dict.fromkeys(STORED_RECEIPT) | {"route": "sms", "kind": "read"} | _EMPTY_TEXTS
# What rows of earlier versions lack.
LATER = {
    "receipt": ("part", "user_id", "parent_user_id"),
    "inbound": tuple(STORED_INBOUND)[list(STORED_INBOUND).index("caption") :],
}

WORK: list[tuple[DispatchWork | TimerWork | ReceiptWork, Any, dict[str, Any]]] = [
    (DispatchWork(), decode_dispatch, {}),
    (DispatchWork(0), decode_dispatch, {}),
    (DispatchWork(2), decode_dispatch, {"leg": 2}),
    (TimerWork(TimerKind.FALLBACK, 0), decode_timer, {"kind": "fallback", "leg": 0}),
    (TimerWork(TimerKind.EXPIRY, 3), decode_timer, {"kind": "expiry", "leg": 3}),
    (ReceiptWork(receipt=RECEIPT), decode_receipt, {"receipt": STORED_RECEIPT}),
    (
        ReceiptWork(receipt=Receipt(route="sms", kind=ReceiptKind.READ)),
        decode_receipt,
        {"receipt": BARE_RECEIPT},
    ),
    (ReceiptWork(inbound=INBOUND), decode_receipt, {"inbound": STORED_INBOUND}),
    (
        ReceiptWork(inbound=msgspec.structs.replace(INBOUND, tracking_data="")),
        decode_receipt,
        {"inbound": STORED_INBOUND | {"tracking_data": ""}},
    ),
]
work_rows = pytest.mark.parametrize(
    ("work", "decode", "stored"), WORK, ids=[repr(row[0])[:40] for row in WORK]
)


@work_rows
def test_a_body_of_the_journal_is_stored_as_this_text(work: Any, decode: Any, stored: dict[str, Any]) -> None:
    assert encode(work) == json_text(stored)


@work_rows
def test_a_body_of_the_journal_is_read_back_as_the_same_work(
    work: Any, decode: Any, stored: dict[str, Any]
) -> None:
    assert decode(json_text(stored)) == work


@pytest.mark.parametrize(
    ("kind", "one", "stored"), [("receipt", RECEIPT, STORED_RECEIPT), ("inbound", INBOUND, STORED_INBOUND)]
)
def test_a_body_of_an_earlier_version_is_read(kind: str, one: Any, stored: dict[str, Any]) -> None:
    earlier = {name: value for name, value in stored.items() if name not in LATER[kind]}
    defaults = {
        field.name: field.default for field in msgspec.structs.fields(one) if field.name in LATER[kind]
    }
    expected = ReceiptWork(**{kind: msgspec.structs.replace(one, **defaults)})
    assert decode_receipt(json_text({kind: earlier})) == expected


def test_the_receipt_and_the_inbound_message_set_every_field() -> None:
    assert fields_at_default(RECEIPT) | fields_at_default(INBOUND) == set()


@pytest.mark.parametrize(
    ("decode", "text"),
    [
        (decode_dispatch, '{"leg":"first"}'),
        (decode_timer, '{"kind":"lunch","leg":0}'),
        (decode_timer, '{"kind":"expiry"}'),
        (decode_receipt, '{"receipt":{"route":"r","kind":"vanished"}}'),
        (decode_receipt, '{"inbound":{"route":"r"}}'),
        (decode_dispatch, "leg 0"),
    ],
)
def test_a_body_that_is_not_the_stages_is_refused(decode: Any, text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(text)


# Words that stand in columns and in stored JSON. New ones may be added; none may be renamed or lost.
WORDS: list[tuple[type, list[str]]] = [
    (
        LegState,
        ["queued", "submitting", "in_doubt", "sent", "expired", "failed", "delivered", "read"],
    ),
    (
        SendFailure,
        [
            "busy",
            "unreachable",
            "rate_limited",
            "not_configured",
            "not_on_channel",
            "opted_out",
            "no_device",
            "bad_number",
            "waiting_for_user",
            "bad_request",
            "undeliverable",
            "expired",
            "template_fault",
            "no_receipt",
            "sms_limit",
            "sms_country",
            "cancelled",
        ],
    ),
    (ReceiptKind, ["sent", "delivered", "read", "failed", "expired"]),
    (StepCondition, ["failed", "undelivered", "unread"]),
    (TimerKind, ["fallback", "expiry"]),
    (OptOutReason, ["stop_word", "provider", "call"]),
]


@pytest.mark.parametrize(("words", "stored"), WORDS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_stored_words_stay_what_they_are(words: Any, stored: list[str]) -> None:
    assert [word.value for word in words] == stored
    assert [words(text).value for text in stored] == stored
