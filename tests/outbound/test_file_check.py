"""The file of a template is requested over a real socket, and never from an address that is not public."""

import asyncio
from collections.abc import Callable

import pytest

from tests.connectors.providers import Canned, CannedProvider, canned
from waypost.outbound.file_check import FileCheck
from waypost.outbound.name_resolution import NameResolver


def look(
    reply: Canned, url: Callable[[CannedProvider], str] | None = None, *, allow_private: bool = True
) -> tuple[str, int]:
    """What is wrong, and how many requests the server got."""

    async def main() -> tuple[str, int]:
        async with canned(reply) as server:
            target = url(server) if url is not None else f"{server.url}/a.jpg"
            return await FileCheck(NameResolver(), allow_private=allow_private).download_error(target), len(
                server.requests
            )

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Canned(200, b"file"), ""),
        (Canned(200, b""), "it is empty"),
        (Canned(404, b"gone"), "the answer was HTTP 404"),
        (Canned(302, b"", {"Location": "/a.jpg"}), "it was redirected more than 3 times"),
    ],
)
def test_a_file(reply: Canned, problem: str) -> None:
    assert look(reply)[0] == problem


def test_nobody_there() -> None:
    assert look(Canned(), lambda _: "http://127.0.0.1:1/a.jpg")[0].startswith("no answer")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "localhost.", "127.1", "2130706433", "[::ffff:127.0.0.1]", "[::1]"]
)
def test_an_address_that_is_not_public_never_gets_a_request(host: str) -> None:
    problem, requests = look(
        Canned(200, b"secret"),
        lambda server: f"http://{host}:{server.url.rpartition(':')[2]}/a.jpg",
        allow_private=False,
    )
    assert problem
    assert requests == 0


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "169.254.169.254", "0.0.0.0", "[fe80::1]", "[::ffff:10.0.0.1]"]
)
def test_the_customer_reads_why(host: str) -> None:
    problem = asyncio.run(
        FileCheck(NameResolver(), allow_private=False).download_error(f"http://{host}/a.jpg")
    )
    assert problem == "its address is not one of the public internet"


def test_a_redirect_leads_to_the_public_internet_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waypost.outbound.public_sockets.is_public", lambda address: address == "127.0.0.1")
    problem, requests = look(Canned(302, b"", {"Location": "http://127.0.0.2:1/a.jpg"}), allow_private=False)
    assert (problem, requests) == ("its address is not one of the public internet", 1)
