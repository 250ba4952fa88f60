"""The exact request, every answer, every delivery report."""

import asyncio
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from tests.connectors.providers import Canned, RecordedRequest, canned
from tests.connectors.test_registry import table
from waypost.connectors.contract import MalformedWebhookError, Submission, Webhook
from waypost.connectors.kannel.connector import KannelConnector
from waypost.connectors.registry import connect, parse_route
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import (
    Accepted,
    Outcome,
    Receipt,
    ReceiptKind,
    Refused,
    RejectedItem,
    Unknown,
)
from waypost.outbound.client import HttpClient

F = SendFailure

SUBMISSION = Submission(
    reference="2023071910220142000000001-1-1",
    number=7,
    sender="Shop & Co",
    recipient="380501112233",
    message_type="text",
    content={"text": "50% off + free & more"},
    ttl=90,
    receipt_url="http://127.0.0.1:9/hooks/abc",
)
QUERY = {
    "username": "u",
    "password": "p@ss&word",
    "from": "Shop & Co",
    "to": "380501112233",
    "text": "50% off + free & more",
    "coding": "0",
    "charset": "UTF-8",
    "validity": "2",
    "dlr-mask": "31",
    "dlr-url": "http://127.0.0.1:9/hooks/abc?reference=2023071910220142000000001-1-1&status=%d&id=%F&answer=%A",
}


def send(submission: Submission, reply: Canned) -> tuple[Outcome, list[RecordedRequest]]:
    async def main() -> tuple[Outcome, list[RecordedRequest]]:
        async with canned(reply) as provider, HttpClient() as client:
            connector = KannelConnector(
                "sms-1",
                client,
                url=provider.url + "/cgi-bin/sendsms",
                username="u",
                password="p@ss&word",
                is_gsm=str.isascii,
            )
            return await connector.send(submission), provider.requests

    return asyncio.run(main())


TAKEN = Canned(202, "0: Accepted for delivery")

REQUESTS: dict[str, tuple[dict[str, Any], dict[str, str | None]]] = {
    "plain": ({}, {}),
    "UCS-2": ({"content": {"text": "привіт ☺"}}, {"text": "привіт ☺", "coding": "2"}),
    "a short ttl is a minute": ({"ttl": 1}, {"validity": "1"}),
    "whole minutes": ({"ttl": 120}, {"validity": "2"}),
    "no receipts wanted": ({"receipt_url": ""}, {"dlr-mask": None, "dlr-url": None}),
    "a receipt address with a query and an escape": (
        {"receipt_url": "http://w/h?k=a%20b"},
        {
            "dlr-url": "http://w/h?k=a%%20b&reference=2023071910220142000000001-1-1&status=%d&id=%F&answer=%A",
        },
    ),
}


@pytest.mark.parametrize(("changes", "query"), REQUESTS.values(), ids=REQUESTS)
def test_request(changes: dict[str, Any], query: dict[str, str | None]) -> None:
    outcome, requests = send(msgspec.structs.replace(SUBMISSION, **changes), TAKEN)
    assert outcome == Accepted(None)
    assert [(a.method, a.path, a.body) for a in requests] == [("GET", "/cgi-bin/sendsms", b"")]
    assert requests[0].query == {name: value for name, value in (QUERY | query).items() if value is not None}


def test_no_text_is_never_sent() -> None:
    outcome, requests = send(msgspec.structs.replace(SUBMISSION, content={}), TAKEN)
    no_text = "the content has no text"
    assert outcome == Refused(F.BAD_REQUEST, "", no_text, explanation=no_text)
    assert requests == []


REPLIES: list[tuple[int, str, dict[str, str], type[Outcome] | SendFailure, int | None]] = [
    (202, "0: Accepted for delivery", {}, Accepted, None),
    (202, "3: Queued for later delivery", {}, Accepted, None),
    (202, "Sent.", {}, Accepted, None),
    (200, "0: Accepted for delivery", {}, Accepted, None),
    (201, "0: Accepted for delivery", {}, Accepted, None),
    (200, "OK", {}, Unknown, None),
    (202, "1: Unknown channel", {}, Unknown, None),
    (301, "", {"Location": "https://x/"}, Unknown, None),
    (400, "Empty text not allowed, rejected", {}, F.BAD_REQUEST, None),
    (400, "Missing receiver number, rejected", {}, F.BAD_NUMBER, None),
    (400, "Number(s) has/have been denied by white- and/or black-lists.", {}, F.UNDELIVERABLE, None),
    (400, "Sender missing and no global set, rejected", {}, F.NOT_CONFIGURED, None),
    (401, "1: Unknown channel", {}, F.NOT_CONFIGURED, None),
    (402, "", {}, F.NOT_CONFIGURED, None),
    (403, "Authorization failed for sendsms", {}, F.NOT_CONFIGURED, None),
    (403, "Not routable. Do not try again.", {}, F.UNDELIVERABLE, None),
    (404, "Unknown request.", {}, F.NOT_CONFIGURED, None),
    (429, "", {"Retry-After": "3"}, F.RATE_LIMITED, 3000),
    (500, "Error processing SMS", {}, Unknown, None),
    (500, "Temporal failure, try again later.", {}, F.BUSY, None),
    (502, "", {}, Unknown, None),
    (503, "Temporal failure, try again later.", {}, F.BUSY, None),
    (503, "", {"Retry-After": "30"}, F.BUSY, 30_000),
]


