"""Whatever answers, providers, proxies and the servers of files: a request ends as is documented."""

import asyncio
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.providers import RawProvider, raw
from waypost.model.message.outcomes import Unknown
from waypost.outbound.file_check import FileCheck
from waypost.outbound.name_resolution import NameResolver
from waypost.outbound.proxy import HttpProxy, ProxyRefusedError
from waypost.outbound.reply import Reply, retry_after
from waypost.outbound.response_parser import MAX_BODY_BYTES, MAX_FIELDS, MAX_INTERIM, ResponseParser

_FIELDS = [
    b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 99999999999999999999999\r\n",
    b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: deflate\r\n",
    b"Retry-After: 99999999999999999999999\r\n",
    b"Keep-Alive: timeout=999999999999999\r\n",
    b"X: \xff\x00\r\n",
    b": \r\n",
    b"\r\n",
]
_PARTS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 99999 X\r\n",
    b"HTTP/9.9 200\r\n",
    b"5\r\nhello\r\n",
    b"ffffffffffffffffffff\r\n",
    b"0\r\n\r\n",
    b"\x1f\x8b\x08\x00",
    b"\r\n\r\n",
    *_FIELDS,
]
pieces = st.lists(st.sampled_from(_PARTS) | st.binary(max_size=20), max_size=12)


@given(pieces, st.booleans())
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_a_reply_or_unknown(parts: list[bytes], is_clean: bool) -> None:
    parser = ResponseParser()
    parser.begin(has_no_body=False)
    results = (parser.feed(part) for part in parts)
    result = next((each for each in results if each is not None), None) or parser.end(is_clean=is_clean)
    assert isinstance(result, Reply | Unknown)
    if isinstance(result, Reply):
        assert len(result.body) <= MAX_BODY_BYTES
        assert len(result.text) <= MAX_BODY_BYTES
        retry_after(result)


@given(pieces)
@settings(max_examples=100, deadline=None)
def test_a_proxy_opens_a_tunnel_or_has_refused(parts: list[bytes]) -> None:
    async def main() -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.sendall(b"".join(parts))
        theirs.shutdown(socket.SHUT_WR)
        try:
            await HttpProxy("http://u:p4ssw0rd@proxy.example:1").open_tunnel(ours, "host.example", 443)
        except ProxyRefusedError as error:
            assert "p4ssw0rd" not in str(error)  # noqa: PT017 - it may also open the tunnel
        finally:
            ours.close()
            theirs.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "answer",
    [
        b"no HTTP at all\r\n\r\n",
        *(
            b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
            for location in (
                b"http://[",
                b"http://\xff\xfe/",
                b"file:///etc/passwd",
                b"gopher://127.0.0.1:1/",
                b"http://127.0.0.1:99999999/",
                b"//",
                b"http://" + b"a" * 7000,
                b"http://xn--\xc3\xa9.example/",
                b"\x00",
                b"javascript:alert(1)",
                b"http://user:p@ss@127.0.0.1:1/",
            )
        ),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    ],
    ids=lambda answer: answer[:60].decode("latin-1").encode("unicode_escape").decode(),
)
def test_a_look_at_a_file_ends_with_a_reason(answer: bytes) -> None:
    async def main() -> str:
        async with raw(RawProvider([answer] * 5)) as server:
            return await FileCheck(NameResolver(), allow_private=True).download_error(f"{server.url}/a.jpg")

    problem = asyncio.run(main())
    # A body that is longer than it can be is there, as far as its beginning is looked at.
    assert problem or b"Content-Length: 9999" in answer
    assert len(problem) < 200
    assert "passwd" not in problem


@pytest.mark.parametrize(
    ("count", "is_reply"), [(MAX_INTERIM, True), (MAX_INTERIM + 1, False), (2000, False)]
)
def test_interim_responses_are_bounded(count: int, is_reply: bool) -> None:
    parser = ResponseParser()
    answer = b"HTTP/1.1 100 Continue\r\n\r\n" * count + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    # They are counted anew for each response.
    for _ in range(2 if is_reply else 1):
        parser.begin(has_no_body=False)
        assert isinstance(parser.feed(answer), Reply) is is_reply
    assert parser.is_reusable is is_reply


@pytest.mark.parametrize(("count", "is_reply"), [(MAX_FIELDS - 1, True), (MAX_FIELDS, False)])
def test_the_fields_of_a_head_are_bounded(count: int, is_reply: bool) -> None:
    parser = ResponseParser()
    parser.begin(has_no_body=False)
    answer = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * count + b"Content-Length: 0\r\n\r\n"
    assert isinstance(parser.feed(answer), Reply) is is_reply
