"""One server that stands for every provider: it answers as each documents, and remembers what it was sent."""

import itertools
import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tests.background_server import background


class Sent(NamedTuple):
    """A request to a provider.

    Attributes:
        path: without the channel in front.
        body: the decoded JSON; of a GET the parameters.
    """

    path: str
    body: dict[str, Any]


class Answer(NamedTuple):
    """What a provider answers with."""

    status: int
    body: bytes
    content_type: str = "application/json"


class FakeProviders:
    """The providers of all channels, each at `<address>/<channel>`.

    Attributes:
        address: `http://127.0.0.1:<port>`.
        sent: by channel, what it was sent, in order.
    """

    def __init__(self) -> None:
        self.sent: dict[str, list[Sent]] = defaultdict(list)
        self._next: dict[str, deque[Answer]] = defaultdict(deque)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        providers = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                self._answer(json.loads(body or b"{}"))

            def do_GET(self) -> None:
                self._answer(dict(parse_qsl(urlsplit(self.path).query)))

            def _answer(self, body: dict[str, Any]) -> None:
                channel, _, path = urlsplit(self.path).path[1:].partition("/")
                answer = providers.answer(channel, Sent(path, body))
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def answer_next(self, channel: str, body: Any, status: int = 200) -> None:
        """Answers the next request of a channel with this: bytes as they are, anything else as JSON."""
        encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._next[channel].append(Answer(status, encoded))

    def answer(self, channel: str, sent: Sent) -> Answer:
        """Remembers a request, and returns its answer."""
        with self._lock:
            self.sent[channel].append(sent)
            if self._next[channel]:
                return self._next[channel].popleft()
            return _documented(channel, sent, next(self._ids))


def _documented(channel: str, sent: Sent, number: int) -> Answer:
    if channel == "sms":
        return Answer(202, b"0: Accepted for delivery", "text/plain")
    if channel == "whatsapp":
        to = sent.body.get("to", sent.body.get("recipient", ""))
        answer: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to}],
            "messages": [{"id": f"wamid.sent{number}"}],
        }
    elif channel in ("messenger", "instagram"):
        answer = {"recipient_id": sent.body["recipient"]["id"], "message_id": f"m_{number}"}
    elif channel == "telegram":
        is_message = sent.path.rpartition("/")[2].startswith("send")
        answer = {"ok": True, "result": {"message_id": number} if is_message else True}
    elif channel == "line":
        answer = {"sentMessages": [{"id": str(number)}]}
    else:
        answer = {"status": 0, "message_token": number}
    return Answer(200, json.dumps(answer).encode())


@contextmanager
def fake_providers() -> Iterator[FakeProviders]:
    """Providers that listen."""
    providers = FakeProviders()
    with background(providers.server):
        yield providers
