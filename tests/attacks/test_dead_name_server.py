"""A customer whose name server never answers delays nobody else's callbacks."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.signed import requests

from tests.attacks.harness import Attacked, neighbour_process
from tests.attacks.neighbour import Caller
from tests.beside import make_key
from tests.cli.configs import write_config
from tests.cli.listener import listening
from tests.crash.callers import answer_to, connect
from tests.outbound.name_server import Answer, NameServer, name_server
from tests.processes import start_serve, until

TAKEN = {"status": 0, "message_token": 1}
SENDERS = 40


@contextmanager
def name_server_thread(answer: Answer) -> Iterator[NameServer]:
    """A name server in a thread of its own."""
    started, loop = threading.Event(), asyncio.new_event_loop()
    servers: list[NameServer] = []
    stopping = asyncio.Event()

    async def serve() -> None:
        async with name_server(answer) as server:
            servers.append(server)
            started.set()
            await stopping.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait()
    try:
        yield servers[0]
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()


@pytest.mark.long
def test_a_dead_name_server_delays_nobody_else(tmp_path: Path) -> None:
    def answer(name: str) -> str | None:
        return None if name.endswith("mallory.example") else "127.0.0.1"

    senders = "\n".join(
        f'[[accounts.mallory.senders]]\nchannel = "viber"\nid = "{30000 + number}"\nroute = "viber-main"\n'
        f'status_url = "http://dead{number}.mallory.example/callbacks"'
        for number in range(SENDERS)
    )
    with (
        name_server_thread(answer) as names,
        listening(TAKEN) as viber,
        neighbour_process() as neighbour,
    ):
        more = f'[outbound]\nnameservers = ["{names.address}"]\n[accounts.mallory]\n{senders}'
        # The neighbour's URL has a name, too, so that it needs a lookup like those that hang.
        url = neighbour.callback_url.replace("127.0.0.1", "shop.acme.example")
        config = write_config(tmp_path, viber=viber.url, status_url=url, more=more)
        acme, mallory = (make_key(config, each, id_=each).secret for each in ("acme", "mallory"))
        with start_serve(config) as running:
            caller = Caller(
                port=running.port,
                key="acme",
                secret=acme,
                sender="20001",
                rate=40.0,
                last_status="Sent",
            )
            with Attacked(running, neighbour, caller).measured():
                with connect(running.port) as connection:
                    for number in range(5 * SENDERS):
                        [request] = requests(
                            1,
                            running.port,
                            key="mallory",
                            secret=mallory,
                            From=str(30000 + number % SENDERS),
                            To=f"49170{number:07d}",
                        )
                        assert answer_to(connection, request)["Code"] == "OK"
                until(lambda: len(names.queries) > SENDERS / 2, what="the lookups of the dead names")
            assert names.queries["shop.acme.example"]
            assert "Traceback" not in running.log
