"""A response has a few interim ones before it, and not as many as a server likes to send."""

import asyncio

import aiohttp
import pytest

from tests.connectors.providers import RawProvider, http_reply, raw
from waypost.outbound.bounded_responses import MAX_HEADS, BoundedConnector
from waypost.outbound.file_check import FileCheck
from waypost.outbound.name_resolution import NameResolver

INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


async def posted(*answers: bytes) -> list[int]:
    statuses = []
    async with (
        raw(RawProvider(list(answers))) as server,
        aiohttp.ClientSession(connector=BoundedConnector(limit=1)) as session,
    ):
        for _ in answers:
            async with session.post(server.url, data=b"[]") as response:
                await response.read()
                statuses.append(response.status)
    return statuses


def test_a_few_interim_responses_are_skipped_and_are_counted_anew_for_each_response() -> None:
    answer = INTERIM * (MAX_HEADS - 1) + http_reply(b'{"code":0}')
    assert asyncio.run(posted(answer, answer, answer)) == [200, 200, 200]


@pytest.mark.parametrize("count", [1000, 200_000])
def test_more_end_the_request(count: int) -> None:
    with pytest.raises(aiohttp.ClientError):
        asyncio.run(posted(INTERIM * count + http_reply(b'{"code":0}')))


def test_a_look_at_a_file_is_bounded_too() -> None:
    async def main() -> str:
        async with raw(RawProvider([INTERIM * 200_000])) as server:
            return await FileCheck(NameResolver(), allow_private=True).download_error(f"{server.url}/a.jpg")

    assert asyncio.run(main()) == "no answer (ClientPayloadError)"
