"""Clients that begin something and do not go on, and many of them."""

import time

import pytest

from tests.attacks.attackers import attack, attacks, still_open
from tests.attacks.harness import attacked_sandbox
from tests.processes import until

_HALF = {
    "head": b"POST / HTTP/1.1\r\nHost: h\r\nX: ",
    "body": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n",
    "chunked body": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
}
# The bound of the settings, a sweep, and a machine that is shared.
_WITHIN_S = 25.0


def test_one_address_has_500_connections() -> None:
    with (
        attacked_sandbox() as attacked,
        attacked.measured(),
        attacks(attacked.running.port, 700) as all_of_it,
    ):
        until(lambda: len(still_open(all_of_it)) == 500, what="that those beyond 500 are closed")
        assert "http.too_many_connections" in attacked.running.output + attacked.running.log


@pytest.mark.long
@pytest.mark.parametrize("kind", _HALF)
def test_what_is_half_sent_is_closed(kind: str) -> None:
    with attacked_sandbox() as attacked, attacked.measured(), attacks(attacked.running.port, 500) as many:
        for connection in many:
            connection.sendall(_HALF[kind])
        assert len(still_open(many)) == 500
        until(lambda: not still_open(many), within=_WITHIN_S, what="that all are closed")


@pytest.mark.long
@pytest.mark.parametrize("kind", _HALF)
def test_a_byte_a_second_is_too_slow(kind: str) -> None:
    with attacked_sandbox() as attacked, attacked.measured(), attack(attacked.running.port) as connection:
        connection.sendall(_HALF[kind])
        started = time.monotonic()

        def is_closed() -> bool:
            if not still_open([connection]):
                return True
            connection.send(b"1" if kind != "chunked body" else b"1\r\na\r\n")
            time.sleep(0.5)
            return False

        until(is_closed, within=_WITHIN_S, what="that it is closed")
        assert time.monotonic() - started > 8


@pytest.mark.long
def test_what_all_unfinished_requests_hold_is_bounded() -> None:
    head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000001\r\n\r\n"
    body = b"x" * 1_000_000
    with attacked_sandbox() as attacked, attacked.measured(), attacks(attacked.running.port, 200) as many:
        for connection in many:
            try:
                connection.sendall(head + body)
            except ConnectionError:
                continue
        until(lambda: len(still_open(many)) <= 40, what="that the first of them are closed")
        assert still_open(many)
