"""Clients that attack by TLS: handshakes that stall or come in a storm, and records of one byte."""

import ssl
import time

import pytest

from tests.attacks.attackers import attack, attacks, push, still_open
from tests.attacks.harness import attacked_sandbox
from tests.processes import until

# The bound of the settings, a sweep, and a machine that is shared.
_WITHIN_S = 25.0
_LONG_RECORD = b"\x16\x03\x01\x40\x00" + b"\x01\x00\x3f\xfc" + b"\x00" * 16_000


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.long
@pytest.mark.parametrize("begin", [b"\x16", _LONG_RECORD], ids=["a byte", "a record but its end"])
def test_handshakes_that_stall_are_closed(begin: bytes) -> None:
    with attacked_sandbox() as attacked, attacked.measured(), attacks(attacked.running.port, 500) as many:
        for connection in many:
            connection.sendall(begin)
        assert len(still_open(many)) == 500
        until(lambda: not still_open(many), within=_WITHIN_S, what="that all are closed")
        assert "http.tls_failed" in attacked.running.output + attacked.running.log


@pytest.mark.long
def test_a_storm_of_handshakes() -> None:
    """Each costs a signature: all together they have a third of the time."""
    context = _context()
    with attacked_sandbox() as attacked, attacked.measured():
        ends = time.monotonic() + 5
        completed = 0
        while time.monotonic() < ends:
            with attacks(attacked.running.port, 50) as many:
                for connection in many:
                    with context.wrap_socket(connection):
                        completed += 1
        assert completed > 50


@pytest.mark.long
def test_a_flood_of_records_of_one_byte() -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = _context().wrap_bio(incoming, outgoing)
    with attacked_sandbox() as attacked, attacked.measured(), attack(attacked.running.port) as connection:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
            else:
                break
        connection.sendall(outgoing.read())
        tls.write(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
        for _ in range(300_000):
            tls.write(b"x")
        flood = outgoing.read()
        assert push(connection, flood, 5) > 0


@pytest.mark.long
def test_rubbish_for_tls() -> None:
    with attacked_sandbox() as attacked, attacked.measured(), attacks(attacked.running.port, 400) as many:
        for number, connection in enumerate(many):
            connection.sendall(b"\x16" + bytes([number % 256]) * 5000)
        until(lambda: not still_open(many), within=_WITHIN_S, what="that all are closed")
