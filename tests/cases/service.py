"""A running `waypost serve` with a sender on every channel, fake providers and a customer's URL.

with field_service(tmp_path) as service:
    assert service.post("telegram", {"update_id": 1, ...}) == 200
    [callback] = service.inbound("Zoe's MessageId")
    answer = service.send("telegram", To="8001")
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from bench.signed import operation_request

from tests.beside import make_key
from tests.cases.providers import FakeProviders, Sent, fake_providers
from tests.crash.callers import answer_to, connect
from tests.crash.customer import Customer, customer
from tests.processes import Running, start_serve, until
from waypost.api.signatures import v3

SENDERS = {
    "viber": "20001",
    "whatsapp": "15550100001",
    "messenger": "20004",
    "instagram": "20005",
    "telegram": "20006",
    "line": "20007",
    "sms": "Acme",
}
"""Channel to the `From` of calls."""

SPACE = "cams-field000main"

_KEY = "field"
_ROUTES: dict[str, dict[str, object]] = {
    "viber": {"kind": "viber"},
    "whatsapp": {"kind": "whatsapp", "token": "t", "numbers": {SENDERS["whatsapp"]: "1001"}},
    "messenger": {"kind": "messenger", "tokens": {SENDERS["messenger"]: "t"}},
    "instagram": {"kind": "instagram", "tokens": {SENDERS["instagram"]: "t"}},
    "telegram": {"kind": "telegram", "token": "t", "secret_token": ""},
    "line": {"kind": "line", "token": "t", "channel_secret": ""},
    "sms": {"kind": "kannel", "username": "u", "password": "p"},
}
_META = ("whatsapp", "messenger", "instagram")

_open = build_opener(ProxyHandler({})).open


class FieldService:
    """The service, and all that is around it.

    Attributes:
        running: its process.
        providers: what it sends to.
        customer: what it publishes to.
        config: its settings file.
    """

    def __init__(
        self, running: Running, providers: FakeProviders, receiver: Customer, secret: str, config: Path
    ) -> None:
        self.config = config
        self.running = running
        self.providers = providers
        self.customer = receiver
        self._prepared = v3.prepare(secret)

    def post(self, channel: str, body: Any) -> int:
        """Posts a provider's webhook; NOW and NOW_MS in it are the time. Returns the status of the answer.

        Args:
            body: bytes as they are, anything else as JSON.
        """
        if not isinstance(body, bytes):
            body = json.dumps(_at_present(body)).encode()
        request = Request(
            f"{self.running.address}/receipts/{channel}/receipts", body, {"Content-Type": "application/json"}
        )
        return _status(request)

    def get(self, channel: str, query: str) -> int:
        """Makes a GET of the receipt address, as SMS gateways do; returns the status of the answer."""
        return _status(Request(f"{self.running.address}/receipts/{channel}/receipts?{query}"))

    def call(self, action: str, **parameters: str) -> dict[str, Any]:
        """Calls an operation; the answer's JSON, whether it is taken or refused."""
        port = self.running.port
        with connect(port) as connection:
            return answer_to(connection, operation_request(action, parameters, port, _KEY, self._prepared))

    def send(self, channel: str, **parameters: str) -> dict[str, Any]:
        """Sends a free text; the answer's JSON."""
        defaults = {
            "ChannelType": channel,
            "Type": "message",
            "MessageType": "text",
            "From": SENDERS[channel],
            "Content": '{"text":"hello"}',
        }
        return self.call("SendChatappMessage", **(defaults | parameters))

    def promote(self, channel: str, to: str, **parameters: str) -> dict[str, Any]:
        """Sends what a person on the suppression list must not get; the answer's JSON."""
        return self.send(channel, To=to, Label="promotion", **parameters)

    def inbound(self, message_id: str) -> dict[str, Any]:
        """The ChatAppInbound of a message of a user, once it has come."""
        return until(lambda: self._first(message_id, "NoticeType"), what=f"the callback of {message_id}")

    def status(self, message_id: str, status: str) -> dict[str, Any]:
        """The ChatAppStatus of a message that has this Status, once it has come."""

        def found() -> dict[str, Any] | None:
            of_message = self.customer.callbacks.get(message_id, ())
            return next((one for one in of_message if one.get("Status") == status), None)

        return until(found, what=f"{status} of {message_id}")

    def sent(self, channel: str, text: str) -> Sent:
        """What a channel's provider was sent with a text, once it has been."""

        def found() -> Sent | None:
            requests = tuple(self.providers.sent[channel])
            return next((one for one in requests if text in json.dumps([one.path, one.body])), None)

        return until(found, what=f"a request with {text} by {channel}")

    def _first(self, message_id: str, member: str) -> dict[str, Any] | None:
        return next((one for one in self.customer.callbacks.get(message_id, ()) if member in one), None)


def _status(request: Request) -> int:
    try:
        with _open(request, timeout=30) as answer:
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code


def _at_present(body: Any) -> Any:
    """The body with the present time for NOW (seconds as text) and NOW_MS (milliseconds as a number)."""
    now = time.time()
    text = json.dumps(body).replace('"NOW_MS"', str(int(now * 1000))).replace('"NOW"', f'"{int(now)}"')
    return json.loads(text)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)


def write_config(folder: Path, providers: str, callback_url: str, more: str = "") -> Path:
    """The settings of account acme, which has a sender on every channel."""
    lines = ["[store]", f"data = {_toml(str(folder / 'data'))}", "[limits]", "calls_per_second = 0"]
    for channel, settings in _ROUTES.items():
        secrets: dict[str, object] = {"app_secret": "", "verify_token": "v"} if channel in _META else {}
        keys: dict[str, object] = {"url": f"{providers}/{channel}", "secret": "receipts"} | settings | secrets
        lines += [f"[routes.{channel}]", *(f"{name} = {_toml(value)}" for name, value in keys.items())]
    lines += [
        "[accounts.acme]",
        f'spaces = ["{SPACE}"]',
        f"status_url = {_toml(callback_url)}",
        f"inbound_url = {_toml(callback_url)}",
    ]
    for channel, sender in SENDERS.items():
        lines += [
            "[[accounts.acme.senders]]",
            f"channel = {_toml(channel)}",
            f"id = {_toml(sender)}",
            f"route = {_toml(channel)}",
        ]
    path = folder / "waypost.toml"
    path.write_text("\n".join([*lines, more]), encoding="utf-8")
    return path


@contextmanager
def field_service(folder: Path, more: str = "") -> Iterator[FieldService]:
    """A service that runs until the block ends.

    Args:
        more: TOML behind the settings.
    """
    with fake_providers() as providers, customer() as receiver:
        config = write_config(folder, providers.address, receiver.url, more)
        secret = make_key(config, id_=_KEY).secret
        with start_serve(config) as running:
            yield FieldService(running, providers, receiver, secret, config)
