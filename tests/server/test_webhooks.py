"""The webhook endpoint: what it answers, and that it answers only what is durable."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from waypost.api.http_messages import HttpAnswer, HttpRequest
from waypost.connectors.contract import Connector, InvalidSignatureError, MalformedWebhookError, Webhook
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind, RejectedItem, Report
from waypost.server.webhooks import WebhookEndpoint, is_webhook
from waypost.storage.contract import StoreUnavailableError

RECEIPT = Receipt(route="r", provider_id="7", kind=ReceiptKind.DELIVERED, at=1)
PATH = "/receipts/r/secret"


class PendingTracker:
    """Where reports are followed; they are durable when the test says so."""

    def __init__(self) -> None:
        self.transactions: list[asyncio.Future[Any]] = []
        self.kept: list[tuple[str, bytes, list[RejectedItem]]] = []

    def receive(self, reports: Sequence[Receipt | Inbound]) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        self.transactions.append(future)
        return future

    def keep(self, route: str, request: HttpRequest, items: Sequence[RejectedItem]) -> asyncio.Future[Any]:
        self.kept.append((route, request.body, list(items)))
        return self.receive([])


class Provider:
    """A connector that returns or raises what the test says."""

    removes_duplicates = False

    def __init__(self, parsed: list[Report] | Exception) -> None:
        self.parsed = parsed
        self.webhooks: list[Webhook] = []

    def parse_webhook(self, webhook: Webhook) -> list[Report]:
        self.webhooks.append(webhook)
        if isinstance(self.parsed, Exception):
            raise self.parsed
        return self.parsed


class Endpoint:
    """An endpoint with one route, `r`, and the answers it gave."""

    def __init__(self, parsed: list[Report] | Exception) -> None:
        self.tracker = PendingTracker()
        self.provider = Provider(parsed)
        connectors = {"r": (cast(Connector, self.provider), "secret")}
        self.endpoint = WebhookEndpoint(self.tracker.receive, self.tracker.keep, connectors)
        self.answers: list[HttpAnswer] = []

    def post(self, path: str = PATH, method: str = "POST", **more: Any) -> None:
        request = HttpRequest(method, path, more.pop("query", b""), more.pop("headers", []), **more)
        self.endpoint.handle(request, self.answers.append)

    @property
    def statuses(self) -> list[int]:
        return [answer.status for answer in self.answers]


def test_a_body_that_is_too_long_is_not_parsed() -> None:
    endpoint = Endpoint([])
    endpoint.post(body=b" " * 1024 * 1024)
    endpoint.post(body=b" " * (1024 * 1024 + 1))
    assert endpoint.statuses == [200, 413]
    assert len(endpoint.provider.webhooks) == 1


def test_a_query_of_countless_parameters_is_refused() -> None:
    endpoint = Endpoint([])
    endpoint.post(method="GET", query=b"&".join([b"a=1"] * 100))
    endpoint.post(method="GET", query=b"&".join([b"a=1"] * 101))
    assert endpoint.statuses == [200, 400]


async def turn_of_the_loop() -> None:
    await asyncio.sleep(0)


async def test_a_webhook_is_answered_once_its_reports_are_durable() -> None:
    endpoint = Endpoint([RECEIPT])
    endpoint.post()
    await turn_of_the_loop()
    assert endpoint.statuses == []
    endpoint.tracker.transactions[0].set_result(None)
    await turn_of_the_loop()
    assert [(answer.status, answer.body) for answer in endpoint.answers] == [(200, b"ok\n")]


@pytest.mark.parametrize(
    ("error", "status"), [(StoreUnavailableError("full"), 503), (KeyError("a fault of ours"), 503)]
)
async def test_what_was_not_stored_is_not_confirmed(error: Exception, status: int) -> None:
    endpoint = Endpoint([RECEIPT])
    endpoint.post()
    endpoint.tracker.transactions[0].set_exception(error)
    await turn_of_the_loop()
    assert endpoint.statuses == [status]


REJECTED = RejectedItem(route="r", place="events[1]", error="no type")


async def test_an_item_that_is_not_understood_is_kept_with_its_webhook() -> None:
    endpoint = Endpoint([RECEIPT, REJECTED])
    endpoint.post(body=b"{}")
    await turn_of_the_loop()
    assert endpoint.tracker.kept == [("r", b"{}", [REJECTED])]
    followed, kept = endpoint.tracker.transactions
    followed.set_result(None)
    await turn_of_the_loop()
    assert endpoint.statuses == []
    kept.set_result(None)
    await turn_of_the_loop()
    await turn_of_the_loop()
    assert endpoint.statuses == [200]


@pytest.mark.parametrize("failing", [0, 1])
async def test_what_is_neither_followed_nor_kept_is_not_confirmed(failing: int) -> None:
    endpoint = Endpoint([RECEIPT, REJECTED])
    endpoint.post()
    for place, future in enumerate(endpoint.tracker.transactions):
        if place == failing:
            future.set_exception(StoreUnavailableError("full"))
        else:
            future.set_result(None)
    await turn_of_the_loop()
    await turn_of_the_loop()
    assert endpoint.statuses == [503]


async def test_a_webhook_without_reports_writes_nothing() -> None:
    endpoint = Endpoint([])
    endpoint.post()
    assert (endpoint.statuses, endpoint.tracker.transactions) == ([200], [])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidSignatureError("forged"), 403),
        (MalformedWebhookError("no JSON"), 400),
        (RecursionError(), 400),
        (KeyError("a fault of ours"), 503),
    ],
)
async def test_a_refused_webhook_writes_nothing(error: Exception, status: int) -> None:
    endpoint = Endpoint(error)
    endpoint.post()
    assert (endpoint.statuses, endpoint.tracker.transactions) == ([status], [])


@pytest.mark.parametrize("path", ["/receipts/r/other", "/receipts/other/secret", "/receipts/r/secreté"])
async def test_another_address_is_unknown_and_parses_nothing(path: str) -> None:
    endpoint = Endpoint([RECEIPT])
    endpoint.post(path)
    assert (endpoint.statuses, endpoint.provider.webhooks) == ([404], [])


async def test_other_methods_and_long_bodies_are_refused() -> None:
    endpoint = Endpoint([RECEIPT])
    endpoint.post(method="DELETE")
    endpoint.post(is_too_long=True)
    assert (endpoint.statuses, endpoint.provider.webhooks) == ([405, 413], [])
    assert ("allow", "GET, HEAD, POST") in endpoint.answers[0].headers


async def test_a_connector_gets_the_request_as_it_was_sent() -> None:
    endpoint = Endpoint([])
    endpoint.post(
        f"{PATH}/",
        "GET",
        query=b"id=1&id=2&empty=&text=a+b%20c",
        headers=[(b"X-Signature", b"old"), (b"x-signature", b"s"), (b"Who", b"\xcbAB")],
        body=b"{}",
    )
    assert endpoint.provider.webhooks == [
        Webhook(
            "GET",
            {"id": "2", "empty": "", "text": "a b c"},
            {"x-signature": "s", "who": "\xcbAB"},
            b"{}",
        )
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/receipts/r/s", True),
        ("/receipts/r/s/", True),
        ("/receipts/r", False),
        ("/receipts/r/s/t", False),
        ("/receipts", False),
        ("/", False),
        ("/other/receipts/r/s", False),
    ],
)
def test_the_paths_of_webhooks(path: str, expected: bool) -> None:
    assert is_webhook(path) is expected
