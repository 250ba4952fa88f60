"""A push to a URL that a customer chose reaches the public internet and nothing behind this service."""

import asyncio
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.delivery.pushes import pushing
from tests.storage.databases import FIRST, SECOND
from waypost.delivery.public_sockets import NotPublicError, is_public, public_socket


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "47.88.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.0.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.2.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:db8::1",
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(NotPublicError):
        public_socket((family, socket.SOCK_STREAM, 6, "", (address, 80)))


class Rebinding(AbstractResolver):
    """Answers with a public address at first, and with one of this machine whenever it is asked again."""

    def __init__(self, answers: Iterable[str]) -> None:
        self.answers = iter(answers)

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=next(self.answers), port=port, family=socket.AF_INET, proto=6, flags=0
            )
        ]

    async def close(self) -> None:
        return


async def test_a_name_that_resolves_to_this_machine_is_not_connected_to() -> None:
    came: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: came.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connector = aiohttp.TCPConnector(
        resolver=Rebinding(["127.0.0.1"] * 2), socket_factory=public_socket, use_dns_cache=False
    )
    async with server, aiohttp.ClientSession(connector=connector) as session:
        for _ in range(2):
            with pytest.raises(aiohttp.ClientConnectorError, match="not an address of the public internet"):
                await session.post(f"http://shop.example.com:{port}/")
    assert came == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
async def test_a_push_is_refused_and_says_why(tmp_path: Path, host: str) -> None:
    async with pushing(tmp_path / "waypost.db", allow_private=False) as pushes:
        port = pushes.receiver.url.rpartition(":")[2].partition("/")[0]
        await pushes.tell(FIRST, url=f"http://{host}:{port}/chosen")
        await pushes.settle()
        [refused] = await pushes.callbacks()
        assert pushes.receiver.pushes == []
        assert "ClientConnectorError" in refused.error or "not a canonical IPv4 address" in refused.error
        if host == "127.0.0.1":
            assert "127.0.0.1 is not an address of the public internet" in refused.error


async def test_what_the_operator_declares_is_trusted(tmp_path: Path) -> None:
    async with pushing(tmp_path / "waypost.db", allow_private=False) as pushes:
        await pushes.tell(FIRST)
        # Account 2 chose the URL that is declared for account 1.
        await pushes.tell(SECOND, account="2", url=pushes.receiver.url)
        await pushes.settle()
        assert pushes.receiver.numbers == [1]
