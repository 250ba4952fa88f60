"""What `/livez`, `/readyz` and `/healthz` answer, and to whom."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette

from waypost.clock import SystemClock
from waypost.model.identifiers import NO_MESSAGE
from waypost.server import health
from waypost.server.health import HealthEndpoints, Reason
from waypost.server.operator_access import OperatorAccess
from waypost.storage.changes import Change, Enqueue
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

TOKEN = "a-token-of-the-operator"
LOOPBACK, ELSEWHERE = "127.0.0.1", "192.0.2.7"


class Service:
    """A service of which one can say what ails it."""

    def __init__(
        self, store: SqliteStore, token: str = TOKEN, counts: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.not_ready: list[Reason] = []
        self.degraded: list[Reason] = []
        endpoints = HealthEndpoints(
            store,
            SystemClock(),
            lambda: self.not_ready,
            lambda: self.degraded,
            OperatorAccess(token),
            lambda: counts,
        )
        self._app = Starlette(routes=endpoints.routes())

    async def get(self, path: str, client: str = LOOPBACK, **headers: str) -> tuple[int, dict[str, Any]]:
        sent: list[Any] = []
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "server": ("waypost.example", 80),
            "client": (client, 5),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        return sent[0]["status"], msgspec.json.decode(sent[1]["body"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "waypost.db", durable=False)
    yield opened
    asyncio.run(opened.close())


@pytest.fixture
def service(store: SqliteStore) -> Service:
    return Service(store)


async def test_all_is_well(service: Service) -> None:
    assert await service.get("/livez") == (200, {"status": "ok"})
    assert await service.get("/readyz") == (200, {"status": "ok", "reasons": [], "details": {}})
    status, body = await service.get("/healthz")
    assert (status, body["status"], body["reasons"]) == (200, "ok", [])
    assert body["behind_seconds"] == {"dispatch": 0.0, "receipt": 0.0, "timer": 0.0, "callback": 0.0}


async def test_what_is_only_degraded_is_ready(service: Service) -> None:
    service.degraded = [Reason("routes_failing", {"routes": {"sms-main": "unreachable"}})]
    assert (await service.get("/readyz"))[0] == 200
    status, body = await service.get("/healthz")
    assert (status, body["status"], body["reasons"]) == (200, "degraded", ["routes_failing"])


async def test_what_cannot_accept_is_not_ready_and_alive(service: Service) -> None:
    service.not_ready = [Reason("disk_low", {"free_mib": 3})]
    assert (await service.get("/livez"))[0] == 200
    status, body = await service.get("/readyz")
    assert (status, body["status"], body["reasons"]) == (503, "not_ready", ["disk_low"])
    status, body = await service.get("/healthz")
    assert (status, body["status"], body["reasons"]) == (200, "degraded", ["disk_low"])


async def test_work_that_is_late_is_a_reason(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_REMEMBERED_S", 0.0)
    service, now = Service(store), SystemClock().now()
    await store.apply([Change([Enqueue(Stage.TIMER, "timers", NO_MESSAGE, "{}", now - 30_000)])])
    assert (await service.get("/healthz"))[1]["reasons"] == []
    await store.apply([Change([Enqueue(Stage.RECEIPT, "viber", NO_MESSAGE, "{}", now - 90_000)])])
    status, body = await service.get("/healthz")
    assert (status, body["reasons"]) == (200, ["lag"])
    assert 89 < body["behind_seconds"]["receipt"] < 120
    assert list(body["details"]["lag"]["behind_seconds"]) == ["receipt"]


@pytest.mark.parametrize("path", ["/readyz", "/healthz"])
@pytest.mark.parametrize(
    ("client", "headers", "sees"),
    [
        (LOOPBACK, {}, True),
        ("::1", {}, True),
        ("127.0.0.66", {}, True),
        (LOOPBACK, {"x_forwarded_for": ELSEWHERE}, False),
        (LOOPBACK, {"forwarded": f"for={ELSEWHERE}"}, False),
        (LOOPBACK, {"x_real_ip": ELSEWHERE}, False),
        (ELSEWHERE, {}, False),
        (ELSEWHERE, {"authorization": f"Bearer {TOKEN}"}, True),
        (LOOPBACK, {"x_forwarded_for": ELSEWHERE, "authorization": f"Bearer {TOKEN}"}, True),
        (ELSEWHERE, {"authorization": f"Bearer {TOKEN}x"}, False),
        (ELSEWHERE, {"authorization": TOKEN}, False),
        (ELSEWHERE, {"authorization": "Bearer "}, False),
        ("not-an-address", {}, False),
    ],
)
async def test_names_are_for_the_operator_alone(
    service: Service, path: str, client: str, headers: dict[str, str], sees: bool
) -> None:
    service.not_ready = [Reason("database", {"error": "database is locked", "route": "sms-main"})]
    _, body = await service.get(path, client, **headers)
    assert body["reasons"] == ["database"]
    assert ("sms-main" in str(body)) is sees


async def test_without_a_token_in_the_settings_none_is_right(store: SqliteStore) -> None:
    service = Service(store, token="")
    service.not_ready = [Reason("database", {"error": "locked"})]
    for sent in ("Bearer ", "Bearer", ""):
        _, body = await service.get("/readyz", ELSEWHERE, authorization=sent)
        assert "details" not in body


async def test_what_is_counted_is_a_detail_and_no_reason(store: SqliteStore) -> None:
    service = Service(store, counts={"calls": {"not_recorded": 7}})
    _, answer = await service.get("/healthz")
    assert (answer["status"], answer["reasons"]) == ("ok", [])
    assert answer["details"] == {"calls": {"not_recorded": 7}}
    assert "details" not in (await service.get("/healthz", ELSEWHERE))[1]
    assert (await service.get("/readyz"))[1]["details"] == {}
