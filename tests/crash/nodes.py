"""Nodes as processes, the provider that they submit to, and what its log says of every message."""

import asyncio
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import msgspec

from tests.background_server import background
from tests.crash.node import NodeOptions
from tests.storage.databases import listed
from waypost.model.identifiers import AccountId, MessageId, parse_reference
from waypost.model.message.leg import AttemptOutcome
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore


class Provider:
    """A provider that logs each request when it has come, and answers it with its number.

    Attributes:
        may_answer: cleared, all requests wait.
        log: the references of all requests, in the order in which they came.
    """

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.log: list[str] = []
        self._arrived = threading.Condition()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with provider._arrived:
                    provider.log.append(unquote(self.path[1:]))
                    number = len(provider.log)
                    provider._arrived.notify_all()
                assert provider.may_answer.wait(60)
                answer = f"p{number}".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                # The node was killed in the middle of a request.
                return

        self.server = Server(("127.0.0.1", 0), Handler)

    @property
    def port(self) -> int:
        return self.server.server_port

    def wait_for(self, requests: int) -> None:
        """Returns when so many requests have come, since the start."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.log) >= requests, 60), "nothing is submitted"

    def submissions(self) -> Counter[str]:
        """How often each message was submitted."""
        return Counter(parse_reference(reference)[0] for reference in self.log)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that listens."""
    listening = Provider()
    with background(listening.server):
        try:
            yield listening
        finally:
            listening.may_answer.set()


class NodeProcess:
    """A node.

    Attributes:
        process: the process itself.
        accepted: the MessageIds that it has answered for.
    """

    def __init__(self, path: Path, options: NodeOptions) -> None:
        arguments = [str(path), msgspec.json.encode(options).decode()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.node", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.accepted: list[str] = []
        self._heard = threading.Condition()
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> None:
        """Returns when it takes commands."""
        assert self._ready.wait(60), "the node does not start"

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line == "ready\n":
                self._ready.set()
                continue
            if not line.endswith("\n"):
                # It was killed in the middle of the line.
                return
            with self._heard:
                self.accepted.append(line.split()[1])
                self._heard.notify_all()

    def command(self, line: str) -> None:
        """Lets it do something."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def wait_for_stop(self) -> None:
        """Returns when it has stopped itself."""
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def wait_for(self, accepted: int) -> None:
        """Returns when it has accepted so many messages."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.accepted) >= accepted, 60), "nothing is accepted"

    def kill(self) -> None:
        """`kill -9`; returns when all that it printed is read."""
        self.process.kill()
        self.process.wait(60)
        self._reader.join(60)

    def end(self) -> None:
        """Lets it complete what is under way, and end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(60) == 0
        self._reader.join(60)


@contextmanager
def node(path: Path, options: NodeOptions) -> Iterator[NodeProcess]:
    """A node that is killed in the end if it still runs."""
    running = NodeProcess(path, options)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.kill()
        for stream in (running.process.stdin, running.process.stdout):
            assert stream is not None
            stream.close()


class Doubts(NamedTuple):
    """The attempts that were in doubt: requests that came to the provider, and such that never left."""

    came: int
    never_left: int


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Polls a condition of the database, which no signal tells of."""
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110 - other processes bring it about
            await asyncio.sleep(0.02)


async def drained(path: Path) -> None:
    """Returns when nothing waits to be submitted."""
    store = SqliteStore(path)

    async def is_idle() -> bool:
        return (await store.backlog())[Stage.DISPATCH] == 0

    await until(is_idle)
    await store.close()


async def judge(path: Path, of: Provider, accepted: list[str]) -> Doubts:
    """Compares the ledger with the provider's own log: nothing is lost, nothing is doubled but a transaction
    whose attempt was in doubt. Returns the doubts."""
    store = SqliteStore(path)
    messages = {message.message_id: message for message in await listed(store, account_id=AccountId("1"))}
    assert set(accepted) <= set(messages), "an OK did not survive"
    submitted, requests = of.submissions(), set(of.log)
    assert len(requests) == len(of.log), "an attempt was submitted twice"
    assert set(submitted) <= set(messages)
    came = never_left = 0
    for message_id, message in messages.items():
        attempts = await store.find_attempts(MessageId(message_id))
        doubts = [one for one in attempts if one.outcome is AttemptOutcome.UNKNOWN]
        assert all(one.outcome is not AttemptOutcome.UNDER_WAY for one in attempts)
        for attempt in doubts:
            reached = f"{message_id}-{attempt.leg}-{attempt.attempt}" in requests
            came, never_left = came + reached, never_left + (not reached)
        copies = 1 + len(doubts) if message.label == "transaction" else 1
        assert submitted[message_id] <= copies, f"{message_id} was doubled"
        if not doubts or message.label == "transaction":
            assert submitted[message_id] >= 1, f"{message_id} was lost"
    await store.close()
    return Doubts(came, never_left)