@pytest.mark.parametrize(("status", "body", "headers", "meaning", "wait"), REPLIES)
def test_reply(
    status: int, body: str, headers: dict[str, str], meaning: type[Outcome] | SendFailure, wait: int | None
) -> None:
    outcome, requests = send(SUBMISSION, Canned(status, body, headers))
    if isinstance(meaning, SendFailure):
        assert outcome == Refused(meaning, "", f"HTTP {status}: {body}", wait)
    else:
        assert isinstance(outcome, meaning)
    assert len(requests) == 1


def read(query: dict[str, str]) -> list[Any]:
    async def main() -> list[Any]:
        async with HttpClient() as client:
            connector = KannelConnector(
                "sms-1", client, url="http://x", username="", password="", is_gsm=str.isascii
            )
            return list(connector.parse_webhook(Webhook("GET", query, {}, b"")))

    return asyncio.run(main())


REPORT = {"reference": "m-1-1", "status": "1", "id": "17", "answer": "stat:DELIVRD err:000"}


def receipts(kind: ReceiptKind, failure: SendFailure | None = None) -> list[Receipt]:
    return [
        Receipt(
            route="sms-1",
            kind=kind,
            provider_id="17",
            reference="m-1-1",
            part="17",
            failure=failure,
            text="stat:DELIVRD err:000",
        )
    ]


REPORTS = {
    "1": receipts(ReceiptKind.DELIVERED),
    "2": receipts(ReceiptKind.FAILED, F.UNDELIVERABLE),
    "4": [],
    "8": receipts(ReceiptKind.SENT),
    "16": receipts(ReceiptKind.FAILED, F.UNDELIVERABLE),
    # Bits of their own: expired, state unknown, intermediate, and whatever comes.
    "34": receipts(ReceiptKind.FAILED, F.UNDELIVERABLE),
    "66": receipts(ReceiptKind.FAILED, F.UNDELIVERABLE),
    "48": receipts(ReceiptKind.FAILED, F.UNDELIVERABLE),
    "36": [],
    "12": receipts(ReceiptKind.SENT),
    "9": receipts(ReceiptKind.DELIVERED),
    "33": receipts(ReceiptKind.DELIVERED),
    "1025": receipts(ReceiptKind.DELIVERED),
}


@pytest.mark.parametrize(("status", "expected"), REPORTS.items())
def test_report(status: str, expected: list[Receipt]) -> None:
    assert read({**REPORT, "status": status}) == expected


def test_a_report_without_the_gateways_id_still_names_the_attempt() -> None:
    assert read({"reference": "m-1-1", "status": "1", "id": ""}) == [
        Receipt(route="sms-1", kind=ReceiptKind.DELIVERED, reference="m-1-1")
    ]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"status": "1"},
        {"reference": "m-1-1"},
        {**REPORT, "status": "%d"},
        {**REPORT, "status": "9" * 5000},
    ],
)
def test_unreadable(query: dict[str, str]) -> None:
    with pytest.raises(MalformedWebhookError):
        read(query)


@pytest.mark.parametrize("status", ["0", "32", "64", "-1", "3", "17"])
def test_a_status_without_a_known_bit_or_with_a_contradiction_is_skipped_and_logged(status: str) -> None:
    with capture_logs() as logs:
        [report] = read({**REPORT, "status": status})
    assert isinstance(report, RejectedItem)
    assert [entry["event"] for entry in logs] == ["webhook.items_skipped"]


def test_a_gateway_that_reports_on_the_first_part_only() -> None:
    settings = parse_route(table("kannel", reports_parts=False))

    async def main() -> list[Any]:
        async with HttpClient() as client:
            connector = connect("sms-1", settings, client)
            return list(connector.parse_webhook(Webhook("GET", REPORT, {}, b"")))

    [receipt] = asyncio.run(main())
    assert (receipt.provider_id, receipt.part) == ("17", None)
