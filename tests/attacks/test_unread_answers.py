"""Clients that do not read their answers."""

import pytest

from tests.attacks.attackers import attack, attacks, push, still_open
from tests.attacks.harness import attacked_sandbox
from tests.processes import until

_LONG = b"x" * 100_000
_PIPELINED = {
    "short": b"GET / HTTP/1.1\r\n\r\n",
    "echoed": b"GET /?Action=a HTTP/1.1\r\nHost: %b\r\n\r\n" % _LONG,
    "pages": b"GET /reference HTTP/1.1\r\nHost: h\r\n\r\n",
}


@pytest.mark.parametrize("kind", _PIPELINED)
def test_one_connection_that_pipelines_and_never_reads(kind: str) -> None:
    with attacked_sandbox() as attacked, attacked.measured(), attack(attacked.running.port) as connection:
        push(connection, _PIPELINED[kind] * (1 + 65536 // len(_PIPELINED[kind])), 6)


@pytest.mark.long
# The answers to `echoed` are short, and few enough for the kernel's buffers.
@pytest.mark.parametrize("kind", ["short", "pages"])
def test_many_connections_that_never_read(kind: str) -> None:
    with (
        attacked_sandbox() as attacked,
        attacked.measured(),
        attacks(attacked.running.port, 400) as connections,
    ):
        for connection in connections:
            push(connection, _PIPELINED[kind] * (1 + 65536 // len(_PIPELINED[kind])), 0.02)
        until(lambda: not still_open(connections[:20]), within=60, what="that all are closed")
