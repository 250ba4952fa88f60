"""The floor: what a message costs in this language when nothing is done that need not be.

One process, one event loop, one writing thread, SQLite. Each call's V3 signature and nonce are checked, a
few rules are looked at, and its rows are flushed before `OK`. With `--mode send` each message is also handed
to a provider over kept-alive connections; with `whole` its outcome, two receipts and three statuses are made
durable and pushed to one URL. It has no accounts, policies, templates, throttle, timers, retries or bounds,
and keeps no order among the statuses of a message: it is a measure, not a design. Key and secret are
`sandbox`.
"""

import argparse
import asyncio
import gc
import hashlib
import hmac
import itertools
import re
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Generic, TypeVar, cast
from urllib.parse import unquote_to_bytes

import httptools
import msgspec
import uvloop

from bench.floor_writer import Message, Outcome, Receipt, Status, Writer, Written

MODES = ("accept", "send", "whole")

_SECRETS = {b"sandbox": b"sandbox"}
_AUTHORIZATION = re.compile(
    rb"ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})"
)
_OK = b'{"RequestId":"90E63D28-E31D-1EB2-8939-A94866411B20","Code":"OK","Message":"OK","MessageId":"%d"}'
_ANSWER = b"HTTP/1.1 %d %b\r\ncontent-type: application/json;charset=utf-8\r\ncontent-length: %d\r\n\r\n%b"
_REQUEST = (
    b"POST %b HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
)
_PROVIDER_CONNECTIONS = 64
_CUSTOMER_CONNECTIONS = 4
_STATUSES_A_PUSH = 100
_LONGEST_TEXT = 1000

_encode = msgspec.json.Encoder().encode
T = TypeVar("T")


class _Content(msgspec.Struct):
    text: str


class _ProviderAnswer(msgspec.Struct):
    status: int
    message_token: str = ""


_decode_content = msgspec.json.Decoder(_Content).decode
_decode_receipt = msgspec.json.Decoder(Receipt).decode
_decode_answer = msgspec.json.Decoder(_ProviderAnswer).decode


class _Http(asyncio.Protocol):
    """A connection whose messages have a body of known length."""

    transport: asyncio.Transport
    parser: httptools.HttpRequestParser | httptools.HttpResponseParser
    body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio.Transport by name.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.body += body


class Intake(_Http):
    """Calls and receipts."""

    def __init__(self, floor: "Floor") -> None:
        self._floor = floor
        self.parser = httptools.HttpRequestParser(self)
        self._headers: dict[bytes, bytes] = {}
        self._url = b""

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_message_complete(self) -> None:
        headers, body = self._headers, self.body
        self._headers, self.body = {}, b""
        if self._url.startswith(b"/receipts/"):
            self._floor.follow(_decode_receipt(body), self)
            return
        query = self._url[2:]
        nonce = self._floor.authenticate(query, headers)
        if nonce is None:
            self.answer(400, b"{}")
            return
        self._floor.accept(_checked(query, nonce, self))

    def answer(self, status: int, body: bytes) -> None:
        self.transport.write(_ANSWER % (status, b"OK", len(body), body))


def _checked(query: bytes, nonce: bytes, caller: Intake) -> Message:
    """The message of a call.

    Raises:
        ValueError: it is not one of the bench's.
    """
    params: dict[bytes, bytes] = {}
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        is_encoded = b"%" in value or b"+" in value
        params[name] = unquote_to_bytes(value.replace(b"+", b" ")) if is_encoded else value
    text = _decode_content(params[b"Content"]).text
    if params[b"ChannelType"] != b"viber" or params[b"Type"] != b"message" or not params[b"To"].isdigit():
        raise ValueError("not a free message to a phone")
    if params[b"Label"] not in (b"promotion", b"transaction") or not 0 < len(text) <= _LONGEST_TEXT:
        raise ValueError("another label, or too long a text")
    return Message(0, caller, nonce, query, params[b"To"].decode(), text, params[b"Label"].decode())


class _Client(_Http, Generic[T]):
    """One kept-alive connection with one request out at a time."""

    item: T

    def __init__(self, pool: "_Pool[T]") -> None:
        self._pool = pool
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._pool.idle.append(self)

    def send(self, path: bytes, body: bytes, item: T) -> None:
        self.item = item
        self.transport.write(_REQUEST % (path, len(body), body))

    def on_message_complete(self) -> None:
        body, self.body = self.body, b""
        self._pool.answered(self.item, body)
        self._pool.idle.append(self)
        self._pool.advance()


class _Pool(Generic[T]):
    """Requests that wait for one of some connections."""

    def __init__(self, floor: "Floor") -> None:
        self.idle: list[_Client[T]] = []
        self._floor = floor

    async def open(self, port: int, connections: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: _Client(self), "127.0.0.1", port)

    def advance(self) -> None:
        """Sends what waits over the connections that are idle."""
        raise NotImplementedError

    def answered(self, item: T, body: bytes) -> None:
        raise NotImplementedError


