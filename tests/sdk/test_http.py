"""HTTP connections: long headers, pipelined and incomplete requests, and their answers."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import urlencode

import pytest

from tests.sdk.callers import FREE_BY_NAME, Phones, Sandbox, exchange, signed_headers
from waypost.api.limits import LONGEST_HEAD


@contextmanager
def connection(sandbox: Sandbox) -> Iterator[tuple[socket.socket, IO[bytes]]]:
    with (
        socket.create_connection(("127.0.0.1", sandbox.process.port), timeout=20) as opened,
        opened.makefile("rb") as answers,
    ):
        yield opened, answers


def answer(answers: IO[bytes]) -> tuple[int, bytes]:
    """The status and the body of the next answer."""
    status = int(answers.readline().split()[1])
    length = 0
    while (line := answers.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return status, answers.read(length)


def health(path: str = "/healthz", more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: sandbox\r\n{more}\r\n".encode()


@pytest.mark.parametrize("length", [65_000, 66_000, 400_000, LONGEST_HEAD - 1_000])
def test_a_query_may_be_long_and_is_read_to_its_end(sandbox: Sandbox, phones: Phones, length: int) -> None:
    number = phones.new()
    query = FREE_BY_NAME | {"To": number, "Ignored": "x" * (length - 1_000), "Ttl": "29"}
    target, headers = signed_headers(sandbox, query)
    raw = exchange(sandbox, target, headers)
    assert (raw.status, raw.json["Code"]) == (400, "InvalidTtl")


def test_a_longer_head_is_refused_and_the_service_goes_on(sandbox: Sandbox) -> None:
    for head in (f"GET /?{'x' * 2 * LONGEST_HEAD}", f"GET / HTTP/1.1\r\nX: {'x' * 2 * LONGEST_HEAD}"):
        with connection(sandbox) as (client, answers):
            try:
                client.sendall(head.encode())
                assert answer(answers)[0] == 431
            except ConnectionError:
                # It may be closed while we are still writing.
                pass
        with connection(sandbox) as (client, answers):
            client.sendall(health())
            assert answer(answers)[0] == 200


def test_many_requests_on_one_connection_each_have_their_own_bound(sandbox: Sandbox) -> None:
    padding = urlencode({"padding": "x" * 300_000})
    with connection(sandbox) as (client, answers):
        for _ in range(5):
            client.sendall(health(f"/healthz?{padding}"))
            assert answer(answers)[0] == 200


def test_pipelined_requests_are_answered_in_order(sandbox: Sandbox) -> None:
    with connection(sandbox) as (client, answers):
        client.sendall(health() + health("/no-such-page") + health())
        assert [answer(answers)[0] for _ in range(3)] == [200, 404, 200]


def test_a_request_in_pieces_is_one_request(sandbox: Sandbox) -> None:
    with connection(sandbox) as (client, answers):
        for byte in health():
            client.sendall(bytes([byte]))
        assert answer(answers)[0] == 200


def test_a_client_that_expects_100_continue_gets_it(sandbox: Sandbox, phones: Phones) -> None:
    body = urlencode(FREE_BY_NAME | {"To": phones.new()}).encode()
    more = {"content-type": "application/x-www-form-urlencoded"}
    target, headers = signed_headers(sandbox, {}, body, more=more)
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"content-length: {len(body)}", "expect: 100-continue", "", ""]
    with connection(sandbox) as (client, answers):
        client.sendall("\r\n".join(lines).encode())
        assert answer(answers)[0] == 100
        client.sendall(body)
        status, response = answer(answers)
        assert (status, b'"Code":"OK"' in response) == (200, True)


def test_a_connection_is_closed_when_the_client_requests_it(sandbox: Sandbox, phones: Phones) -> None:
    target, headers = signed_headers(sandbox, FREE_BY_NAME | {"To": phones.new()})
    for path, lines in ((target, headers), ("/healthz", {"host": "sandbox"})):
        method = "POST" if path == target else "GET"
        head = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items())]
        with connection(sandbox) as (client, answers):
            client.sendall("\r\n".join([*head, "connection: close", "", ""]).encode())
            assert answer(answers)[0] == 200
            assert answers.read() == b""


def test_head_has_the_length_and_no_body(sandbox: Sandbox) -> None:
    with connection(sandbox) as (client, answers):
        for path in ("/errors", "/"):
            client.sendall(f"HEAD {path} HTTP/1.1\r\nHost: sandbox\r\n\r\n".encode())
            assert answers.readline().startswith(b"HTTP/1.1 ")
            names = set()
            while (line := answers.readline().strip()) != b"":
                names.add(line.partition(b":")[0].lower())
            assert b"content-length" in names
        client.sendall(health())
        assert answer(answers)[0] == 200


# Of bytes that begin TLS: tests/server/test_tls.py.
@pytest.mark.parametrize(
    "wrong", [b"hello\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x15\x03\x01\x02\x00"]
)
def test_what_is_no_http_is_refused(sandbox: Sandbox, wrong: bytes) -> None:
    with connection(sandbox) as (client, answers):
        client.sendall(wrong)
        assert answer(answers)[0] == 400
