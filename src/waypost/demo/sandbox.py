"""Runs `waypost sandbox` in a process of its own, and calls its control endpoints."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO, Any

import aiohttp

from waypost.config.paths import temporary_folder

_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 30.0
_READY_MARK = " ready on "


class SandboxError(Exception):
    """The sandbox did not start or did not stop properly; the message has its log."""


class Sandbox:
    """A running sandbox.

    Attributes:
        address: `http://127.0.0.1:<port>`.
    """

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self._session = session

    async def message(self, message_id: str) -> dict[str, Any]:
        """The timeline of a message."""
        return await self._json("GET", f"/sandbox/messages/{message_id}")

    async def phone(self, number: str) -> list[dict[str, Any]]:
        """The messages on a phone."""
        messages: list[dict[str, Any]] = (await self._json("GET", f"/sandbox/phones/{number}"))["messages"]
        return messages

    async def advance(self, seconds: float) -> None:
        """Moves the clock; returns when all work due until then is done."""
        await self._json("POST", "/sandbox/clock/advance", {"seconds": seconds})

    async def _json(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        async with self._session.request(method, self.address + path, json=body) as response:
            members: dict[str, Any] = await response.json()
            return members


@asynccontextmanager
async def running_sandbox(callback_url: str) -> AsyncIterator[Sandbox]:
    """Runs `waypost sandbox` on a free port with a temporary data folder; stops it with SIGTERM.

    Raises:
        SandboxError: it ended before it was ready, or with an exit code other than 0.
    """
    with temporary_folder("waypost-demo-", "") as folder, (folder / "log").open("w+b") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "waypost", "sandbox", "--port", "0"),
            *("--data", str(folder / "data"), "--callback-url", callback_url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            address = await _wait_until_ready(process, log)
            async with aiohttp.ClientSession() as session:
                yield Sandbox(address, session)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            try:
                code = await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
            except TimeoutError:
                process.kill()
                code = await process.wait()
        if code != 0:
            raise SandboxError(f"the sandbox ended with {code}; it said:\n{_read_log(log)}")


async def _wait_until_ready(process: asyncio.subprocess.Process, log: IO[bytes]) -> str:
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), _START_TIMEOUT_S)).decode()
    except TimeoutError:
        line = ""
    if _READY_MARK not in line:
        raise SandboxError(f"the sandbox did not start; it said:\n{_read_log(log)}")
    return line.partition(_READY_MARK)[2].strip()


def _read_log(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")
