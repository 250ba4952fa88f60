"""The service in this process, for what is fuzzed: whole for HTTP, and its operations without HTTP."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tests.inline import Inline
from waypost.api.caller import Caller, Origin
from waypost.api.errors.catalogue import ApiError
from waypost.api.operations.catalogue import EVERY, bind_all
from waypost.api.operations.endpoint import Dependencies, Handler
from waypost.clock import SystemClock
from waypost.config.declared_config import entries_of
from waypost.config.loading import load
from waypost.connectors.registry import parse_route
from waypost.messaging.acceptance import acceptance
from waypost.model.configuration import Configuration
from waypost.model.identifiers import AccountId, MessageIds
from waypost.model.message.sms_limits import NO_LIMITS
from waypost.sandbox import fixture
from waypost.sandbox.simulated_senders import route_tables
from waypost.server.app import Waypost
from waypost.server.connections import Connections
from waypost.server.http_bounds import Bounds
from waypost.server.http_protocol import HttpProtocol
from waypost.storage.migrations import bring_up_to_date
from waypost.storage.secrets import SecretBox
from waypost.storage.sqlite import SqliteStore

NOW = 1_800_000_000_000
NOWHERE = "http://127.0.0.1:9"
OPERATIONS = tuple(sorted(EVERY))
# What has no task is answered in the first turns of the loop; a long call is checked in pieces.
_TURNS = 50


class FakeTransport(asyncio.Transport):
    """Keeps what is written, and takes everything."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 5)})
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        """Nothing comes by itself."""

    def resume_reading(self) -> None:
        """Nothing comes by itself."""

    def get_write_buffer_size(self) -> int:
        return 0


class HttpService:
    """A whole service without a socket; its loop turns while it is fed."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._runner.run(self._start())

    async def _start(self) -> None:
        folder = tempfile.mkdtemp(prefix="waypost-fuzz-")
        defaults = load(None, {})
        replace = msgspec.structs.replace
        senders = [sender for sender in fixture.SEED.senders if sender.channel in ("viber", "sms")]
        routes = route_tables(senders, lambda _: NOWHERE)
        accounts = {
            id_: replace(account, senders=tuple(s for s in account.senders if s.route in routes))
            for id_, account in fixture.ACCOUNTS.items()
        }
        settings = replace(
            defaults,
            store=replace(defaults.store, data=folder),
            routes={name: parse_route(table) for name, table in routes.items()},
            accounts=accounts,
        )
        self._service = Waypost(settings, SystemClock(), "http://127.0.0.1:1")
        await self._service.start()
        self._connections = Connections(self._service, Bounds())

    def close(self) -> None:
        """Stops it."""
        self._runner.run(self._service.stop())
        self._runner.close()

    def feed(self, data: bytes) -> bytes:
        """What a connection answers to these bytes, which come in two pieces, and to its end."""
        return self._runner.run(self._feed(data))

    async def _feed(self, data: bytes) -> bytes:
        transport = FakeTransport()
        protocol = HttpProtocol(self._connections)
        protocol.connection_made(transport)
        middle = len(data) // 2
        for piece in (data[:middle], data[middle:]):
            if piece and not transport.closed:
                protocol.data_received(piece)
                await asyncio.sleep(0)
        if not transport.closed:
            protocol.eof_received()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        protocol.connection_lost(None)
        return transport.written


class Operations:
    """The operations of the API, as the owner of account 1 calls them; nothing is written."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        path = Path(tempfile.mkdtemp(prefix="waypost-fuzz-")) / "waypost.db"
        bring_up_to_date(path)
        box = SecretBox(bytes(32))
        accounts = {AccountId("1"): fixture.ACCOUNTS[AccountId("1")]}
        self._configuration = Configuration([*entries_of(accounts), *fixture.SEED.entries(box)])
        self._handlers: dict[str, Handler] = bind_all(
            Dependencies(
                SqliteStore(path, durable=False, executor=Inline()),
                MessageIds(1, seed=0).next,
                120,
                NO_LIMITS,
                box,
                lambda message, configuration: acceptance(message, configuration, 0),
                3600,
            )
        )

    def call(self, operation: str, params: Mapping[str, str]) -> None:
        """Calls an operation; a refusal is fine, unless it is one for a fault of ours.

        Raises:
            ApiError: its status is 5xx.
        """
        try:
            self._runner.run(self._call(operation, params))
        except ApiError as error:
            if error.status >= 500:
                raise

    async def _call(self, operation: str, params: Mapping[str, str]) -> None:
        caller, origin = Caller(AccountId("1"), None), Origin("192.0.2.1", False, NOW / 1000)
        result: Any = self._handlers[operation](params, caller, NOW, origin, self._configuration)
        if asyncio.iscoroutine(result):
            result = await result
        # What it would write can be written as text.
        msgspec.json.encode(list(result.commands), enc_hook=repr)


http_service: Callable[[], HttpService] = cache(HttpService)
operations: Callable[[], Operations] = cache(Operations)
