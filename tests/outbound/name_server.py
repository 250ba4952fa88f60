"""A name server on 127.0.0.1 that answers as a test says, by the wire format of RFC 1035."""

import asyncio
import ipaddress
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

_A, _AAAA = 1, 28
Answer = Callable[[str], str | None]


class NameServer(asyncio.DatagramProtocol):
    """Answers queries for addresses; those of names for which `answer` returns None stay unanswered.

    Attributes:
        queries: how many came, by name.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.queries: Counter[str] = Counter()
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address = "{}:{}".format(*transport.get_extra_info("sockname")[:2])

    def datagram_received(self, data: bytes, peer: tuple[str | int, int]) -> None:
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        question = data[12 : at + 5]
        (kind,) = struct.unpack_from("!H", data, at + 1)
        name = ".".join(labels)
        if kind == _A:
            self.queries[name] += 1
        address = self._answer(name) if kind == _A else ""
        if address is None or (kind == _AAAA and self._answer(name) is None):
            return
        answers = b""
        if address:
            packed = ipaddress.ip_address(address).packed
            answers = struct.pack("!HHHIH", 0xC00C, _A, 1, 0, len(packed)) + packed
        head = data[:2] + struct.pack("!HHHHH", 0x8180, 1, bool(address), 0, 0)
        self._transport.sendto(head + question + answers, peer)


@asynccontextmanager
async def name_server(answer: Answer) -> AsyncIterator[NameServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: NameServer(answer), local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
