"""Callers behind a proxy: policies about addresses hold, by the examples of the guide in real proxies."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.beside import make_key
from tests.cli.configs import write_config
from tests.docs.pages import blocks
from tests.processes import Running, start_serve, until
from tests.sdk.callers import Raw, signed_call
from tests.server.http_server import Application, connected, running_server
from waypost.server.http_bounds import Bounds

OFFICE, ELSEWHERE = "127.0.0.2", "127.0.0.3"
_OFFICE_ALONE = """
[accounts.acme.users.office.policies.office]
Version = "1"
[[accounts.acme.users.office.policies.office.Statement]]
Effect = "Allow"
Action = "cams:*"
Resource = "*"
Condition = { IpAddress = { "acs:SourceIp" = ["127.0.0.2"] }, Bool = { "acs:SecureTransport" = "true" } }

[server]
trusted_proxies = ["127.0.0.1/32"]
"""


@pytest.mark.parametrize(
    ("trusted", "headers", "peer", "secure"),
    [
        (
            "127.0.0.1",
            "X-Forwarded-For: 10.0.0.1, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n",
            "203.0.113.7",
            True,
        ),
        ("127.0.0.1", "Forwarded: for=203.0.113.7;proto=https\r\n", "203.0.113.7", True),
        ("127.0.0.1", "", "127.0.0.1", False),
        ("10.0.0.0/8", "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n", "127.0.0.1", False),
        ("10.0.0.0/8", "Forwarded: for=203.0.113.7;proto=https\r\n", "127.0.0.1", False),
    ],
)
async def test_only_a_trusted_proxy_names_the_caller(
    trusted: str, headers: str, peer: str, secure: bool
) -> None:
    application = Application()
    bounds = Bounds(trusted_proxies=(trusted,))
    async with running_server(application, bounds) as server, connected(server) as client:
        client.send("/?q", headers=headers)
        await client.answer()
    [request] = application.requests
    assert (request.peer, request.secure) == (peer, secure)


class Guarded(NamedTuple):
    """A service whose user may call from the office by TLS alone."""

    running: Running
    key: str
    secret: str
    folder: Path

    def called(
        self, source: str, port: int = 0, *, context: ssl.SSLContext | None = None, forged: str = ""
    ) -> Raw:
        """A call from an address, to the service itself or to a proxy with TLS before it."""
        host = f"127.0.0.1:{port}" if port else self.running.endpoint
        target, headers = signed_call(host, "GetChatappOpenStatus", self.key, self.secret)
        if forged:
            headers |= {"X-Forwarded-For": forged, "X-Forwarded-Proto": "https"}
            headers |= {"Forwarded": f"for={forged};proto=https"}
        connection: HTTPConnection
        if context is None:
            connection = HTTPConnection(host, timeout=10, source_address=(source, 0))
        else:
            connection = HTTPSConnection(host, timeout=10, source_address=(source, 0), context=context)
        try:
            connection.request("POST", target, headers=headers)
            answer = connection.getresponse()
            return Raw(answer.status, {}, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    config = write_config(folder, more=_OFFICE_ALONE)
    key = make_key(config, user="office")
    with start_serve(config) as running:
        yield Guarded(running, key.id, key.secret, folder)


def test_a_caller_cannot_name_itself(guarded: Guarded) -> None:
    for source in (OFFICE, ELSEWHERE):
        answer = guarded.called(source, forged=OFFICE)
        assert answer.json["Code"] == "Ram.PermissionDeny"
    # The proxy's own address is believed.
    assert guarded.called("127.0.0.1", forged=OFFICE).json["Code"] == "OK"


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_a_policy_about_addresses_protects_behind_the_proxy_of_the_guide(
    guarded: Guarded, proxy: str, tmp_path: Path
) -> None:
    program = shutil.which(proxy)
    if program is None:
        pytest.skip(f"no {proxy} here: its example in docs/operating.md is not tried")
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    context = ssl.create_default_context(cafile=str(_certificate(tmp_path)))
    start = {"nginx": _nginx, "caddy": _caddy}[proxy]
    with start(program, port, guarded.running.endpoint, tmp_path):
        first = until(lambda: _answered(guarded, port, context), what=f"an answer through {proxy}")
        assert first.json["Code"] == "OK"
        for forged in ("", ELSEWHERE, "127.0.0.1"):
            assert guarded.called(OFFICE, port, context=context, forged=forged).json["Code"] == "OK"
        for forged in ("", OFFICE, f"{OFFICE}, 127.0.0.1"):
            answer = guarded.called(ELSEWHERE, port, context=context, forged=forged)
            assert (answer.status, answer.json["Code"]) == (400, "Ram.PermissionDeny")


def _answered(guarded: Guarded, port: int, context: ssl.SSLContext) -> Raw | None:
    try:
        return guarded.called(OFFICE, port, context=context)
    except OSError:
        return None


def _example(language: str, port: int, upstream: str, folder: Path, site: str, listen: str) -> str:
    [example] = blocks("docs/operating.md", language)
    changes = {
        site: listen.format(port=port),
        "127.0.0.1:8080": upstream,
        "/etc/ssl/waypost.pem": str(folder / "waypost.pem"),
        "/etc/ssl/waypost.key": str(folder / "waypost.key"),
    }
    for old, new in changes.items():
        assert old in example
        example = example.replace(old, new)
    return example


@contextmanager
def _nginx(program: str, port: int, upstream: str, folder: Path) -> Iterator[None]:
    server = _example("nginx", port, upstream, folder, "listen 443 ssl", "listen 127.0.0.1:{port} ssl")
    temporary = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\nmaster_process off;\npid {folder / 'nginx.pid'};\nerror_log {folder / 'error.log'};\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{server}}}\n",
        encoding="utf-8",
    )
    with _process([program, "-p", str(folder), "-c", str(config), "-e", str(folder / "start.log")], folder):
        yield


@contextmanager
def _caddy(program: str, port: int, upstream: str, folder: Path) -> Iterator[None]:
    site = _example("caddyfile", port, upstream, folder, "waypost.example.com", "https://127.0.0.1:{port}")
    config = folder / "Caddyfile"
    config.write_text("{\nadmin off\nauto_https disable_redirects\n}\n" + site, encoding="utf-8")
    with _process([program, "run", "--config", str(config), "--adapter", "caddyfile"], folder):
        yield


@contextmanager
def _process(command: list[str], folder: Path) -> Iterator[None]:
    environment = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with ExitStack() as stack:
        log = stack.enter_context((folder / "proxy.log").open("wb"))
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        stack.callback(process.wait, 10)
        stack.callback(process.terminate)
        yield


def _certificate(folder: Path) -> Path:
    """Makes the certificate and the key of the examples; where the certificate is."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "waypost.example.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "waypost.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path = folder / "waypost.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path
