"""Another account that calls steadily while the service is attacked, as a process of its own.

What attacks is in the test's process and may take all of its CPU; this one only measures. It answers each
line on standard input by one line of JSON: `start <Caller as JSON>` begins to call, `lap <calls>` waits
until a stretch has so many calls, ends it and says how they went, `finish` stops and waits for the
callbacks. The first line it prints is the URL to push callbacks to.
"""

import socket
import sys
import threading
import time

import msgspec
from bench.signed import requests

from tests.crash.callers import answer_to, connect
from tests.crash.customer import Customer, customer

_CALLBACKS_WITHIN_S = 60.0
# As the pool of an SDK's client has: on one alone a call would count for all that wait behind it.
_CONNECTIONS = 4
_LOOK_INTERVAL_S = 0.02


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, and how.

    Attributes:
        port: where the service listens.
        key, secret: an access key of the neighbour's account; an empty secret is the id of the key.
        channel, sender: what its messages are sent by.
        rate: calls a second.
        last_digits: of each recipient; in the sandbox they choose the scenario.
        last_status: the Status of the callback that completes a message.
    """

    port: int
    key: str = "neighbour"
    secret: str = ""
    channel: str = "viber"
    sender: str = "30001"
    rate: float = 80.0
    last_digits: str = "0003"
    last_status: str = "Delivered"


class Lap(msgspec.Struct, frozen=True):
    """How a stretch of calls went: their number, the 99th percentile of their latency, the codes but `OK`.

    A latency is counted from when the call was due, so that calls which had to wait for a slow one are slow,
    too.
    """

    calls: int
    p99_ms: float
    refusals: list[str]


class Outcome(msgspec.Struct, frozen=True):
    """How many messages were accepted, and those whose last callback has not come."""

    accepted: int
    incomplete: list[str]


class Neighbour:
    """Calls at a steady rate, from a thread for each of its connections.

    Args:
        receiver: where its callbacks come to.
    """

    def __init__(self, caller: Caller, receiver: Customer) -> None:
        self._caller = caller
        self._receiver = receiver
        self._accepted: list[str] = []
        self._latencies: list[float] = []
        self._refusals: list[str] = []
        self._answered = threading.Condition()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(one,)) for one in range(_CONNECTIONS)]
        for thread in self._threads:
            thread.start()

    def lap(self, calls: int) -> Lap:
        """Ends a stretch of at least so many calls and begins the next."""
        with self._answered:
            self._answered.wait_for(lambda: len(self._latencies) >= calls)
            latencies, self._latencies = self._latencies, []
            refusals, self._refusals = self._refusals, []
        latencies.sort()
        p99 = latencies[min(len(latencies) - 1, int(0.99 * len(latencies)))]
        return Lap(len(latencies), round(p99 * 1000, 1), refusals)

    def finish(self) -> Outcome:
        """Stops calling, and waits until all callbacks have come."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        deadline = time.monotonic() + _CALLBACKS_WITHIN_S
        while incomplete := [one for one in self._accepted if not self._is_complete(one)]:
            if time.monotonic() > deadline:
                break
            time.sleep(_LOOK_INTERVAL_S)
        return Outcome(len(self._accepted), incomplete)

    def _is_complete(self, message_id: str) -> bool:
        statuses = [one.get("Status") for one in self._receiver.callbacks.get(message_id, ())]
        return self._caller.last_status in statuses

    def _call(self, number: int) -> None:
        """Makes the calls of one connection, of which this is the number."""
        caller = self._caller
        connection: socket.socket | None = None
        due, was_late = time.monotonic() + number / caller.rate, False
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            recipient = f"4917{number:07d}{caller.last_digits}"
            [request] = requests(
                1,
                caller.port,
                key=caller.key,
                secret=caller.secret,
                ChannelType=caller.channel,
                From=caller.sender,
                To=recipient,
            )
            number += _CONNECTIONS
            # That this process woke up late is not the service's fault; that it was still waiting for it is.
            begun = due if was_late else time.monotonic()
            try:
                connection = connection or connect(caller.port)
                answer = answer_to(connection, request)
            except OSError as error:
                if connection is not None:
                    connection.close()
                connection, answer = None, {"Code": type(error).__name__}
            with self._answered:
                self._latencies.append(time.monotonic() - begun)
                if answer["Code"] == "OK":
                    self._accepted.append(answer["MessageId"])
                else:
                    self._refusals.append(answer["Code"])
                self._answered.notify_all()
            due += _CONNECTIONS / caller.rate
            was_late = time.monotonic() > due
        if connection is not None:
            connection.close()


def _print(answer: object) -> None:
    sys.stdout.write(f"{msgspec.json.encode(answer).decode()}\n")
    sys.stdout.flush()


def main() -> None:
    """Carries out the commands on standard input."""
    with customer() as receiver:
        _print(receiver.url)
        neighbour: Neighbour | None = None
        for line in sys.stdin:
            command, _, argument = line.strip().partition(" ")
            if command == "start":
                neighbour = Neighbour(msgspec.json.decode(argument, type=Caller), receiver)
                _print("calling")
                continue
            assert neighbour is not None
            _print(neighbour.lap(int(argument)) if command == "lap" else neighbour.finish())


if __name__ == "__main__":
    main()
