"""A load generator that costs little more than its system calls: prepared requests over kept-alive sockets.

Each connection has one request out at a time. The requests are bytes made beforehand, so that signing them
is not part of what is measured. It sends to loopback only, a fixed number of requests, and then stops.
"""

import select
import socket
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_LONGEST_ANSWER = 65536
_GIVE_UP = 120.0
# Of every answer that is measured: a JSON object.
_END = b"}"


class Load(NamedTuple):
    """What a run came to.

    Attributes:
        seconds: from the first request to the last answer.
        statuses: how many answers had each HTTP status.
        latencies: of each request in seconds, unsorted.
    """

    seconds: float
    statuses: Counter[int]
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Answers with status 200 a second."""
        return self.statuses[200] / self.seconds

    def latency(self, share: float) -> float:
        """The latency in seconds that `share` (0 to 1) of the requests stayed within."""
        return sorted(self.latencies)[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def run(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Sends all requests to 127.0.0.1:`port` and reads all answers.

    Raises:
        ConnectionError: the server closed a connection.
        TimeoutError: no answer for two minutes.
    """
    poll = select.epoll()
    sockets: dict[int, socket.socket] = {}
    sent_at: dict[int, float] = {}
    parts: dict[int, bytes] = {}
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    waiting = iter(requests)
    for _ in range(min(connections, len(requests))):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[connection.fileno()] = connection
        poll.register(connection.fileno(), select.EPOLLIN)
    started = time.perf_counter()
    try:
        for number, connection in sockets.items():
            sent_at[number] = time.perf_counter()
            connection.sendall(next(waiting))
        left = len(requests)
        while left:
            ready = poll.poll(_GIVE_UP)
            if not ready:
                raise TimeoutError(f"no answer for {_GIVE_UP:g} s")
            for number, _ in ready:
                part = sockets[number].recv(_LONGEST_ANSWER)
                if not part:
                    raise ConnectionError("the server closed a connection")
                answer = parts.pop(number, b"") + part
                if not answer.endswith(_END):
                    parts[number] = answer
                    continue
                now = time.perf_counter()
                latencies.append(now - sent_at[number])
                statuses[int(answer[9:12])] += 1
                left -= 1
                following = next(waiting, None)
                if following is not None:
                    sent_at[number] = now
                    sockets[number].send(following)
        return Load(time.perf_counter() - started, statuses, latencies)
    finally:
        for connection in sockets.values():
            connection.close()
        poll.close()
