"""A push to a URL that a customer chose reaches the public internet only; declared ones are trusted."""

from pathlib import Path

import pytest

from tests.delivery.pushes import pushing
from tests.storage.databases import FIRST, SECOND


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
async def test_a_push_is_refused_and_its_error_has_the_reason(tmp_path: Path, host: str) -> None:
    async with pushing(tmp_path / "waypost.db", allow_private=False) as pushes:
        port = pushes.receiver.url.rpartition(":")[2].partition("/")[0]
        await pushes.publish(FIRST, url=f"http://{host}:{port}/chosen")
        await pushes.settle()
        [refused] = await pushes.callbacks()
        assert pushes.receiver.pushes == []
        assert "ClientConnector" in refused.error or "not a canonical IPv4 address" in refused.error
        if host == "127.0.0.1":
            assert "its address is not one of the public internet" in refused.error


async def test_what_the_operator_declares_is_trusted(tmp_path: Path) -> None:
    async with pushing(tmp_path / "waypost.db", allow_private=False) as pushes:
        await pushes.publish(FIRST)
        # Account 2 chose the URL that is declared for account 1.
        await pushes.publish(SECOND, account="2", url=pushes.receiver.url)
        await pushes.settle()
        assert pushes.receiver.numbers == [1]
