"""Clients that begin something and do not go on, and many of them."""

import socket
import time
from contextlib import ExitStack
from functools import partial

import pytest

from tests.attacks.attackers import ATTACKER, OTHER_ATTACKERS, attack, attacks, still_open
from tests.attacks.harness import attacked_sandbox
from tests.processes import until

_HALF = {
    "head": b"POST / HTTP/1.1\r\nHost: h\r\nX: ",
    "body": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n",
    "chunked body": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
}
_ATTACKERS = (ATTACKER, *OTHER_ATTACKERS)
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
def test_what_is_half_sent_is_closed() -> None:
    """Of each kind 500, all at once, by an attacker for each: one address has no more."""
    with attacked_sandbox() as attacked, attacked.measured(), ExitStack() as stack:
        half_sent = {
            kind: stack.enter_context(attacks(attacked.running.port, 500, address))
            for kind, address in zip(_HALF, _ATTACKERS, strict=True)
        }
        for kind, many in half_sent.items():
            for connection in many:
                connection.sendall(_HALF[kind])
        for kind, many in half_sent.items():
            assert len(still_open(many)) == 500, kind
        for kind, many in half_sent.items():
            until(partial(_are_closed, many), within=_WITHIN_S, what=f"that all of a half {kind} are closed")


def _are_closed(connections: list[socket.socket]) -> bool:
    return not still_open(connections)


@pytest.mark.long
def test_a_byte_a_second_is_too_slow() -> None:
    with attacked_sandbox() as attacked, attacked.measured(), ExitStack() as stack:
        slow = {kind: stack.enter_context(attack(attacked.running.port)) for kind in _HALF}
        for kind, connection in slow.items():
            connection.sendall(_HALF[kind])
        started = time.monotonic()
        closed_after: dict[str, float] = {}

        def are_closed() -> bool:
            for kind in slow.keys() - closed_after.keys():
                if not still_open([slow[kind]]):
                    closed_after[kind] = time.monotonic() - started
                else:
                    slow[kind].send(b"1" if kind != "chunked body" else b"1\r\na\r\n")
            if slow.keys() == closed_after.keys():
                return True
            time.sleep(0.5)
            return False

        until(are_closed, within=_WITHIN_S, what="that each is closed")
        assert min(closed_after.values()) > 8, closed_after


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
