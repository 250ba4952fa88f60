"""The sandboxes of a process: one for each name at a time, so many at most, none that nobody uses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.processes import until
from waypost.api.http_messages import HttpAnswer, HttpRequest
from waypost.sandbox.fixture import SEED
from waypost.server import sandboxes as module
from waypost.server.sandbox import Sandbox, SandboxOptions
from waypost.server.sandbox_names import COMMON
from waypost.server.sandboxes import Sandboxes, TooManySandboxesError
from waypost.storage.contract import StoreUnavailableError

ADDRESS = "http://127.0.0.1:1"


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Sandboxes]:
    data = folder / "data"
    data.mkdir(mode=0o700)
    lock_file = data / "waypost.lock"
    lock_file.touch()
    made = Sandboxes("127.0.0.1", 1, ADDRESS, data, lock_file, data / "named", SandboxOptions(SEED, 0))
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def answer(made: Sandboxes, key: str) -> HttpAnswer:
    request = HttpRequest("POST", "/", b"", [(b"authorization", b"x Credential=" + key.encode())])
    answers: asyncio.Queue[HttpAnswer] = asyncio.Queue()
    handler = made.handler_of(request)
    assert handler is not None
    handler(request, answers.put_nowait)
    return await asyncio.wait_for(answers.get(), 20)


async def test_a_name_has_one_sandbox_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alive, most = set[Sandbox](), 0
    start, stop = Sandbox.start, Sandbox.stop

    async def started(self: Sandbox, lock_file: Path | None = None) -> None:
        nonlocal most
        alive.add(self)
        most = max(most, sum(one.address.endswith("/@x") for one in alive))
        await start(self, lock_file)

    async def stopped(self: Sandbox, limit: float | None = None) -> None:
        await stop(self, limit)
        alive.discard(self)

    monkeypatch.setattr(Sandbox, "start", started)
    monkeypatch.setattr(Sandbox, "stop", stopped)
    async with running(tmp_path) as made:
        uses = [made._sandbox_of("x") for _ in range(3)]
        ends = [made.close("x"), made.reset("x"), made.close("x")]
        later = [made._sandbox_of("x") for _ in range(3)]
        await asyncio.gather(*(one for pair in zip(uses, ends, later, strict=True) for one in pair))
        assert most == 1
        assert made._locks == {}
        await made.close("x")
        assert {one.address for one in alive} == {ADDRESS}
        assert not (tmp_path / "data" / "named" / "x").exists()


async def test_no_more_than_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NAMED", 2)
    async with running(tmp_path) as made:
        for name in ("a", "b", "a"):
            await made._sandbox_of(name)
        with pytest.raises(TooManySandboxesError, match="2 named sandboxes are open"):
            await made._sandbox_of("c")
        refused = await answer(made, "c@sandbox")
        assert (refused.status, b"System.LimitControl" in refused.body) == (400, True)
        await made.close("a")
        await made._sandbox_of("c")


async def test_what_nobody_uses_is_closed_but_not_the_common_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SWEEP_INTERVAL_S", 0.01)
    async with running(tmp_path) as made:
        await made._sandbox_of("idle")
        monkeypatch.setattr(module, "IDLE_S", -1.0)
        await asyncio.to_thread(until, lambda: "idle" not in made._open)
        assert list(made._open) == [COMMON]


async def test_a_sandbox_that_cannot_be_made_is_an_answer_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as made:

        async def fail(*_: object) -> None:
            raise StoreUnavailableError("no disk")

        with monkeypatch.context() as broken:
            broken.setattr(Sandbox, "_start", fail)
            refused = await answer(made, "x@sandbox")
            assert (refused.status, b"ServiceUnavailable" in refused.body) == (503, True)
        refused = await answer(made, "x@sandbox")
        assert b"ServiceUnavailable" not in refused.body
