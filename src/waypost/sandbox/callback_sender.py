"""Sends the simulated providers' callbacks when they are due, and retries each until it is answered 2xx."""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping

import aiohttp
import structlog
from yarl import URL

from waypost.clock import Clock
from waypost.model.masking import mask_number
from waypost.sandbox.sandbox_store import SandboxStore, ScheduledCallback, StoredCallback

_CONCURRENCY = 64
_TIMEOUT = aiohttp.ClientTimeout(total=10)

_log = structlog.get_logger(__name__)


class CallbackSender:
    """Sends callbacks by due time; one after another for one phone, concurrently for different phones.

    Retry delays are real time, not sandbox time, because they wait for a Waypost that is down.

    Args:
        clock: the sandbox's clock.
        store: the callbacks; those left from an earlier run are sent too.
        address_of: the URL that a callback goes to now; None discards it.
        headers_of: the headers that authenticate a callback.
        retry_s: seconds between tries.
        slow_after: the number of tries after which the delay becomes `slow_retry_s`, and the clock waits no
            more for the callback and those of its phone behind it.
        slow_retry_s: seconds between later tries.
    """

    def __init__(
        self,
        clock: Clock,
        store: SandboxStore,
        address_of: Callable[[ScheduledCallback], str | None],
        headers_of: Callable[[ScheduledCallback], Mapping[str, str]] = lambda _: {},
        *,
        retry_s: float = 0.5,
        slow_after: int = 20,
        slow_retry_s: float = 5.0,
    ) -> None:
        self._clock = clock
        self._store = store
        self._address_of = address_of
        self._headers_of = headers_of
        self._retry_s = retry_s
        self._slow_after = slow_after
        self._slow_retry_s = slow_retry_s
        self._undelivered: set[int] = set()
        # The phones whose first callback was refused so often that nothing waits for it any more.
        self._refused: set[str] = set()
        self._by_due: list[tuple[int, int, str]] = []
        self._waiting: list[tuple[int, int, StoredCallback]] = []
        self._queues: dict[str, deque[StoredCallback]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._progress = asyncio.Event()
        self._delivered: list[int] = []
        self._request_slots = asyncio.Semaphore(_CONCURRENCY)
        self._session: aiohttp.ClientSession | None = None
        self._scheduler: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts sending, beginning with the callbacks left from an earlier run."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONCURRENCY), timeout=_TIMEOUT, trust_env=False
        )
        self.schedule(self._store.undelivered())
        self._scheduler = asyncio.create_task(self._schedule_due(), name="sandbox-callback-sender")

    def schedule(self, callbacks: Iterable[StoredCallback]) -> None:
        """Schedules callbacks that are in the store already."""
        for stored in callbacks:
            due = stored.callback.due
            self._undelivered.add(stored.id)
            heapq.heappush(self._by_due, (due, stored.id, stored.callback.recipient))
            heapq.heappush(self._waiting, (due, stored.id, stored))
        self._woken.set()

    def next_due(self) -> int | None:
        """The due time of the earliest callback that the clock waits for, in milliseconds UTC; None for none.

        Those that are refused again and again are not among them once they are due.
        """
        if self._refused:
            now = self._clock.now()
            return min(
                (
                    due
                    for due, id_, phone in self._by_due
                    if id_ in self._undelivered and (due > now or phone not in self._refused)
                ),
                default=None,
            )
        return self._earliest_undelivered()

    def _earliest_undelivered(self) -> int | None:
        while self._by_due and self._by_due[0][1] not in self._undelivered:
            heapq.heappop(self._by_due)
        return self._by_due[0][0] if self._by_due else None

    async def settle(self, until: int) -> None:
        """Returns when every callback due at or before `until` (milliseconds UTC) is delivered.

        It waits for the clock to reach them and for Waypost to answer; give it a time limit.
        """
        while (due := self._earliest_undelivered()) is not None and due <= until:
            await self._progress.wait()

    async def close(self) -> None:
        """Stops sending; undelivered callbacks stay in the store."""
        tasks = [*self._tasks, *([] if self._scheduler is None else [self._scheduler])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._delete_delivered()
        if self._session is not None:
            await self._session.close()

    async def _schedule_due(self) -> None:
        while True:
            now = self._clock.now()
            while self._waiting and self._waiting[0][0] <= now:
                stored = heapq.heappop(self._waiting)[2]
                phone = stored.callback.recipient
                queue = self._queues.get(phone)
                if queue is None:
                    queue = self._queues[phone] = deque()
                    delivery = asyncio.create_task(self._deliver_queue(phone, queue))
                    self._tasks.add(delivery)
                    delivery.add_done_callback(self._tasks.discard)
                queue.append(stored)
            await self._clock.wait(self._waiting[0][0] if self._waiting else None, self._woken)

    async def _deliver_queue(self, phone: str, queue: deque[StoredCallback]) -> None:
        while queue:
            stored = queue[0]
            tries = 0
            while not await self._send(stored.callback, tries):
                tries += 1
                if tries == self._slow_after:
                    self._refused.add(phone)
                await asyncio.sleep(self._retry_s if tries < self._slow_after else self._slow_retry_s)
            queue.popleft()
            self._refused.discard(phone)
            self._undelivered.discard(stored.id)
            if not self._delivered:
                # Those answered in one turn of the loop share a commit; a crash before it only repeats them.
                asyncio.get_running_loop().call_soon(self._delete_delivered)
            self._delivered.append(stored.id)
            self._signal_progress()
        if self._queues.get(phone) is queue:
            del self._queues[phone]

    async def _send(self, callback: ScheduledCallback, tries: int) -> bool:
        address = self._address_of(callback)
        if address is None:
            _log.warning("sandbox.no_callback_address", service_id=callback.service_id)
            return True
        try:
            async with self._request_slots:
                answer: int | str = await self._request(address, callback)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            answer = type(error).__name__
        if isinstance(answer, int) and 200 <= answer < 300:
            return True
        if tries in (0, self._slow_after):
            _log.warning(
                "sandbox.callback_refused",
                recipient=mask_number(callback.recipient),
                answer=answer,
                tries=tries + 1,
            )
        return False

    async def _request(self, address: str, callback: ScheduledCallback) -> int:
        if self._session is None:
            raise RuntimeError("the callback sender was not started")
        method, body, headers = "GET", None, dict(self._headers_of(callback))
        if callback.body:
            method, body = "POST", callback.body.encode()
            headers["Content-Type"] = "application/json"
        async with self._session.request(
            method, URL(address, encoded=True), data=body, headers=headers, allow_redirects=False
        ) as response:
            await response.read()
            return response.status

    def _delete_delivered(self) -> None:
        delivered, self._delivered = self._delivered, []
        if delivered:
            self._store.delete(delivered)

    def _signal_progress(self) -> None:
        self._progress.set()
        self._progress = asyncio.Event()
