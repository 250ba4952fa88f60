"""The simulated providers' sockets: on this machine alone, and on the port that was chosen."""

import asyncio
import socket

import aiohttp
import pytest
from aiohttp import web

from waypost.sandbox.loopback import Loopback, refusing_browsers


def answering(text: str) -> Loopback:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text)

    app = web.Application()
    app.router.add_get("/", refusing_browsers(answer))
    return Loopback(app)


async def read(address: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return await response.text()


async def test_each_has_a_free_port_of_its_own() -> None:
    one, two = answering("one"), answering("two")
    await asyncio.gather(one.start(), two.start())
    assert one.address != two.address
    assert [await read(one.address), await read(two.address)] == ["one", "two"]
    await asyncio.gather(one.close(), two.close())


async def test_a_page_that_is_visited_submits_nothing() -> None:
    made = answering("hi")
    await made.start()
    async with aiohttp.ClientSession() as session:
        for origin in ("http://evil.example", "null", ""):
            async with session.get(made.address, headers={"Origin": origin}) as response:
                assert response.status == 403
    await made.close()


async def test_it_listens_on_the_loopback_address_alone() -> None:
    made = answering("hi")
    await made.start()
    host, _, port = made.address.removeprefix("http://").partition(":")
    assert host == "127.0.0.1"
    # Another loopback address stands for all that are not 127.0.0.1: a socket on 0.0.0.0 would take it.
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", int(port)), 5):
        pass
    await made.close()


async def test_a_port_that_is_taken_is_an_error_and_free_again_after_closing() -> None:
    one, two = answering("one"), answering("two")
    await one.start()
    port = int(one.address.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        await two.start(port)
    await two.close()
    await one.close()
    three = answering("three")
    await three.start(port)
    assert await read(f"http://127.0.0.1:{port}/") == "three"
    await three.close()
