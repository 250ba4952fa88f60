"""Requests that never end, in every part of them."""

from tests.attacks.attackers import attack, push
from tests.attacks.harness import attacked_sandbox

_CHUNKED = b"POST /%b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
# What is sent once, what is repeated for ever, and the status of the answer.
_ENDLESS = {
    "line ends": (b"", b"\r\n", 431),
    "target": (b"GET /", b"x", 431),
    "query": (b"GET /?", b"a=b&", 431),
    "headers": (b"GET / HTTP/1.1\r\n", b"a: b\r\n", 431),
    "header": (b"GET / HTTP/1.1\r\na: ", b"b", 431),
    "header name": (b"GET / HTTP/1.1\r\n", b"a", 431),
    "trailers": (_CHUNKED % b"" + b"1\r\na\r\n0\r\n", b"a: b\r\n", 431),
    "trailer": (_CHUNKED % b"" + b"1\r\na\r\n0\r\na: ", b"b", 431),
    "chunk extension": (_CHUNKED % b"" + b"1;a=", b"b", 431),
    "chunk extensions": (_CHUNKED % b"", b"1;abcdefghijklmnop\r\na\r\n", 431),
    "small chunks": (_CHUNKED % b"", b"1\r\na\r\n", 431),
    "body": (_CHUNKED % b"", b"1000\r\n" + b"x" * 4096 + b"\r\n", 400),
    "body of a page": (_CHUNKED % b"healthz", b"1000\r\n" + b"x" * 4096 + b"\r\n", 405),
    "body of a queue call": (_CHUNKED % b"queues", b"1000\r\n" + b"x" * 4096 + b"\r\n", 400),
    "body of a webhook": (_CHUNKED % b"receipts/sandbox-sms/x", b"1000\r\n" + b"x" * 4096 + b"\r\n", 404),
}


def test_no_request_is_endless() -> None:
    with attacked_sandbox() as attacked, attacked.measured():
        for kind, (beginning, repeated, status) in _ENDLESS.items():
            with attack(attacked.running.port) as connection:
                connection.sendall(beginning)
                taken = push(connection, repeated * (1 + 65536 // len(repeated)), 10)
                # What the kernel buffers on both sides is taken, too.
                assert taken < 20_000_000, kind
                connection.setblocking(True)
                received = b""
                try:
                    while data := connection.recv(65536):
                        received += data
                except ConnectionError:
                    pass
                # Where the service had closed before all was read, the answer may be lost.
                if received:
                    assert int(received.split()[1]) == status, (kind, received)
