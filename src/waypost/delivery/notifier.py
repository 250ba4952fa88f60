"""The callback stage: pushes callback events, in order for a message, until one is delivered or dead.

The push protocol is receipts.md, section 2: POST of a JSON array, answered 200 with `{"code":0}` in time.
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
_LONGEST_ANSWER = 64 * 1024
# After a failed push its URL is left alone for so many seconds at most, so that one customer's dead URL, and
# the time each push to it takes, cannot hold up the callbacks of others.
_LONGEST_PAUSE = 5.0

PendingPush = tuple[Work, Callback]


def sign(secret: str, at: int, body: bytes) -> str:
    """The value of `X-Waypost-Signature`: `t=<ms>,v1=<hex HMAC-SHA256 of "<ms>." + body>`.

    Args:
        at: milliseconds UTC, so that a receiver can refuse an old push that somebody plays again.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Notifier:
    """Pushes callbacks.

    Args:
        session: makes the pushes to URLs that the operator declares; connections of its own.
        guarded: makes those to URLs that calls have set.
    """

    def __init__(
        self,
        store: Store,
        context: DeliveryContext,
        settings: CallbackOptions,
        session: aiohttp.ClientSession,
        guarded: aiohttp.ClientSession,
    ) -> None:
        self._store = store
        self._context = context
        self._settings = settings
        self._session = session
        self._guarded = guarded
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout)
        self._lanes: dict[str, asyncio.Semaphore] = {}
        self._paused_until: dict[str, int] = {}
        self._pause = (
            int(min((_LONGEST_PAUSE, *settings.retry_schedule[:1])) * 1000) if settings.retry_schedule else 0
        )

    async def process(self, works: list[Work]) -> None:
        """Pushes the rows, several objects to a POST, each message's together and in order."""
        by_target: dict[tuple[str, AccountId, str], list[PendingPush]] = defaultdict(list)
        gone: list[Work] = []
        for work in works:
            callback = await self._store.find_callback(int(work.body))
            if callback is None:
                gone.append(work)
            else:
                by_target[callback.url, callback.account_id, callback.kind].append((work, callback))
        if gone:
            await self._store.transact(lambda tx: _finish_all(tx, gone))
        await gather_all(
            self._push(url, account_id, kind, part)
            for (url, account_id, kind), pushed in by_target.items()
            for part in _parts(pushed, self._settings.batch)
        )

    async def _push(self, url: str, account_id: AccountId, kind: str, pushed: list[PendingPush]) -> None:
        lane = self._lanes.setdefault(url, asyncio.Semaphore(self._settings.concurrency_per_url))
        async with lane:
            paused_until = self._paused_until.get(url, 0)
            if paused_until > self._context.clock.now():
                await self._store.transact(lambda tx: _postpone_all(tx, pushed, paused_until))
                return
            error = await self._post(url, account_id, kind, [callback for _, callback in pushed])
            if error is None:
                self._paused_until.pop(url, None)
            else:
                self._paused_until[url] = self._context.clock.now() + self._pause
        await self._store.transact(lambda tx: self._write_outcomes(tx, pushed, error))

    async def _post(
        self, url: str, account_id: AccountId, kind: str, callbacks: Iterable[Callback]
    ) -> str | None:
        """Makes one push; what was wrong with its answer, or None."""
        body = ("[" + ",".join(callback.body for callback in callbacks) + "]").encode()
        headers = {"Content-Type": "application/json;charset=utf-8", KIND_HEADER: kind}
        configuration = self._context.configuration()
        secret = secret_of_url(configuration, account_id, url)
        if secret:
            headers[SIGNATURE_HEADER] = sign(secret, self._context.clock.now(), body)
        declared = url in declared_urls(configuration, account_id)
        try:
            async with (self._session if declared else self._guarded).post(
                url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                answer = bytearray()
                # One read gives what has come so far, which may be half an answer.
                while len(answer) < _LONGEST_ANSWER and (more := await response.content.readany()):
                    answer += more
                return _refusal_reason(response.status, bytes(answer))
        except TimeoutError:
            return f"no answer within {self._settings.timeout:g} s"
        except (aiohttp.ClientError, ValueError) as error:
            return f"{type(error).__name__}: {error}"[:200]

    def _write_outcomes(self, transaction: Transaction, pushed: list[PendingPush], error: str | None) -> None:
        # A later callback of a message never becomes due before an earlier one that is still owed.
        not_before: dict[str, int] = {}
        for work, callback in pushed:
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
        """Writes what came of one push; until when the later ones of its message have to wait."""
        now = self._context.clock.now()
        schedule = self._settings.retry_schedule
        until = not_before
        # A copy: a transaction may be run again from its start.
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


def _postpone_all(transaction: Transaction, pushed: list[PendingPush], until: int) -> None:
    for work, _ in pushed:
        transaction.postpone(work, until, tried=False)


def _finish_all(transaction: Transaction, works: list[Work]) -> None:
    for work in works:
        transaction.finish(work)


def _parts(pushed: list[PendingPush], size: int) -> list[list[PendingPush]]:
    """Splits into parts of about `size`; all of one message stay together, in order."""
    by_message: dict[str, list[PendingPush]] = defaultdict(list)
    for item in sorted(pushed, key=lambda item: item[0].seq):
        by_message[item[0].message_id or f"inbound {item[1].id}"].append(item)
    parts: list[list[PendingPush]] = [[]]
    for of_one in by_message.values():
        if parts[-1] and len(parts[-1]) + len(of_one) > size:
            parts.append([])
        parts[-1] += of_one
    return parts


def _refusal_reason(status: int, body: bytes) -> str | None:
    """What is wrong with a receiver's answer; None when it took the push."""
    if status != 200:
        return f"answered HTTP {status}, not 200"
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return f"answered {body[:60]!r}, not a JSON object with code 0"
    code = None
    if isinstance(answer, dict):
        # Receivers that answer `{"Code":0,...}` are in use (live-observations.md, section 7).
        code = answer.get("code", answer.get("Code"))
    if isinstance(code, bool) or not isinstance(code, int | float):
        return f"answered {body[:60]!r}, not a JSON object with code 0"
    return None if code == 0 else f"answered code {code}, not 0"
