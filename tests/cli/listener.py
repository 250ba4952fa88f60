"""Somebody on the other side, in the test's own process: a provider or a customer's receiver."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Push(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    def objects(self) -> list[dict[str, Any]]:
        objects: list[dict[str, Any]] = json.loads(self.body)
        return objects


class Listener:
    """Answers every POST in the same way, which may be changed, and keeps what came."""

    def __init__(self, answer: Any) -> None:
        self.status = 200
        self.answer = answer
        self.got: list[Push] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                listener.got.append(Push(self.path, dict(self.headers.items()), body))
                answer = json.dumps(listener.answer).encode()
                self.send_response(listener.status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told"

    def objects(self) -> list[dict[str, Any]]:
        """All objects of all pushes."""
        return [callback for push in list(self.got) for callback in push.objects()]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def listening(answer: Any) -> Iterator[Listener]:
    listener = Listener(answer)
    try:
        yield listener
    finally:
        listener.close()
