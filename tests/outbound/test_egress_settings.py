"""Which requests go through an egress proxy: as the settings say, and never those to this machine."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.background_server import background
from tests.beside import make_key
from tests.cli.configs import write_config
from tests.processes import run_waypost, start_serve, until
from tests.sdk.callers import FREE_BY_NAME, Sandbox, exchange, signed_call
from waypost.outbound.proxy import chosen_proxy, proxy_error
from waypost.outbound.public_sockets import NotPublicError, require_public

PROXY = "http://proxy.example:3128"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://secure.example:1")
    monkeypatch.setenv("http_proxy", "http://plain.example:2")
    monkeypatch.setenv("NO_PROXY", "inside.example,10.1.2.3")


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("setting", "url", "proxy"),
    [
        ("", "https://viber.example", ""),
        (PROXY, "https://viber.example", PROXY),
        (PROXY, "http://10.1.2.3/x", PROXY),
        ("environment", "https://viber.example", "http://secure.example:1"),
        ("environment", "http://viber.example", "http://plain.example:2"),
        ("environment", "https://inside.example", ""),
        ("environment", "https://www.inside.example", ""),
        ("environment", "http://10.1.2.3:8080/x", ""),
        *(
            (setting, url, "")
            for setting in (PROXY, "environment")
            for url in (
                "http://127.0.0.1:80",
                "http://127.9.9.9",
                "http://[::1]/x",
                "https://localhost",
                "http://LOCALHOST./x",
                "http://a.localhost",
            )
        ),
    ],
)
def test_the_proxy_of_a_request(setting: str, url: str, proxy: str) -> None:
    assert chosen_proxy(setting, url) == proxy


@pytest.mark.parametrize(
    "setting", ["proxy.example:3128", "https://u:secret@proxy.example", "socks5://p", "http://"]
)
def test_what_is_no_proxy_is_refused_without_its_secret(setting: str) -> None:
    error = proxy_error(setting, "https://viber.example")
    assert "http://" in error
    assert "secret" not in error


def test_a_setting_that_is_no_proxy_ends_the_start(tmp_path: Path) -> None:
    for more in (
        '[callbacks]\nproxy = "ftp://x"',
        "[routes.other]\nkind = 'viber'\nurl = 'http://v.example'\nsecret = 's'\nproxy = 'x'",
    ):
        done = run_waypost("keys", "list", "--config", str(write_config(tmp_path, more=more)))
        assert (done.returncode, "proxy" in done.stderr) == (2, True)


class Names(AbstractResolver):
    """Resolves every name to fixed addresses; to none, it fails."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        if not self._addresses:
            raise OSError("no such name")
        rows: list[Any] = [{"hostname": host, "host": address, "port": port} for address in self._addresses]
        return rows

    async def close(self) -> None:
        return


@pytest.mark.parametrize(
    ("url", "addresses", "allowed"),
    [
        ("https://shop.example/x", ("93.184.216.34",), True),
        ("https://shop.example/x", ("93.184.216.34", "10.0.0.1"), False),
        ("https://shop.example/x", (), True),
        ("http://10.0.0.1/x", ("93.184.216.34",), False),
        ("http://[::ffff:169.254.169.254]/x", (), False),
        ("http://93.184.216.34/x", (), True),
    ],
)
def test_no_private_address_is_left_to_a_proxy(url: str, addresses: tuple[str, ...], allowed: bool) -> None:
    check = require_public(Names(*addresses), url)
    if allowed:
        asyncio.run(check)
    else:
        with pytest.raises(NotPublicError):
            asyncio.run(check)


@contextmanager
def proxying() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A proxy that answers everything itself with 400: its URL, and the targets and credentials it got."""
    requests: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            requests.append((self.path, self.headers.get("proxy-authorization", "")))
            self.send_response(400)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with background(server):
        yield f"http://user:word@127.0.0.1:{server.server_port}", requests


def test_requests_to_providers_and_customers_leave_by_the_proxy(tmp_path: Path) -> None:
    with proxying() as (proxy, requests):
        config = write_config(
            tmp_path,
            viber=f'http://viber.example/send"\nproxy = "{proxy}',
            status_url="http://customer.example/status",
            more=f'[callbacks]\nproxy = "{proxy}"\n',
        )
        key = make_key(config)
        with start_serve(config) as running:
            query = {**FREE_BY_NAME, "To": "4915112340000"}
            target, headers = signed_call(running.endpoint, "SendChatappMessage", key.id, key.secret, query)
            assert exchange(Sandbox(running), target, headers).json["Code"] == "OK"
            until(lambda: len(requests) >= 2, what="a push of the failure")
    authorization = "Basic dXNlcjp3b3Jk"
    assert requests[0] == ("http://viber.example/send", authorization)
    assert ("http://customer.example/status", authorization) in requests
