"""A request to a URL that a customer chose reaches the public internet and nothing behind this service."""

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from waypost.outbound.public_sockets import NotPublicError, public_socket


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "fe80::1%eth0", "::ffff:10.0.0.1"])
def test_no_socket_for_an_address_that_is_not_public(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(NotPublicError):
        public_socket((family, socket.SOCK_STREAM, 6, "", (address, 80)))


class Rebinding(AbstractResolver):
    """Resolves any name to the next of these addresses."""

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


def test_a_name_that_resolves_to_this_machine_is_not_connected_to() -> None:
    asyncio.run(called_twice())


async def called_twice() -> None:
    came: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: came.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connector = aiohttp.TCPConnector(
        resolver=Rebinding(["127.0.0.1"] * 2), socket_factory=public_socket, use_dns_cache=False
    )
    async with server, aiohttp.ClientSession(connector=connector) as session:
        for _ in range(2):
            with pytest.raises(aiohttp.ClientConnectorError, match="not one of the public internet"):
                await session.post(f"http://shop.example.com:{port}/")
    assert came == []
