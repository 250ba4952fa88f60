"""The sandboxes behind one port: the common one, and one for each name that is used.

Each has a service, phones, a clock and a store of its own, so that nobody sees what another one does. One is
made when its name is used first, in some milliseconds, and closed when it was not used for long.
"""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from starlette.responses import JSONResponse

from waypost.api.answers import failure
from waypost.api.errors.catalogue import ApiError
from waypost.api.gate import as_api_error
from waypost.api.http_messages import Handler, HttpRequest, Reply
from waypost.clock import REAL_TIME, steady_seconds, wall_seconds
from waypost.config.settings import Settings
from waypost.model import codes
from waypost.model.identifiers import new_request_id
from waypost.sandbox.sandbox_state import SandboxState
from waypost.sandbox.seed import Seed
from waypost.sandbox.state_endpoints import NameInUseError
from waypost.server.sandbox import Lifecycle, Sandbox, SandboxOptions, remove_state
from waypost.server.sandbox_names import (
    COMMON,
    is_name,
    name_in_path,
    name_of_call,
    name_of_queue_call,
    root_of,
)
from waypost.server.web_routes import is_api_call
from waypost.server.webhooks import is_webhook
from waypost.storage.private_files import make_private_folder

log = structlog.get_logger()

MOST_NAMED = 200
"""How many sandboxes may be open beside the common one; each takes a few megabytes."""
IDLE_S = 900.0
"""How long one stays open that is not used, in seconds."""
_SWEEP_INTERVAL_S = 30.0
# What is under way in a sandbox that is reset or closed is dropped with it.
_STOP_S = 4.0
NAMED = "named"
"""The folder, in that of the common sandbox, of all others."""
_STATE_PATH = "/sandbox/state"


class TooManySandboxesError(Exception):
    """As many sandboxes are open as may be."""


