"""What the simulated gateway refuses, and how it fills in a report's address."""

import asyncio
from pathlib import Path

import pytest

from tests.sandbox.sandbox_network import sandbox_network
from waypost.sandbox.sms_gateway import report_url

QUERY = {"username": "user", "password": "secret", "from": "Shop", "to": "380501112233", "text": "hi"}

ROWS: dict[str, tuple[dict[str, str], int, str]] = {
    "fine": ({}, 202, "0: Accepted for delivery"),
    "a wrong password": ({"password": "guess"}, 403, "Authorization failed for sendsms"),
    "nobody": ({"to": ""}, 400, "Missing receiver number, rejected"),
    "a name": ({"to": "Bob"}, 400, "Garbage 'to' field, rejected."),
    "no sender": ({"from": ""}, 400, "Sender missing and no global set, rejected"),
    "no text": ({"text": ""}, 400, "Empty text not allowed, rejected"),
    "another coding": ({"coding": "9"}, 400, "Coding invalid, rejected"),
    "no validity": ({"validity": "0"}, 400, "Validity invalid, rejected"),
}


@pytest.mark.parametrize(("changes", "status", "words"), ROWS.values(), ids=ROWS)
def test_answer(changes: dict[str, str], status: int, words: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            sandbox_network(tmp_path) as network,
            network.session.get(network.sms_gateway.url, params=QUERY | changes) as response,
        ):
            assert (response.status, await response.text()) == (status, words)
            assert len(network.network.phone("380501112233")) == (1 if status == 202 else 0)
            assert network.network.next_due() is None

    asyncio.run(main())


@pytest.mark.parametrize(("mask", "reports"), [("0", 0), ("1", 1), ("2", 0), ("31", 1), ("x", 0)])
def test_only_reports_of_the_mask_are_sent(mask: str, reports: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with sandbox_network(tmp_path) as network:
            report = network.hooks.url("sms") + "?reference=a-1&status=%d&id=%F&answer=%A"
            query = QUERY | {"dlr-mask": mask, "dlr-url": report}
            async with network.session.get(network.sms_gateway.url, params=query) as response:
                assert response.status == 202
            await network.play_out()
            assert len(network.hooks.events) == reports
            assert network.network.phone("380501112233")[0].reference == "a-1"

    asyncio.run(main())


def test_fill_in() -> None:
    address = "http://w/h?k=a%%20b&s=%d&i=%F&a=%A&t=%T"
    assert report_url(address, 2, "x y") == "http://w/h?k=a%20b&s=2&i=x%20y&a=stat%3AUNDELIV%20err%3A001&t="
