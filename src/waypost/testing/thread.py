"""A sandbox in a thread of this process: none has to start, and none is left when this one is killed."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

_ENDED_WITHIN_S = 10.0


class SandboxThread:
    """A thread that serves sandboxes on a free port of this machine.

    It takes time of the interpreter that runs the tests. The process stays as it is: its signals, limits,
    garbage collector, and what it does with log lines.

    Attributes:
        url: `http://127.0.0.1:<port>`.
    """

    def __init__(self, seed: str = "") -> None:
        """Starts it, and returns when it takes calls.

        Args:
            seed: a settings file whose accounts the sandboxes begin with; empty for their own.

        Raises:
            RuntimeError: it cannot start; the cause is attached.
        """
        self.url = ""
        self._error: BaseException | None = None
        self._stop: Callable[[], object] = lambda: None
        self._is_ready = threading.Event()
        # A program that forgets to stop it can still end.
        self._thread = threading.Thread(target=self._run, args=(seed,), name="waypost-sandbox", daemon=True)
        self._thread.start()
        self._is_ready.wait()
        if self._error is not None:
            raise RuntimeError(f"the sandbox did not start: {self._error}") from self._error

    def stop(self) -> None:
        """Ends it, with all that is in its sandboxes.

        Raises:
            RuntimeError: it does not end, or ended before with an error, which is attached.
        """
        with suppress(RuntimeError):
            # Its event loop is closed if it has ended by itself.
            self._stop()
        self._thread.join(_ENDED_WITHIN_S)
        if self._thread.is_alive() or self._error is not None:
            raise RuntimeError("the sandbox did not end as it should") from self._error

    def _run(self, seed: str) -> None:
        run: Callable[[Coroutine[Any, Any, None]], None] = asyncio.run
        with suppress(ImportError):
            from uvloop import run
        try:
            run(self._serve(seed))
        except BaseException as error:  # noqa: BLE001 - whoever waits in another thread raises it
            self._error = error
        finally:
            self._is_ready.set()

    async def _serve(self, seed: str) -> None:
        # This takes long to import, and is not needed by whoever has a sandbox elsewhere.
        from waypost.sandbox.fixture import SEED
        from waypost.sandbox.seed import read_seed
        from waypost.server.logs import log_as_guest
        from waypost.server.sandbox import SandboxOptions
        from waypost.server.sandbox_process import run

        loop, requested = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(requested.set)
        log_as_guest()
        options = SandboxOptions(read_seed(Path(seed)) if seed else SEED, 0)
        await run("127.0.0.1", 0, None, options, on_ready=self._begin, stop_requested=requested)

    def _begin(self, url: str) -> None:
        self.url = url
        self._is_ready.set()