class Sandboxes:
    """The application of a port.

    Args:
        host, port: where it listens.
        address: `http://host:port`.
        data: the data folder of the common sandbox.
        lock_file: a file of it that must stay there.
        named: a folder for those of all others.
        options: of the common sandbox; all others are not durable.

    Attributes:
        failed: has an error once the common sandbox cannot go on.
    """

    def __init__(
        self,
        host: str,
        port: int,
        address: str,
        data: Path,
        lock_file: Path,
        named: Path,
        options: SandboxOptions,
    ) -> None:
        self._host, self._port, self._address = host, port, address
        self._data, self._lock_file, self._named = data, lock_file, named
        self._options = options
        self._open: dict[str, Sandbox] = {}
        self._used_at: dict[str, float] = {}
        # What a sandbox that was loaded or forked began with, which a reset goes back to.
        self._seeds: dict[str, Seed] = {}
        # Held while a sandbox is made or stopped, each with how many hold it or wait for it.
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, state: SandboxState | None = None) -> None:
        """Makes the common sandbox.

        Args:
            state: what it goes on from; None to begin.
        """
        if state is None:
            await self._sandbox_of(COMMON)
        else:
            await self.load(COMMON, state)
        self._sweeper = asyncio.get_running_loop().create_task(self._close_unused())

    @property
    def settings(self) -> Settings:
        """The settings of the common sandbox; valid after `start`."""
        return self._open[COMMON].service.settings

    async def stop(self) -> None:
        """Stops all sandboxes; the common one completes what is in flight."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        # One that is being made or closed is not left halfway.
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self.close(name) for name in list(self._open) if name != COMMON))
        if COMMON in self._open:
            await self._open[COMMON].stop()

    def handler_of(self, request: HttpRequest) -> Handler | None:
        """The handler of a call of the RPC API or a webhook; None for everything else."""
        name = name_in_path(request.path)
        if name:
            request.path = request.path[len(root_of(name)) :] or "/"
        if is_api_call(request):
            return lambda received, reply: self._answer(name or name_of_call(received), received, reply)
        sandbox = self._used(name)
        handler = sandbox.service.handler_of(request) if sandbox is not None else None
        if handler is None and name:
            request.path = root_of(name) + request.path
        return handler

    def needs_large_body(self, request: HttpRequest) -> bool:
        """Whether a request is one of the calls whose bodies may be longer than those of others."""
        if request.path.endswith(_STATE_PATH):
            return True
        return any(sandbox.service.needs_large_body(request) for sandbox in [*self._open.values()][:1])

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """The ASGI application of what has no handler."""
        name = name_in_path(scope["path"])
        if name:
            scope = {**scope, "root_path": root_of(name)}
            if name not in self._open and is_webhook(scope["path"][len(root_of(name)) :]):
                # A receipt that was on its way when the sandbox was closed does not open it again.
                await JSONResponse({"error": "there is no such sandbox"}, 404)(dict(scope), receive, send)
                return
        try:
            sandbox = await self._sandbox_of(name or name_of_queue_call(scope))
        except TooManySandboxesError as error:
            await JSONResponse({"error": str(error)}, 503)(dict(scope), receive, send)
            return
        await sandbox.service(scope, receive, send)

    def _answer(self, name: str, request: HttpRequest, reply: Reply) -> None:
        sandbox = self._used(name)
        if sandbox is not None:
            sandbox.handle(request, reply)
        else:
            self._begin(self._make_and_answer(name, request, reply))

    async def _make_and_answer(self, name: str, request: HttpRequest, reply: Reply) -> None:
        request_id = new_request_id(int(wall_seconds() * 1000))
        try:
            sandbox = await self._sandbox_of(name)
        except Exception as error:  # noqa: BLE001 - every error is answered
            if isinstance(error, TooManySandboxesError):
                refusal = ApiError(codes.LIMIT_CONTROL, str(error))
            else:
                refusal = as_api_error(error, request_id)
            reply(failure(refusal, request_id, self._address, f"{self._address}/errors"))
            return
        sandbox.handle(request, reply)

    def _used(self, name: str) -> Sandbox | None:
        """The sandbox of a name if it is open, which is then not idle."""
        sandbox = self._open.get(name)
        if sandbox is not None:
            self._used_at[name] = steady_seconds()
        return sandbox

    async def _sandbox_of(self, name: str) -> Sandbox:
        """The sandbox of a name, which is made if it is not open.

        Raises:
            TooManySandboxesError: it would be one too many.
        """
        sandbox = self._used(name)
        if sandbox is not None:
            return sandbox
        if name not in self._locks and len(self._open.keys() | self._locks.keys()) > MOST_NAMED:
            raise TooManySandboxesError(f"{MOST_NAMED} named sandboxes are open; close one of them, or wait")
        async with self._alone(name):
            return self._used(name) or await self._make(name)

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """Holds the lock of a name, of which there is none while nobody needs it."""
        lock, others = self._locks.get(name) or (asyncio.Lock(), 0)
        self._locks[name] = lock, others + 1
        try:
            async with lock:
                yield
        finally:
            others = self._locks[name][1] - 1
            if others:
                self._locks[name] = lock, others
            else:
                del self._locks[name]

    async def _make(self, name: str, restored: SandboxState | None = None) -> Sandbox:
        async def reset() -> None:
            await self.reset(name)

        async def close() -> None:
            await self.close(name)

        async def load(state: SandboxState) -> None:
            await self.load(name, state)

        folder = self._folder_of(name)
        make_private_folder(folder)
        options = self._options if name == COMMON else self._options._replace(durable=False)
        options = options._replace(seed=self._seeds.get(name, options.seed))
        if restored is not None:
            restored.write(folder, REAL_TIME.milliseconds())
        sandbox = Sandbox(
            self._host,
            self._port,
            self._address + root_of(name),
            folder,
            options,
            name=name,
            lifecycle=Lifecycle(reset, close if name != COMMON else None, load, self.fork),
            restored=restored,
        )
        await sandbox.start(self._lock_file if name == COMMON else None)
        sandbox.service.failed.add_done_callback(lambda ended: self._lost(name, sandbox, ended))
        self._open[name] = sandbox
        self._used_at[name] = steady_seconds()
        return sandbox

    def _folder_of(self, name: str) -> Path:
        return self._data if name == COMMON else self._named / name

    def _lost(self, name: str, sandbox: Sandbox, ended: "asyncio.Future[None]") -> None:
        """Passes on that a sandbox cannot go on; one of a name is made anew at its next use."""
        if ended.cancelled() or self._open.get(name) is not sandbox:
            return
        error = ended.exception()
        if name != COMMON:
            self._begin(self.close(name))
        elif error is not None and not self.failed.done():
            self.failed.set_exception(error)

    async def reset(self, name: str) -> None:
        """Makes a sandbox anew, as it was at first; calls that come meanwhile wait for it."""
        async with self._alone(name):
            await self._end(name)
            await self._make(name)

    async def load(self, name: str, state: SandboxState) -> None:
        """Makes a sandbox go on from a state; calls that come meanwhile wait for it."""
        async with self._alone(name):
            await self._end(name)
            await self._restore(name, state)

    async def _restore(self, name: str, state: SandboxState) -> None:
        self._seeds[name] = state.as_seed()
        try:
            await self._make(name, state)
        except BaseException:
            # Of a sandbox that could not be made nothing is left for the next one.
            remove_state(self._folder_of(name))
            raise

    async def fork(self, name: str, state: SandboxState) -> None:
        """Makes a sandbox of a name that is not used go on from a state.

        Raises:
            NameInUseError: it is used, or is no name, or there would be one sandbox too many.
        """
        if not is_name(name):
            raise NameInUseError(
                f"{name[:80]!r} is no name: it has 1 to 64 letters, digits, `.`, `_` and `-`, and begins "
                "with a letter or a digit"
            )
        if len(self._open) > MOST_NAMED:
            raise NameInUseError(f"{MOST_NAMED} named sandboxes are open; close one of them, or wait")
        async with self._alone(name):
            if name in self._open:
                raise NameInUseError(f"there is a sandbox {name} already; close it, or take another name")
            await self._restore(name, state)

    async def close(self, name: str) -> None:
        """Ends a sandbox with all that is in it; its name can be used again."""
        async with self._alone(name):
            await self._end(name)
            self._seeds.pop(name, None)
            shutil.rmtree(self._folder_of(name), ignore_errors=True)

    async def _end(self, name: str) -> None:
        sandbox = self._open.pop(name, None)
        self._used_at.pop(name, None)
        if sandbox is not None:
            await sandbox.stop(_STOP_S)
        remove_state(self._folder_of(name))
        del sandbox
        # A service is full of cycles, and collections are rare.
        gc.collect()

    async def _close_unused(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_INTERVAL_S)
            now = steady_seconds()
            # A page that follows what happens makes no calls while nothing does.
            self._used_at |= {name: now for name, sandbox in self._open.items() if sandbox.is_watched}
            since = now - IDLE_S
            for name in [name for name, used_at in self._used_at.items() if name and used_at < since]:
                log.info("sandbox.closed", name=name, idle_s=int(IDLE_S))
                await asyncio.shield(self._begin(self.close(name)))

    def _begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