class Provider(_Pool[int]):
    """Hands each message on by itself, as Viber's API takes them."""

    def __init__(self, floor: "Floor") -> None:
        super().__init__(floor)
        self._line: deque[Message] = deque()

    def put(self, messages: Iterable[Message]) -> None:
        self._line.extend(messages)
        self.advance()

    def advance(self) -> None:
        while self._line and self.idle:
            message = self._line.popleft()
            body = {
                "service_id": 20001,
                "dest": message.recipient,
                "seq": message.id,
                "type": 206,
                "message": {"#txt": message.text},
                "label": message.label,
            }
            self.idle.pop().send(b"/vibersrvc/1/send_message", _encode(body), message.id)

    def answered(self, item: int, body: bytes) -> None:
        answer = _decode_answer(body)
        if answer.status == 0:
            self._floor.sent(Outcome(item, answer.message_token))


class Customer(_Pool[list[int]]):
    """Pushes statuses in arrays, as the official service does."""

    def __init__(self, floor: "Floor") -> None:
        super().__init__(floor)
        self._line: deque[Status] = deque()

    def put(self, statuses: Iterable[Status]) -> None:
        self._line.extend(statuses)
        self.advance()

    def advance(self) -> None:
        while self._line and self.idle:
            some = [self._line.popleft() for _ in range(min(_STATUSES_A_PUSH, len(self._line)))]
            body = b"[" + b",".join([status.body for status in some]) + b"]"
            self.idle.pop().send(b"/status", body, [status.id for status in some])

    def answered(self, item: list[int], body: bytes) -> None:
        self._floor.pushed(item)


class Floor:
    """All that is kept in memory, and the writer."""

    def __init__(self, folder: Path) -> None:
        self._writer = Writer(asyncio.get_running_loop(), folder, self._written)
        self._writer.start()
        self._nonces: set[bytes] = set()
        self._ids = itertools.count(time.time_ns() // 1_000_000 << 20)
        self.provider: Provider | None = None
        self.customer: Customer | None = None

    def authenticate(self, query: bytes, headers: dict[bytes, bytes]) -> bytes | None:
        """The digest of the call's nonce; None for a wrong signature or a used nonce.

        Only the cheap canonical form is tried; the bench's calls need no other.
        """
        match = _AUTHORIZATION.match(headers[b"authorization"])
        if match is None:
            return None
        key, signed, signature = match.groups()
        parts = sorted(query.replace(b"+", b"%20").replace(b"*", b"%2A").replace(b"%7E", b"~").split(b"&"))
        lines = b"".join([b"%b:%b\n" % (name, headers[name]) for name in signed.split(b";")])
        canonical = b"POST\n/\n%b\n%b\n%b\n%b" % (
            b"&".join(parts),
            lines,
            signed,
            headers[b"x-acs-content-sha256"],
        )
        text = b"ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical).hexdigest().encode()
        expected = hmac.digest(_SECRETS[key], text, "sha256").hex().encode()
        nonce = hashlib.sha256(key + headers[b"x-acs-signature-nonce"]).digest()[:16]
        if not hmac.compare_digest(expected, signature) or nonce in self._nonces:
            return None
        self._nonces.add(nonce)
        return nonce

    def accept(self, message: Message) -> None:
        message.id = next(self._ids)
        self._writer.waiting.accepted.append(message)
        self._writer.wake()

    def sent(self, outcome: Outcome) -> None:
        self._writer.waiting.outcomes.append(outcome)
        self._writer.wake()

    def follow(self, receipt: Receipt, caller: Intake) -> None:
        self._writer.waiting.receipts.append((receipt, caller))
        self._writer.wake()

    def pushed(self, statuses: Iterable[int]) -> None:
        self._writer.waiting.pushed += statuses
        self._writer.wake()

    def _written(self, written: Written) -> None:
        for message in written.accepted:
            message.caller.answer(200, _OK % message.id)
        for _, caller in written.receipts:
            caller.answer(200, b"{}")
        if self.provider is not None:
            self.provider.put(written.accepted)
        if self.customer is not None:
            self.customer.put(written.statuses)


async def _run(options: argparse.Namespace) -> None:
    floor = Floor(Path(options.data))
    if options.mode != "accept":
        provider = Provider(floor)
        await provider.open(options.viber_port, _PROVIDER_CONNECTIONS)
        floor.provider = provider
    if options.mode == "whole":
        customer = Customer(floor)
        await customer.open(options.customer_port, _CUSTOMER_CONNECTIONS)
        floor.customer = customer
    server = await asyncio.get_running_loop().create_server(
        lambda: Intake(floor), "127.0.0.1", options.port, backlog=1024
    )
    # As the service does.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    print("ready", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--mode", choices=MODES, default="accept")
    parser.add_argument("--viber-port", type=int, default=0)
    parser.add_argument("--customer-port", type=int, default=0)
    uvloop.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
