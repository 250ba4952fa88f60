"""What attackers do: connections from an address of their own, and many of them at once."""

import resource
import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

ATTACKER = "127.0.0.66"
"""The address that attackers connect from, for what is bounded by address; the neighbour has 127.0.0.1."""

OTHER_ATTACKERS = ("127.0.0.67", "127.0.0.68")

_TIMEOUT_S = 30.0


def attack(port: int, address: str = ATTACKER) -> socket.socket:
    """A connection of the attacker."""
    return socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_S, source_address=(address, 0))


@contextmanager
def attacks(port: int, count: int, address: str = ATTACKER) -> Iterator[list[socket.socket]]:
    """So many connections of the attacker; those beyond the bounds are closed by the service."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with ExitStack() as stack:
            yield [stack.enter_context(attack(port, address)) for _ in range(count)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def push(connection: socket.socket, data: bytes, seconds: float) -> int:
    """Sends the same bytes again and again, without reading, as fast as they are taken.

    Returns:
        How many were taken until the service closed the connection or the time was over.
    """
    connection.setblocking(False)
    taken, view = 0, memoryview(data)
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_WRITE)
        while (left_s := deadline - time.monotonic()) > 0:
            if not selector.select(left_s):
                continue
            try:
                sent = connection.send(view)
            except OSError:
                break
            taken += sent
            view = view[sent:] if sent < len(view) else memoryview(data)
    return taken


def answer_of(connection: socket.socket, *requests: bytes) -> bytes:
    """Sends pieces and returns all that comes until the service closes the connection."""
    received = b""
    try:
        for request in requests:
            connection.sendall(request)
        while data := connection.recv(65536):
            received += data
    except ConnectionError:
        pass
    return received


def still_open(connections: Iterable[socket.socket]) -> list[socket.socket]:
    """The connections that the service has not closed."""
    found = []
    for connection in connections:
        connection.setblocking(False)
        try:
            is_open = connection.recv(65536) != b""
        except BlockingIOError:
            is_open = True
        except OSError:
            is_open = False
        if is_open:
            found.append(connection)
    return found
