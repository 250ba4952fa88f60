"""Makes the outside world's callbacks at their business time and keeps each until it is answered 2xx."""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping

import aiohttp
import structlog
from yarl import URL

from waypost.clock import Clock
from waypost.model.masking import mask_number
from waypost.sandbox.sandbox_store import Event, SandboxStore, ScheduledCallback

_CONCURRENCY = 64
_TIMEOUT = aiohttp.ClientTimeout(total=10)

_log = structlog.get_logger(__name__)


class CallbackSender:
    """Callbacks in the order of their due times; one after another for a phone, many phones at once.

    Waiting to try again is real time, not business time: it is about Waypost being down, which no clock
    of the sandbox brings back.

    Args:
        clock: business time.
        store: where the events are kept; what is in it from before is sent too.
        address_of: where a telling goes now; None when there is nowhere to tell.
        headers_of: what proves a telling to be the provider's.
        retry_s: seconds between tries.
        patient_after: tries after which the pause becomes `patient_s`.
        patient_s: seconds between the tries from then on.
    """

    def __init__(
        self,
        clock: Clock,
        store: SandboxStore,
        address_of: Callable[[ScheduledCallback], str | None],
        headers_of: Callable[[ScheduledCallback], Mapping[str, str]] = lambda _: {},
        *,
        retry_s: float = 0.5,
        patient_after: int = 20,
        patient_s: float = 5.0,
    ) -> None:
        self._clock = clock
        self._store = store
        self._address_of = address_of
        self._headers_of = headers_of
        self._retry_s = retry_s
        self._patient_after = patient_after
        self._patient_s = patient_s
        self._undelivered: set[int] = set()
        self._by_due: list[tuple[int, int]] = []
        self._waiting: list[tuple[int, int, Event]] = []
        self._lines: dict[str, deque[Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._progress = asyncio.Event()
        self._delivered: list[int] = []
        self._room = asyncio.Semaphore(_CONCURRENCY)
        self._session: aiohttp.ClientSession | None = None
        self._rounds: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to send, first what was left from before."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONCURRENCY), timeout=_TIMEOUT, trust_env=False
        )
        self.accept(self._store.undelivered())
        self._rounds = asyncio.create_task(self._go_round(), name="sandbox-postman")

    def accept(self, events: Iterable[Event]) -> None:
        """Takes on events that the memory already holds."""
        for event in events:
            due = event.callback.due
            self._undelivered.add(event.id)
            heapq.heappush(self._by_due, (due, event.id))
            heapq.heappush(self._waiting, (due, event.id, event))
        self._woken.set()

    def next_due(self) -> int | None:
        """The due time of the earliest event not yet told and answered, in milliseconds UTC."""
        while self._by_due and self._by_due[0][1] not in self._undelivered:
            heapq.heappop(self._by_due)
        return self._by_due[0][0] if self._by_due else None

    async def settle(self, until: int) -> None:
        """Returns when no event due at or before `until` (milliseconds UTC) is left untold.

        It waits for the clock to get there, and for as long as nobody answers; give it a time limit.
        """
        while (due := self.next_due()) is not None and due <= until:
            await self._progress.wait()

    async def drop_all(self) -> None:
        """Forgets everything still to be told, and breaks off what is being told."""
        self._undelivered.clear()
        self._by_due.clear()
        self._waiting.clear()
        self._lines.clear()
        walks = list(self._tasks)
        for walk in walks:
            walk.cancel()
        await asyncio.gather(*walks, return_exceptions=True)
        self._move_on()

    async def close(self) -> None:
        """Stops; what is untold stays in the memory."""
        tasks = [*self._tasks, *([] if self._rounds is None else [self._rounds])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._write_off()
        if self._session is not None:
            await self._session.close()

    async def _go_round(self) -> None:
        while True:
            now = self._clock.now()
            while self._waiting and self._waiting[0][0] <= now:
                event = heapq.heappop(self._waiting)[2]
                phone = event.callback.recipient
                line = self._lines.get(phone)
                if line is None:
                    line = self._lines[phone] = deque()
                    walk = asyncio.create_task(self._walk(phone, line))
                    self._tasks.add(walk)
                    walk.add_done_callback(self._tasks.discard)
                line.append(event)
            await self._clock.wait(self._waiting[0][0] if self._waiting else None, self._woken)

    async def _walk(self, phone: str, line: deque[Event]) -> None:
        while line:
            event = line[0]
            tries = 0
            while not await self._send(event.callback, tries):
                tries += 1
                await asyncio.sleep(self._retry_s if tries < self._patient_after else self._patient_s)
            line.popleft()
            self._undelivered.discard(event.id)
            if not self._delivered:
                # All that were answered in one turn of the loop share a commit; told twice is no harm.
                asyncio.get_running_loop().call_soon(self._write_off)
            self._delivered.append(event.id)
            self._move_on()
        if self._lines.get(phone) is line:
            del self._lines[phone]

    async def _send(self, callback: ScheduledCallback, tries: int) -> bool:
        address = self._address_of(callback)
        if address is None:
            _log.warning("sandbox.no_callback_address", service_id=callback.service_id)
            return True
        try:
            async with self._room:
                answer: int | str = await self._request(address, callback)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            answer = type(error).__name__
        if isinstance(answer, int) and 200 <= answer < 300:
            return True
        if tries in (0, self._patient_after):
            _log.warning(
                "sandbox.callback_refused",
                recipient=mask_number(callback.recipient),
                answer=answer,
                tries=tries + 1,
            )
        return False

    async def _request(self, address: str, callback: ScheduledCallback) -> int:
        if self._session is None:
            raise RuntimeError("the postman was not started")
        method, body, headers = "GET", None, dict(self._headers_of(callback))
        if callback.body:
            method, body = "POST", callback.body.encode()
            headers["Content-Type"] = "application/json"
        async with self._session.request(
            method, URL(address, encoded=True), data=body, headers=headers, allow_redirects=False
        ) as response:
            await response.read()
            return response.status

    def _write_off(self) -> None:
        delivered, self._delivered = self._delivered, []
        if delivered:
            self._store.forget(delivered)

    def _move_on(self) -> None:
        self._progress.set()
        self._progress = asyncio.Event()
