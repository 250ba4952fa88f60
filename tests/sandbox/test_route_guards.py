"""Every route that changes something, from the route table: no other site's page can use it, and what a
button posts to is for the sandbox's own pages alone."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute, Route

from waypost.sandbox.fixture import SEED
from waypost.sandbox.sandbox_state import SandboxState
from waypost.server.app import Waypost
from waypost.server.sandbox import Lifecycle, Sandbox, SandboxOptions

HOST = "127.0.0.1:8080"
OWN, ELSEWHERE = f"http://{HOST}", "http://elsewhere.example"


async def nothing(*_: Any) -> None:
    """What is done with the sandbox as a whole is not tried here."""


async def ignore_state(_: SandboxState) -> None:
    """A state that would be loaded."""


class Routes(Sandbox):
    """A sandbox that says which routes it has."""

    listed: Sequence[BaseRoute] = ()

    def _control_routes(self, service: Waypost) -> Sequence[BaseRoute]:
        self.listed = super()._control_routes(service)
        return self.listed


async def status(sandbox: Sandbox, method: str, path: str, **headers: str) -> int:
    statuses: list[int] = []
    named = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if "status" in message:
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 5),
    }
    await sandbox.service(scope, receive, send)
    return statuses[0]


def changing(routes: Sequence[BaseRoute]) -> list[tuple[str, str]]:
    """The methods and paths that are no mere reading, with values in their places."""
    return sorted(
        (method, re.sub(r"\{\w+(:\w+)?\}", "1", route.path))
        for route in routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method not in ("GET", "HEAD")
    )


@pytest.fixture
def sandbox(tmp_path: Path) -> Routes:
    options = SandboxOptions(SEED, 0, durable=False)
    lifecycle = Lifecycle(nothing, None, ignore_state, nothing)
    return Routes("127.0.0.1", 8080, OWN, tmp_path, options, name="", lifecycle=lifecycle)


async def test_no_route_that_changes_something_is_for_another_site(sandbox: Routes) -> None:
    await sandbox.start()
    try:
        found = changing(sandbox.listed)
        assert ("POST", "/view/disruptions/calls") in found
        assert ("POST", "/sandbox/reset") in found
        assert len(found) > 20
        for method, path in found:
            for origin in (ELSEWHERE, "null", f"http://{HOST}0"):
                assert await status(sandbox, method, path, origin=origin) == 403, (method, path, origin)
            named = {"host": "elsewhere.example:8080"}
            assert await status(sandbox, method, path, **named) == 403, (method, path)
        of_pages = [path for method, path in found if path.startswith("/view/")]
        assert len(of_pages) >= 7
        for path in of_pages:
            for headers in (
                {},
                {"sec_fetch_site": "cross-site"},
                {"sec_fetch_site": "same-site", "origin": OWN},
            ):
                assert await status(sandbox, "POST", path, **headers) == 403, (path, headers)
            # And the sandbox's own page is not refused.
            assert await status(sandbox, "POST", path, origin=OWN) != 403
    finally:
        await sandbox.stop(1)


async def test_no_page_is_changed_by_looking_at_it(sandbox: Routes) -> None:
    await sandbox.start()
    try:
        methods = {
            (route.path, method)
            for route in sandbox.listed
            if isinstance(route, Route) and route.path.startswith("/view/")
            for method in route.methods or ()
        }
        posted = {path for path, method in methods if method == "POST"}
        assert {(path, method) for path, method in methods if path in posted and method != "POST"} == set()
    finally:
        await sandbox.stop(1)
