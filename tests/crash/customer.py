"""A customer's URL in this process: takes every push and remembers what came, in the order it came."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.background_server import background


class Customer:
    """What was pushed.

    Attributes:
        url: where to push.
        callbacks: by MessageId, every object in the order it came, repeats too.
    """

    def __init__(self) -> None:
        self.callbacks: dict[str, list[dict[str, Any]]] = defaultdict(list)
        lock = threading.Lock()
        callbacks = self.callbacks

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                objects = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    for one in objects:
                        callbacks[one["MessageId"]].append(one)
                answer = b'{"code":0}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                # The service was killed in the middle of a push.
                return

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def without_repeats(self, message_id: str) -> list[dict[str, Any]]:
        """The callbacks of a message, each once, in the order in which they first came."""
        first: list[dict[str, Any]] = []
        for callback in self.callbacks[message_id]:
            if callback not in first:
                first.append(callback)
        return first


@contextmanager
def customer() -> Iterator[Customer]:
    """A customer who listens."""
    listening = Customer()
    with background(listening.server):
        yield listening
