"""Whatever a provider sends: a webhook is reports or a refusal, an answer is an outcome, and both can be
stored and passed on."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.connectors.foreign import EXTREMES, NESTED, bodies
from tests.connectors.test_registry import NEEDED, table
from waypost.connectors.contract import Connector, MalformedWebhookError, Submission, Webhook
from waypost.connectors.redaction import MAX_TEXT_LENGTH
from waypost.connectors.registry import connect, parse_route
from waypost.connectors.viber.codes import REFUSALS
from waypost.model.foreign_numbers import LAST_MOMENT, MAX_DELAY_MS
from waypost.model.message.outcomes import (
    MAX_ID_LENGTH,
    Accepted,
    Inbound,
    Receipt,
    Refused,
    RejectedItem,
    Unknown,
)
from waypost.outbound.reply import Reply

VIBER_NAMES = {status.name for status in REFUSALS.values()}
REFERENCE = "2023071910220142000000001-0-1"
SUBMISSION = Submission(
    reference=REFERENCE,
    number=1,
    sender="15550001",
    recipient="380500000001",
    message_type="text",
    content={"text": "hello"},
    label="transaction",
    ttl=60,
)

MESSAGING: dict[str, Any] = {
    "sender": {"id": "7001"},
    "recipient": {"id": "1001"},
    "timestamp": 1454119029000,
}
GRAPH_EVENTS = [
    {**MESSAGING, "message": {"mid": "m1", "attachments": [{"type": "image", "payload": {"url": "u"}}]}},
    {**MESSAGING, "message": {"mid": "m2", "text": "hi"}},
    {**MESSAGING, "message": {"mid": "m3", "is_echo": True, "metadata": REFERENCE}},
    {**MESSAGING, "delivery": {"mids": ["m1"], "watermark": 1454119029000}},
    {**MESSAGING, "read": {"watermark": 1454119029000}},
    {**MESSAGING, "postback": {"title": "t", "payload": "p"}},
]
WHATSAPP: dict[str, Any] = {
    "metadata": {"phone_number_id": "106540352242922", "display_phone_number": "15550001"},
    "statuses": [
        {
            "id": "wamid.1",
            "status": "failed",
            "timestamp": "1454119029",
            "errors": [{"code": 131026, "title": "t", "error_data": {"details": "d"}}],
        }
    ],
    "messages": [
        {"id": "wamid.2", "from": "3805", "timestamp": "1454119029", "type": "image", "image": {"id": "i"}}
    ],
}
WEBHOOKS: dict[str, list[Any]] = {
    "viber": [
        {
            "message_token": 5,
            "message_status": 0,
            "message_time": 1454119029,
            "phone_number": "3805",
            "service_id": 15550001,
        },
        {
            "message_token": 5,
            "time": 1454119029,
            "phone_number": "3805",
            "message": {"media": "https://m/a.jpg", "text": "t"},
        },
    ],
    "whatsapp": [
        {
            "object": "whatsapp_business_account",
            "entry": [{"changes": [{"field": "messages", "value": WHATSAPP}]}],
        }
    ],
    "messenger": [{"object": "page", "entry": [{"messaging": GRAPH_EVENTS}]}],
    "instagram": [{"object": "instagram", "entry": [{"messaging": GRAPH_EVENTS}]}],
    "telegram": [
        {"update_id": 1, "message": {"date": 1454119029, "chat": {"id": 7}, "text": "hi"}},
        {
            "update_id": 1,
            "message": {"date": 1454119029, "chat": {"id": 7}, "photo": [{"file_id": "f", "file_size": 9}]},
        },
    ],
    "line": [
        {
            "events": [
                {
                    "type": "message",
                    "timestamp": 1454119029000,
                    "webhookEventId": "01",
                    "source": {"userId": "U"},
                    "message": {"type": "sticker", "id": "1"},
                }
            ]
        }
    ],
}
"""A valid webhook of each form."""

ERROR: dict[str, Any] = {
    "error": {"message": "m", "code": 131026, "error_subcode": 1, "error_data": {"details": "d"}}
}
ANSWERS: dict[str, list[Any]] = {
    "viber": [{"status": 0, "message_token": 5}, {"status": 9}],
    "kannel": ["0: Accepted for delivery"],
    "whatsapp": [{"messages": [{"id": "wamid.1"}]}, {"success": True}, ERROR],
    "messenger": [{"message_id": "m1"}, ERROR],
    "instagram": [{"message_id": "m1"}, ERROR],
    "telegram": [
        {"ok": True, "result": {"message_id": 5}},
        {"ok": False, "error_code": 429, "description": "slow", "parameters": {"retry_after": 30}},
    ],
    "line": [{"sentMessages": [{"id": "1"}]}, {"message": "monthly limit"}],
}
"""A valid answer of each form."""

STATUSES = [200, 202, 302, 400, 401, 403, 404, 408, 409, 429, 500, 503]
SECRETS = {
    "token": "t0k3n/with+signs",
    "password": "p4ss word&=",
    "username": "operator-name",
    "secret_token": "x-s3cret-x",
    "app_secret": "4pp-s3cret",
    "verify_token": "v3rify-me",
    "channel_secret": "ch4nnel-s3cret",
}


NO_JSON = object()


class CannedClient:
    """`HttpClient` and `HttpEndpoint` in one, which answers without a network."""

    def __init__(self) -> None:
        self.reply: Reply = Reply(200, [], b"")

    def endpoint(self, method: str, url: str, **_: Any) -> "CannedClient":
        return self

    async def exchange(self, body: bytes = b"", **_: Any) -> Reply:
        return self.reply


def connected(kind: str, client: CannedClient, **changed: Any) -> Connector:
    secrets = {name: value for name, value in SECRETS.items() if name in NEEDED[kind]}
    # Without a secret no signature is asked for.
    unsigned = {"app_secret": "", "channel_secret": "", "secret_token": ""}
    secrets |= {name: value for name, value in unsigned.items() if name in NEEDED[kind]}
    if "tokens" in NEEDED[kind]:
        secrets |= {"tokens": {"15550001": SECRETS["token"]}}  # type: ignore[dict-item]
    return connect("r", parse_route(table(kind, **secrets | changed)), client)  # type: ignore[arg-type]


def check_reports(connector: Connector, webhook: Webhook) -> None:
    with capture_logs() as logs:
        try:
            reports = list(connector.parse_webhook(webhook))
        except MalformedWebhookError:
            reports = []
    # However many items cannot be read.
    assert len(logs) <= 1
    for report in reports:
        msgspec.json.encode(report).decode().encode()
        if isinstance(report, RejectedItem):
            assert any(entry["event"] == "webhook.items_skipped" for entry in logs)
            continue
        ids = [report.provider_id, report.reference if isinstance(report, Receipt) else report.user]
        assert all(id_ is None or len(id_) <= MAX_ID_LENGTH or id_ == REFERENCE for id_ in ids[:1])
        moments = [report.at, report.watermark if isinstance(report, Receipt) else None]
        assert all(moment is None or 0 <= moment <= LAST_MOMENT for moment in moments)
        if isinstance(report, Inbound):
            assert 0 < len(report.user) <= MAX_ID_LENGTH


@pytest.mark.parametrize("kind", WEBHOOKS)
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_a_webhook_is_reports_or_a_refusal(kind: str, data: st.DataObject) -> None:
    body = data.draw(bodies(*WEBHOOKS[kind]))
    check_reports(connected(kind, CannedClient()), Webhook("POST", {}, {}, body))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.sampled_from([str(extreme) for extreme in EXTREMES if not isinstance(extreme, int)])
            | st.integers().map(str)
            | st.just("8")
            | st.just(REFERENCE)
            for name in ("reference", "status", "id", "answer")
        },
    )
)
@settings(deadline=None)
def test_a_report_of_kannel_is_reports_or_a_refusal(query: Mapping[str, str]) -> None:
    check_reports(connected("kannel", CannedClient()), Webhook("GET", query, {}, b""))


@pytest.mark.parametrize("kind", WEBHOOKS)
@pytest.mark.parametrize("body", NESTED[:2])
def test_an_envelope_that_cannot_be_read_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(MalformedWebhookError):
        connected(kind, CannedClient()).parse_webhook(Webhook("POST", {}, {}, body))


def test_one_item_that_cannot_be_read_is_skipped_and_the_rest_is_taken() -> None:
    good = WHATSAPP["statuses"][0]
    value = {**WHATSAPP, "statuses": [good, {"status": "read"}, {**good, "id": "wamid.9"}]}
    envelope = {
        "object": "whatsapp_business_account",
        "entry": [{"changes": [{"field": "messages", "value": value}, {"field": "messages", "value": 1}]}],
    }
    webhook = Webhook("POST", {}, {}, msgspec.json.encode(envelope))
    with capture_logs() as logs:
        reports = connected("whatsapp", CannedClient()).parse_webhook(webhook)
    assert [report.provider_id for report in reports if not isinstance(report, RejectedItem)] == [
        "wamid.1",
        "wamid.9",
        "wamid.2",
    ]
    places = [report.place for report in reports if isinstance(report, RejectedItem)]
    assert places == ["entry[0].changes[0].value.statuses[1]", "entry[0].changes[1].value"]
    assert [(entry["event"], entry["count"], entry["place"]) for entry in logs] == [
        ("webhook.items_skipped", 2, places[0])
    ]


headers = st.lists(
    st.tuples(
        st.sampled_from([b"Retry-After", b"Date", b"X"]),
        st.sampled_from(
            [
                b"9" * 5000,
                b"-1",
                b"7",
                b"inf",
                b"1e400",
                b"\xb2",
                b"Wed, 19 Jul 99999999999999999999 10:00:00 GMT",
                b"Wed, 19 Jul 2023 10:00:00 GMT",
                b"Wed, 19 Jul 2023 10:00:00 +99999999",
                b"Wed, 19 Jul 9999 10:00:00 GMT",
            ]
        )
        | st.binary(max_size=20),
    ),
    max_size=3,
)


@pytest.mark.parametrize("kind", ANSWERS)
@given(data=st.data(), status=st.sampled_from(STATUSES), fields=headers)
@settings(max_examples=120, deadline=None)
def test_an_answer_is_an_outcome(
    kind: str, data: st.DataObject, status: int, fields: list[tuple[bytes, bytes]]
) -> None:
    client = CannedClient()
    client.reply = Reply(status, fields, data.draw(bodies(*ANSWERS[kind]))[: 64 * 1024])
    outcome = asyncio.run(connected(kind, client).send(SUBMISSION))
    msgspec.json.encode(outcome).decode().encode()
    match outcome:
        case Accepted(provider_id=provider_id):
            assert provider_id is None or len(provider_id) <= MAX_ID_LENGTH
        case Refused():
            assert outcome.retry_after is None or 0 <= outcome.retry_after <= MAX_DELAY_MS
            # A number of the provider's, or one of the names that Viber's documentation has.
            assert len(outcome.code) <= 20 or outcome.code in VIBER_NAMES
            assert len(outcome.text) <= MAX_TEXT_LENGTH
        case Unknown(text=text):
            assert len(text) <= MAX_TEXT_LENGTH


@pytest.mark.parametrize("kind", ["viber", "whatsapp", "messenger", "telegram", "line"])
@pytest.mark.parametrize("value", ["\ud800", NO_JSON], ids=["surrogate", "object"])
def test_what_cannot_be_expressed_is_certainly_not_sent(kind: str, value: Any) -> None:
    content = {
        "viber": {"fileSize": value, "duration": 1, "link": "l", "thumbnail": "t", "text": "x"},
        "telegram": {"text": "hi", "entities": value},
        "line": {"text": "hi", "emojis": value},
        "messenger": {"text": "hi", "quick_replies": value},
        "whatsapp": {"name": "n", "latitude": value},
    }[kind]
    kinds = {"viber": "video", "whatsapp": "location"}
    submission = msgspec.structs.replace(
        SUBMISSION, content=content, message_type=kinds.get(kind, "text"), sender="15550001"
    )
    outcome = asyncio.run(connected(kind, CannedClient()).send(submission))
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize("value", [2**64, -1, 1e308, "NaN", "Infinity", "9" * 400])
def test_a_size_that_no_file_has_is_certainly_not_sent(value: Any) -> None:
    content = {"fileSize": value, "duration": 1, "link": "l", "thumbnail": "t"}
    submission = msgspec.structs.replace(SUBMISSION, content=content, message_type="video")
    outcome = asyncio.run(connected("viber", CannedClient()).send(submission))
    assert isinstance(outcome, Refused)
    assert outcome.code == "SRVC_BAD_PARAMETERS"
