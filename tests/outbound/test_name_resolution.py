"""Names that customers chose are looked up without threads, bounded in number and time, and cached."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from tests.outbound.name_server import Answer, NameServer, name_server
from tests.outbound.servers import Peer, serving
from waypost.outbound import name_resolution
from waypost.outbound.name_resolution import NameResolver
from waypost.outbound.public_sockets import NotPublicError, public_socket
from waypost.outbound.system_names import system_addresses


@asynccontextmanager
async def resolving(answer: Answer) -> AsyncIterator[tuple[NameResolver, NameServer]]:
    async with name_server(answer) as server:
        resolver = NameResolver([server.address])
        try:
            yield resolver, server
        finally:
            await resolver.close()


async def addresses(resolver: NameResolver, name: str) -> list[str]:
    return [found["host"] for found in await resolver.resolve(name, 80)]


async def test_a_name_is_looked_up_once_for_all_who_ask() -> None:
    async with resolving(lambda name: "192.0.2.7") as (resolver, server):
        found = await asyncio.gather(*(addresses(resolver, "shop.example") for _ in range(50)))
        assert found == [["192.0.2.7"]] * 50
        assert server.queries == {"shop.example": 1}


async def test_a_name_without_an_address_is_not_looked_up_again_at_once() -> None:
    async with resolving(lambda name: "") as (resolver, server):
        for _ in range(20):
            with pytest.raises(OSError, match="its name was not resolved"):
                await resolver.resolve("gone.example", 80)
        assert server.queries["gone.example"] == 1


@pytest.mark.long
async def test_dead_name_servers_hold_no_thread_and_delay_no_other_name() -> None:
    async with resolving(lambda name: None if name.startswith("dead") else "192.0.2.7") as (resolver, _):
        before = threading.active_count()
        dead = [asyncio.create_task(addresses(resolver, f"dead{number}.example")) for number in range(50)]
        await asyncio.sleep(0)
        assert await addresses(resolver, "shop.example") == ["192.0.2.7"]
        assert not any(each.done() for each in dead)
        assert threading.active_count() <= before + 1
        outcomes = await asyncio.gather(*dead, return_exceptions=True)
        assert all(isinstance(outcome, OSError) for outcome in outcomes)


@pytest.mark.long
async def test_the_last_addresses_are_used_while_name_servers_do_not_answer() -> None:
    answers: list[str | None] = ["192.0.2.7"]
    async with resolving(lambda name: answers[-1]) as (resolver, server):
        assert await addresses(resolver, "shop.example") == ["192.0.2.7"]
        answers.append(None)
        resolver._expires.clear()
        resolver._lookups.clear()
        assert await addresses(resolver, "shop.example") == ["192.0.2.7"]
        assert server.queries["shop.example"] > 1
        # A name server that says that there is no such name is believed.
        answers.append("")
        resolver._expires.clear()
        resolver._lookups.clear()
        with pytest.raises(OSError, match="its name was not resolved"):
            await resolver.resolve("shop.example", 80)


async def test_lookups_under_way_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_resolution, "_MOST_LOOKUPS", 3)
    async with resolving(lambda name: None) as (resolver, _):
        waiting = [asyncio.create_task(addresses(resolver, f"dead{number}.example")) for number in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(OSError, match="too many names"):
            await resolver.resolve("dead3.example", 80)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_results_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_resolution, "_MOST_CACHED", 10)
    async with resolving(lambda name: "192.0.2.7") as (resolver, server):
        for number in range(40):
            await resolver.resolve(f"shop{number}.example", 80)
        assert len(resolver._lookups) <= 10
        assert server.queries.total() == 40


async def test_a_cancelled_wait_ends_the_lookup_for_nobody_else() -> None:
    async with resolving(lambda name: "192.0.2.7") as (resolver, server):
        first = asyncio.create_task(addresses(resolver, "shop.example"))
        second = asyncio.create_task(addresses(resolver, "shop.example"))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == ["192.0.2.7"]
        assert server.queries["shop.example"] == 1


@pytest.mark.parametrize("name", ["a..b", "x" * 300, "ü" * 70, "-", "a b", "\x00"])
async def test_what_is_no_name_is_an_error_like_any_other(name: str) -> None:
    async with resolving(lambda name: "") as (resolver, _):
        with pytest.raises(OSError, match="its name was not resolved"):
            await resolver.resolve(name, 80)


async def test_names_of_this_machine_are_known() -> None:
    resolver = NameResolver()
    assert "127.0.0.1" in await addresses(resolver, "localhost")
    await resolver.close()


async def test_a_name_that_answers_twice_differently_reaches_no_private_address() -> None:
    """DNS rebinding: a public address for whoever looks, then 127.0.0.1 for whoever connects."""
    answers = iter(["203.0.113.9", *["127.0.0.1"] * 9])

    async def never(peer: Peer) -> None:
        await peer.request()

    async with (
        serving(never) as server,
        resolving(lambda name: next(answers)) as (resolver, _),
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=public_socket, resolver=resolver, use_dns_cache=False
            ),
            timeout=aiohttp.ClientTimeout(total=5),
        ) as session,
    ):
        assert await addresses(resolver, "twice.example") == ["203.0.113.9"]
        resolver._expires.clear()
        resolver._lookups.clear()
        with pytest.raises(aiohttp.ClientConnectorError) as refused:
            await session.post(f"http://twice.example:{server.port}/", data=b"x")
        assert isinstance(refused.value.os_error, NotPublicError)
        assert (server.connections, server.requests) == (0, [])


@pytest.mark.long
async def test_a_providers_name_waits_for_no_other_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = threading.Event()
    system = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *, type: int, flags: int) -> object:  # noqa: A002 - the name there
        if host.startswith("dead") and not flags & socket.AI_NUMERICHOST:
            stuck.wait(20)
        return system(host, port, type=type, flags=flags)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    dead = [asyncio.create_task(system_addresses(f"dead{number}.invalid", 80)) for number in range(40)]
    await asyncio.sleep(0)
    try:
        assert {info[4][0] for info in await system_addresses("localhost", 80)} & {"127.0.0.1", "::1"}
        assert not any(each.done() for each in dead)
    finally:
        stuck.set()
        with suppress(OSError):
            await asyncio.gather(*dead)
