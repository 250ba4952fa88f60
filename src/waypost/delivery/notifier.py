"""The callback stage: pushes callback events, in order for a message, until each is delivered or dead.

The protocol is that of ChatApp's HTTP callbacks: a POST of a JSON array, which the receiver answers within
the timeout with 200 and `{"code":0}`.
"""

import asyncio
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable

import aiohttp
import msgspec
import structlog

from waypost.delivery.concurrency import gather_all
from waypost.delivery.context import DeliveryContext
from waypost.delivery.options import CallbackOptions
from waypost.model.identifiers import AccountId
from waypost.model.message.destinations import declared_urls, secret_of_url
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Callback, CallbackState, Work

log = structlog.get_logger()

SIGNATURE_HEADER = "X-Waypost-Signature"
KIND_HEADER = "X-Waypost-Kind"
_MAX_RESPONSE_BYTES = 64 * 1024
# The maximum pause of a URL after a failed push, in seconds. During it no push to the URL is tried, so that a
# dead URL, and the timeouts of pushes to it, cannot block the callbacks of other customers.
_MAX_PAUSE_S = 5.0

PendingPush = tuple[Work, Callback]


def callback_signature(secret: str, at: int, body: bytes) -> str:
    """The value of `X-Waypost-Signature`: `t=<ms>,v1=<hex HMAC-SHA256 of "<ms>." + body>`.

    Args:
        at: the time of the push in milliseconds UTC, by which a receiver can refuse a replayed one.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Notifier:
    """Processes the rows of the callback stage.

    Args:
        session: the HTTP session for URLs that the operator declares in the settings.
        guarded_session: the HTTP session for URLs that were set by API calls; it refuses private addresses.
    """

    def __init__(
        self,
        store: Store,
        context: DeliveryContext,
        settings: CallbackOptions,
        session: aiohttp.ClientSession,
        guarded_session: aiohttp.ClientSession,
    ) -> None:
        self._store = store
        self._context = context
        self._settings = settings
        self._session = session
        self._guarded_session = guarded_session
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout)
        self._url_slots: dict[str, asyncio.Semaphore] = {}
        self._paused_until: dict[str, int] = {}
        self._pause = (
            int(min((_MAX_PAUSE_S, *settings.retry_schedule[:1])) * 1000) if settings.retry_schedule else 0
        )

    async def process(self, works: list[Work]) -> None:
        """Pushes the rows, several in a POST; those of a message stay together and in order."""
        by_target: dict[tuple[str, AccountId, str], list[PendingPush]] = defaultdict(list)
        deleted: list[Work] = []
        for work in works:
            callback = await self._store.find_callback(int(work.body))
            if callback is None:
                deleted.append(work)
            else:
                by_target[callback.url, callback.account_id, callback.kind].append((work, callback))
        if deleted:
            await self._store.transact(lambda tx: _finish_all(tx, deleted))
        await gather_all(
            self._push(url, account_id, kind, batch)
            for (url, account_id, kind), pushes in by_target.items()
            for batch in _batches(pushes, self._settings.batch)
        )

    async def _push(self, url: str, account_id: AccountId, kind: str, pushes: list[PendingPush]) -> None:
        slots = self._url_slots.setdefault(url, asyncio.Semaphore(self._settings.concurrency_per_url))
        async with slots:
            paused_until = self._paused_until.get(url, 0)
            if paused_until > self._context.clock.now():
                await self._store.transact(lambda tx: _postpone_all(tx, pushes, paused_until))
                return
            error = await self._post(url, account_id, kind, [callback for _, callback in pushes])
            if error is None:
                self._paused_until.pop(url, None)
            else:
                self._paused_until[url] = self._context.clock.now() + self._pause
        await self._store.transact(lambda tx: self._write_outcomes(tx, pushes, error))

    async def _post(
        self, url: str, account_id: AccountId, kind: str, callbacks: Iterable[Callback]
    ) -> str | None:
        """Sends a push; returns why it failed, or None."""
        body = ("[" + ",".join(callback.body for callback in callbacks) + "]").encode()
        headers = {"Content-Type": "application/json;charset=utf-8", KIND_HEADER: kind}
        configuration = self._context.configuration()
        secret = secret_of_url(configuration, account_id, url)
        if secret:
            headers[SIGNATURE_HEADER] = callback_signature(secret, self._context.clock.now(), body)
        declared = url in declared_urls(configuration, account_id)
        try:
            async with (self._session if declared else self._guarded_session).post(
                url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                answer = bytearray()
                # A read returns what has arrived so far, which may be part of the response.
                while len(answer) < _MAX_RESPONSE_BYTES and (chunk := await response.content.readany()):
                    answer += chunk
                return _response_error(response.status, bytes(answer))
        except TimeoutError:
            return f"no answer within {self._settings.timeout:g} s"
        except (aiohttp.ClientError, ValueError) as error:
            return f"{type(error).__name__}: {error}"[:200]

    def _write_outcomes(self, transaction: Transaction, pushes: list[PendingPush], error: str | None) -> None:
        # A later callback of a message must not become due before an earlier one that is still pending.
        not_before: dict[str, int] = {}
        for work, callback in pushes:
            until = self._write_outcome(
                transaction, work, callback, error, not_before.get(work.message_id, 0)
            )
            if work.message_id:
                not_before[work.message_id] = until

    def _write_outcome(
        self,
        transaction: Transaction,
        work: Work,
        callback: Callback,
        error: str | None,
        not_before: int,
    ) -> int:
        """Writes the outcome of a push; returns the time from which the next one of the message is due."""
        now = self._context.clock.now()
        schedule = self._settings.retry_schedule
        until = not_before
        # A copy, because a transaction may be run again from its start.
        callback = msgspec.structs.replace(callback, tries=callback.tries + 1, error=error or "")
        if error is None:
            callback.state = CallbackState.DELIVERED
            callback.ended_at = now
            transaction.finish(work)
        elif work.tries < len(schedule):
            until = max(not_before, now + int(schedule[work.tries] * 1000))
            transaction.postpone(work, until)
        else:
            callback.state = CallbackState.DEAD
            callback.ended_at = now
            transaction.finish(work)
            log.warning("callback.dead", account=callback.account_id, callback=callback.id, error=error)
        transaction.end_callback(callback)
        return until


def _postpone_all(transaction: Transaction, pushes: list[PendingPush], until: int) -> None:
    for work, _ in pushes:
        transaction.postpone(work, until, tried=False)


def _finish_all(transaction: Transaction, works: list[Work]) -> None:
    for work in works:
        transaction.finish(work)


def _batches(pushes: list[PendingPush], size: int) -> list[list[PendingPush]]:
    """Splits into batches of about `size`; those of one message stay together, in order."""
    by_message: dict[str, list[PendingPush]] = defaultdict(list)
    for push in sorted(pushes, key=lambda push: push[0].seq):
        by_message[push[0].message_id or f"inbound {push[1].id}"].append(push)
    batches: list[list[PendingPush]] = [[]]
    for of_message in by_message.values():
        if batches[-1] and len(batches[-1]) + len(of_message) > size:
            batches.append([])
        batches[-1] += of_message
    return batches


def _response_error(status: int, body: bytes) -> str | None:
    """Why a receiver's response does not accept a push; None if it does."""
    if status != 200:
        return f"answered HTTP {status}, not 200"
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return f"answered {body[:60]!r}, not a JSON object with code 0"
    code = None
    if isinstance(answer, dict):
        # Some receivers in use answer `{"Code":0,...}`.
        code = answer.get("code", answer.get("Code"))
    if isinstance(code, bool) or not isinstance(code, int | float):
        return f"answered {body[:60]!r}, not a JSON object with code 0"
    return None if code == 0 else f"answered code {code}, not 0"
