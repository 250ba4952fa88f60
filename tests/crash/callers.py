"""Callers that keep calling whatever happens to the service, and remember what they were answered."""

import json
import random
import socket
import threading
from typing import Any

import msgspec
from bench.signed import requests

# Every ending that leads a leg another way (the sandbox's magic table), and one that no row names.
SCENARIOS = ("0001", "0002", "0003", "0005", "0006", "0007", "0008", "0009", "0011", "1234")
POLICY = "S_000001"


class Call(msgspec.Struct):
    """One call; its recipient is its alone, so that it identifies the call.

    Attributes:
        sent: the bytes on the wire.
        code, message_id: what was answered; empty when the connection was lost before an answer.
    """

    recipient: str
    label: str
    falls_back: bool
    duration: int | None
    sent: bytes
    code: str = ""
    message_id: str = ""


def make_call(place: int, port: int, chance: random.Random) -> Call:
    """A call of any kind."""
    recipient = f"4930{place:06d}{SCENARIOS[place % len(SCENARIOS)]}"
    label = chance.choice(["promotion", "transaction"])
    falls_back = chance.random() < 0.7
    duration = chance.choice([None, 60, 90]) if falls_back else None
    more = {"To": recipient, "Label": label}
    if falls_back:
        more |= {"FallBackId": POLICY, "FallBackContent": "hello by SMS"}
    if duration is not None:
        more["FallBackDuration"] = str(duration)
    [sent] = requests(1, port, **more)
    return Call(recipient, label, falls_back, duration, sent)


def answer_to(connection: socket.socket, sent: bytes) -> dict[str, Any]:
    """Makes a call.

    Raises:
        OSError: the connection was lost before the whole answer.
    """
    connection.sendall(sent)
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    [length] = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < length:
        body += _more(connection)
    answer: dict[str, Any] = json.loads(body)
    return answer


def _more(connection: socket.socket) -> bytes:
    got = connection.recv(65536)
    if not got:
        raise ConnectionResetError("the service is gone")
    return got


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


class Callers:
    """Some callers at once, each with one call out at a time, until the connection is lost.

    Args:
        at_once: how many.
        calls: where all calls are noted.
    """

    def __init__(self, port: int, chance: random.Random, at_once: int, calls: list[Call]) -> None:
        self._calls = calls
        self._port = port
        self._chance = chance
        self._at_once = at_once
        self._answered = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begins to call."""
        self._threads = [threading.Thread(target=self._call_on) for _ in range(self._at_once)]
        for thread in self._threads:
            thread.start()

    def wait_for_answers(self, count: int) -> None:
        """Returns when so many more calls were answered."""
        for _ in range(count):
            assert self._answered.acquire(timeout=30), "the service answers nothing"

    def join(self) -> None:
        """Returns when every caller has lost its connection."""
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _call_on(self) -> None:
        try:
            with connect(self._port) as connection:
                while True:
                    with self._lock:
                        call = make_call(len(self._calls), self._port, self._chance)
                        self._calls.append(call)
                    answer = answer_to(connection, call.sent)
                    call.code, call.message_id = answer["Code"], answer.get("MessageId", "")
                    self._answered.release()
        except OSError:
            return
