"""The sandbox of the demo: `waypost sandbox` in a process of its own, and its control endpoints."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

import aiohttp

_READY_WITHIN = 30.0
_STOPPED_WITHIN = 30.0
_READY = " ready on "


class SandboxError(Exception):
    """The sandbox did not start or did not stop as it should; the message has what it said."""


class Sandbox:
    """A sandbox that is ready.

    Attributes:
        address: `http://127.0.0.1:<port>`.
    """

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self._session = session

    async def message(self, message_id: str) -> dict[str, Any]:
        """A message's timeline."""
        return await self._json("GET", f"/sandbox/messages/{message_id}")

    async def phone(self, number: str) -> list[dict[str, Any]]:
        """What a phone shows."""
        shown: list[dict[str, Any]] = (await self._json("GET", f"/sandbox/phones/{number}"))["messages"]
        return shown

    async def advance(self, seconds: float) -> None:
        """Moves the clock; returns when everything due on the way has happened."""
        await self._json("POST", "/sandbox/clock/advance", {"seconds": seconds})

    async def _json(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        async with self._session.request(method, self.address + path, json=body) as answer:
            found: dict[str, Any] = await answer.json()
            return found


@asynccontextmanager
async def running_sandbox(callback_url: str) -> AsyncIterator[Sandbox]:
    """Runs `waypost sandbox` on a free port and a folder that is gone afterwards; ends it with SIGTERM.

    Raises:
        SandboxError: it ended before it was ready, or with another exit code than 0.
    """
    with tempfile.TemporaryDirectory(prefix="waypost-demo-") as folder, tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "waypost", "sandbox", "--port", "0"),
            *("--data", str(Path(folder, "data")), "--callback-url", callback_url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            address = await _ready(process, log)
            async with aiohttp.ClientSession() as session:
                yield Sandbox(address, session)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            try:
                code = await asyncio.wait_for(process.wait(), _STOPPED_WITHIN)
            except TimeoutError:
                process.kill()
                code = await process.wait()
        if code != 0:
            raise SandboxError(f"the sandbox ended with {code}; it said:\n{_all_of(log)}")


async def _ready(process: asyncio.subprocess.Process, log: IO[bytes]) -> str:
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), _READY_WITHIN)).decode()
    except TimeoutError:
        line = ""
    if _READY not in line:
        raise SandboxError(f"the sandbox did not start; it said:\n{_all_of(log)}")
    return line.partition(_READY)[2].strip()


def _all_of(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")
