"""A push over a kept-alive connection that its server has closed is made again at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from waypost.outbound.kept_alive import post, reuse_trace

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Receiver:
    """Answers the first requests of each connection, then closes it without a byte.

    Attributes:
        requests: how many came, by connection.
        answered: how many each connection answers.
    """

    def __init__(self, *answered: int) -> None:
        self.requests: list[int] = []
        self.answered = answered
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = len(self.requests)
        self.requests.append(0)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(2)
                self.requests[place] += 1
                if self.requests[place] > self.answered[place]:
                    return
                writer.write(_ANSWER)
                await writer.drain()
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiving(
    *answered: int, traced: bool = True
) -> AsyncIterator[tuple[Receiver, aiohttp.ClientSession]]:
    receiver = Receiver(*answered)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    traces = [reuse_trace()] if traced else []
    async with server, aiohttp.ClientSession(trace_configs=traces) as session:
        yield receiver, session


async def pushed(receiver: Receiver, session: aiohttp.ClientSession) -> int:
    async with await post(session, receiver.url, data=b"[]") as response:
        await response.read()
        return response.status


async def test_a_push_over_a_closed_connection_is_made_again() -> None:
    async with receiving(1, 1) as (receiver, session):
        assert await pushed(receiver, session) == 200
        assert await pushed(receiver, session) == 200
        assert receiver.requests == [2, 1]


async def test_all_connections_that_were_closed_are_passed_by() -> None:
    async with receiving(1, 1, 1, 1) as (receiver, session):
        assert await asyncio.gather(*(pushed(receiver, session) for _ in range(3))) == [200] * 3
        assert await pushed(receiver, session) == 200
        assert receiver.requests == [2, 2, 2, 1]


@pytest.mark.parametrize("traced", [True, False])
async def test_a_new_connection_is_tried_once(traced: bool) -> None:
    async with receiving(0, traced=traced) as (receiver, session):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await pushed(receiver, session)
        assert receiver.requests == [1]
