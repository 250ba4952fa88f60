"""A page that the tester visits can neither read nor reset the sandbox."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.processes import Running, start_sandbox
from waypost.sandbox.local_requests import is_local

READ = [("GET", "/"), ("GET", "/sandbox/clock"), ("GET", "/sandbox/phones/4915112345678")]
CHANGE = [
    ("POST", "/sandbox/reset"),
    ("POST", "/sandbox/clock/advance"),
    ("POST", "/sandbox/phones/4915112345678/reply"),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start_sandbox() as running:
        yield running


def status(sandbox: Running, method: str, path: str, **headers: str) -> tuple[int, str]:
    body = json.dumps({"seconds": 0}) if "advance" in path else None
    with closing(http.client.HTTPConnection(sandbox.endpoint, timeout=20)) as connection:
        connection.request(method, path, body, {"Accept": "text/html", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize(("method", "path"), READ + CHANGE)
def test_a_name_that_leads_here_is_refused(sandbox: Running, method: str, path: str) -> None:
    port = sandbox.port
    for host in (f"evil.example:{port}", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example"):
        code, body = status(sandbox, method, path, Host=host)
        assert (code, "error" in json.loads(body)) == (403, True)


@pytest.mark.parametrize(("method", "path"), READ + CHANGE)
def test_a_page_of_another_site_is_refused(sandbox: Running, method: str, path: str) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", "file://", ""):
        assert status(sandbox, method, path, Origin=origin)[0] == 403


@pytest.mark.parametrize(("method", "path"), READ + CHANGE[:2])
def test_the_tester_is_answered(sandbox: Running, method: str, path: str) -> None:
    port = sandbox.port
    for host in (sandbox.endpoint, f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}", "127.0.0.1"):
        assert status(sandbox, method, path, Host=host)[0] == 200
        assert status(sandbox, method, path, Host=host, Origin=f"http://{host}")[0] == 200


@pytest.mark.parametrize(
    ("host", "bound_to", "allowed"),
    [
        ("waypost:8080", "0.0.0.0", True),
        ("waypost:8080", "::", True),
        ("waypost:8080", "192.0.2.7", True),
        ("waypost:8080", "waypost", True),
        ("waypost:8080", "localhost", False),
        ("waypost:8080", "127.0.0.1", False),
        ("waypost:8080", "::1", False),
        ("192.0.2.7:8080", "127.0.0.1", True),
        ("[2001:db8::7]", "::1", True),
        ("", "127.0.0.1", False),
        ("[", "127.0.0.1", False),
        (":8080", "127.0.0.1", False),
    ],
)
def test_a_sandbox_for_other_machines_has_the_names_that_they_use(
    host: str, bound_to: str, allowed: bool
) -> None:
    assert is_local(host, None, bound_to) is allowed
    assert not is_local(host, "http://evil.example", bound_to)
