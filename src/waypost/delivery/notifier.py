"""The callback stage: pushes callback events, in order for a message, until each is delivered or dead.

The protocol is that of ChatApp's HTTP callbacks: a POST of a JSON array, which the receiver answers within
the timeout with 200 and `{"code":0}`. What waits for a place goes into the next array.
"""

import asyncio
import hashlib
import hmac
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import aiohttp
import msgspec
import structlog
from yarl import URL

from waypost.clock import steady_seconds, wall_seconds
from waypost.delivery.concurrency import gather_all
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatcher import Release
from waypost.delivery.options import CallbackOptions
from waypost.delivery.outages import Outage
from waypost.model.foreign_documents import charset_of
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder
from waypost.model.identifiers import AccountId
from waypost.model.message.destinations import declared_urls, secret_of_url
from waypost.model.message.lanes import parse_callback_lane
from waypost.outbound.kept_alive import post
from waypost.outbound.proxy import chosen_proxy
from waypost.storage.changes import Change, Command, EndCallback, FinishPush, Postpone
from waypost.storage.contract import Store, StoreUnavailableError
from waypost.storage.records import Callback, CallbackState, Stage, Work

log = structlog.get_logger()

_decode_answer = foreign_decoder(dict[str, Any])

SIGNATURE_HEADER = "X-Waypost-Signature"
KIND_HEADER = "X-Waypost-Kind"
_MAX_RESPONSE_BYTES = 64 * 1024
# How long to wait before an outcome is written again, in real seconds: doubled each time.
_FIRST_WRITE_RETRY_S = 0.25
_LAST_WRITE_RETRY_S = 5.0
# The maximum pause of a URL after a failed push, in seconds. During it no push to the URL is tried, so that a
# dead URL, and the timeouts of pushes to it, cannot block the callbacks of other customers.
_MAX_PAUSE_S = 5.0
# How long the last failed push to a URL, which was not tried again since, tells of it.
_REMEMBERED_FAILURE_MS = 900_000


class _Push:
    """A claimed push with the callbacks that wait for it, in order.

    Attributes:
        ended: done when its outcome is written; has the error if it could not be.
    """

    __slots__ = ("callbacks", "ended", "release", "work")

    def __init__(self, work: Work, callbacks: list[Callback], release: Release) -> None:
        self.work = work
        self.callbacks = callbacks
        self.release = release
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()


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
        pause: lets a lane rest until a time, milliseconds UTC.
        require_public: raises OSError for a URL with a private address; asked before a proxy gets a URL that
            was set by an API call. None if such may have any address.

    Attributes:
        tried: how many tries callbacks had, by account and the state that each led to.
    """

    def __init__(
        self,
        store: Store,
        context: DeliveryContext,
        settings: CallbackOptions,
        session: aiohttp.ClientSession,
        guarded_session: aiohttp.ClientSession,
        pause: Callable[[str, int], None] = lambda lane, until: None,
        require_public: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._context = context
        self._settings = settings
        self._session = session
        self._guarded_session = guarded_session
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout)
        self._pause_lane = pause
        self._require_public = require_public
        self._lanes: dict[str, deque[_Push]] = {}
        # The lanes that have pushes, by host and in turns.
        self._hosts: defaultdict[str, deque[str]] = defaultdict(deque)
        # Pushes under way by host, and by host and account.
        self._under_way: Counter[str] = Counter()
        self._of_account: Counter[tuple[str, str]] = Counter()
        self._paused_until: dict[str, int] = {}
        self._outages: dict[str, Outage] = {}
        self.tried: Counter[tuple[AccountId, str]] = Counter()
        self._pause = (
            int(min((_MAX_PAUSE_S, *settings.retry_schedule[:1])) * 1000) if settings.retry_schedule else 0
        )

    async def process(self, works: Sequence[Work], release: Release) -> None:
        """Pushes the callbacks that wait for the rows, those of several rows in a POST."""
        waiting = defaultdict(list)
        for callback in await self._store.waiting_callbacks(works):
            key = callback.message_id or str(callback.id)
            waiting[key, callback.url].append(callback)
        delivered: list[Work] = []
        pushes: list[_Push] = []
        for work in works:
            url = parse_callback_lane(work.lane).url
            callbacks = waiting.get((work.message_id or work.body, url))
            if callbacks:
                pushes.append(_Push(work, callbacks[: self._settings.batch], release))
            else:
                delivered.append(work)
        hosts = {push.work.lane: self._line_up(push) for push in pushes}
        # A loop a lane, as far as the host has places; that of another batch may push some of these.
        ended = [*map(self._push_host, hosts.values()), *(push.ended for push in pushes)]
        await gather_all([*ended, self._finish(delivered, release)] if delivered else ended)

    def failing_lanes(self, now: int) -> list[str]:
        """The lanes whose last push failed, not long ago."""
        return [lane for lane, until in self._paused_until.items() if until > now - _REMEMBERED_FAILURE_MS]

    async def _finish(self, works: Sequence[Work], release: Release) -> None:
        """Removes pushes for which no callback waits."""
        await self._store.apply([Change([FinishPush(work)], [work]) for work in works])
        for work in works:
            release(work)

    def _line_up(self, push: _Push) -> str:
        """Lets a push wait for a place of its host, which is returned."""
        lane = push.work.lane
        host = host_of(parse_callback_lane(lane).url)
        if lane not in self._lanes:
            self._lanes[lane] = deque()
            self._hosts[host].append(lane)
        self._lanes[lane].append(push)
        return host

    async def _push_host(self, host: str) -> None:
        """Pushes what waits for a host while it has a place, its lanes in turns."""
        lanes = self._hosts[host]
        while (lane := self._next_lane(host, lanes)) is not None:
            lanes.remove(lane)
            account = host, parse_callback_lane(lane).account_id
            pushes = self._next_pushes(self._lanes[lane])
            if self._lanes[lane]:
                lanes.append(lane)
            else:
                del self._lanes[lane]
            self._under_way[host] += 1
            self._of_account[account] += 1
            try:
                await self._push(lane, pushes)
            finally:
                self._under_way[host] -= 1
                self._of_account[account] -= 1
                if not self._of_account[account]:
                    del self._of_account[account]
        if not lanes:
            self._hosts.pop(host, None)

    def _next_lane(self, host: str, lanes: Iterable[str]) -> str | None:
        """The lane that has the next place of a host; None if there is none.

        The last quarter of the places is for accounts that have no push under way to the host: a slow URL of
        one account cannot hold up another one's at the same host.
        """
        places = self._settings.concurrency_per_url
        free = places - self._under_way[host]
        if free <= 0:
            return None
        is_open = free > places // 4
        for lane in lanes:
            if is_open or not self._of_account[host, parse_callback_lane(lane).account_id]:
                return lane
        return None

    def _next_pushes(self, pushes: deque[_Push]) -> list[_Push]:
        """Takes as many pushes as fit into one POST, all of one kind."""
        taken = [pushes.popleft()]
        size = len(taken[0].callbacks)
        kind = taken[0].callbacks[0].kind
        while (
            pushes
            and pushes[0].callbacks[0].kind == kind
            and size + len(pushes[0].callbacks) <= self._settings.batch
        ):
            size += len(pushes[0].callbacks)
            taken.append(pushes.popleft())
        return taken

    async def _push(self, lane: str, pushes: Sequence[_Push]) -> None:
        """Makes a push and writes its outcome; an error is that of all its parts."""
        try:
            await self._write(pushes, await self._outcome(lane, pushes))
        except Exception as error:  # noqa: BLE001 - those who wait for the pushes raise it
            for push in pushes:
                push.ended.set_exception(error)
        else:
            for push in pushes:
                push.release(push.work)
                push.ended.set_result(None)

    async def _write(self, pushes: Sequence[_Push], changes: Sequence[Change]) -> None:
        """Writes the outcomes of pushes while their claims hold, so that what was delivered is not pushed
        again because the database was away for a moment."""
        deadline = max(push.work.deadline for push in pushes)
        delay = _FIRST_WRITE_RETRY_S
        while True:
            try:
                await self._store.apply(changes)
            except StoreUnavailableError as error:
                if delay == _FIRST_WRITE_RETRY_S:
                    log.warning("callback.not_written", pushes=len(pushes), error=str(error))
                if steady_seconds() + delay >= deadline:
                    raise
                await asyncio.sleep(delay)
                delay = min(2 * delay, _LAST_WRITE_RETRY_S)
            else:
                return

    async def _outcome(self, lane: str, pushes: Sequence[_Push]) -> list[Change]:
        until = self._paused_until.get(lane, 0)
        if until > self._context.clock.now():
            return [_postponed(push, until) for push in pushes]
        # The process was held up: by the end of this push another one may hold the work.
        latest = steady_seconds() + self._settings.timeout
        late = [_postponed(push, push.work.visible_at) for push in pushes if push.work.deadline < latest]
        pushes = [push for push in pushes if push.work.deadline >= latest]
        if not pushes:
            return late
        account_id, url = parse_callback_lane(lane)
        callbacks = [callback for push in pushes for callback in push.callbacks]
        try:
            error = await self._post(url, account_id, callbacks[0].kind, callbacks)
        except Exception as unexpected:
            # It is a failed try like any other, so that it neither repeats at once nor for ever.
            log.exception("stage.failed", stage=Stage.CALLBACK.value, account=account_id)
            error = f"not pushed: {type(unexpected).__name__} in Waypost"
        self._note(lane, error)
        if error is None:
            self._paused_until.pop(lane, None)
        else:
            until = self._paused_until[lane] = self._context.clock.now() + self._pause
            self._pause_lane(lane, until)
        return late + [self._end(push, error) for push in pushes]

    def _seconds(self) -> float:
        return self._context.clock.now() / 1000

    def _note(self, lane: str, error: str | None) -> None:
        """Logs that a URL begins to fail, and that it is well again. Of the URL only its host: the rest may
        be a secret of the customer's."""
        if error is None and lane not in self._outages:
            return
        account_id, url = parse_callback_lane(lane)
        outage = self._outages.setdefault(lane, Outage(self._pause / 1000, self._seconds))
        if error is not None:
            if outage.note_failure():
                log.warning(
                    "callback.failing",
                    account=account_id,
                    host=_bare_host(url),
                    error=error,
                    failed=outage.failed,
                )
        elif (recovery := outage.note_answer()) is not None:
            del self._outages[lane]
            log.warning(
                "callback.recovered",
                account=account_id,
                host=_bare_host(url),
                failed=recovery.failed,
                seconds=recovery.seconds,
            )

    async def _post(
        self, url: str, account_id: AccountId, kind: str, callbacks: Iterable[Callback]
    ) -> str | None:
        """Sends a push; returns why it failed, or None."""
        body = ("[" + ",".join(callback.body for callback in callbacks) + "]").encode()
        headers = {"Content-Type": "application/json;charset=utf-8", KIND_HEADER: kind}
        configuration = self._context.configuration()
        secret = secret_of_url(configuration, account_id, url)
        if secret:
            headers[SIGNATURE_HEADER] = callback_signature(secret, int(wall_seconds() * 1000), body)
        declared = url in declared_urls(configuration, account_id)
        try:
            proxy = chosen_proxy(self._settings.proxy, url)
            if proxy and not declared and self._require_public is not None:
                await self._require_public(url)
            options = {"headers": headers, "timeout": self._timeout, "proxy": proxy or None}
            # The address that a proxy has says nothing of the one that it connects to.
            session = self._session if declared or proxy else self._guarded_session
            async with await post(session, url, data=body, allow_redirects=False, **options) as response:
                answer = bytearray()
                # A read returns what has arrived so far, which may be part of the response.
                while len(answer) < _MAX_RESPONSE_BYTES and (chunk := await response.content.readany()):
                    answer += chunk
                charset = charset_of(response.headers.get("Content-Type", ""))
                return _response_error(response.status, bytes(answer), charset)
        except TimeoutError:
            return f"no answer within {self._settings.timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"{type(error).__name__}: {error}"[:200]

    def _end(self, push: _Push, error: str | None) -> Change:
        """The outcome of a push."""
        now, schedule = self._context.clock.now(), self._settings.retry_schedule
        commands: list[Command] = []
        retried: list[Callback] = []
        for callback in push.callbacks:
            tries = callback.tries + 1
            dead = error is not None and tries > len(schedule)
            ended = msgspec.structs.replace(callback, tries=tries, error=error or "")
            if error is None or dead:
                ended.state = CallbackState.DEAD if dead else CallbackState.DELIVERED
                ended.ended_at = now
            else:
                retried.append(ended)
            if dead:
                log.warning(
                    "callback.dead",
                    account=callback.account_id,
                    callback=callback.id,
                    message_id=callback.message_id,
                    error=error,
                )
            self.tried[callback.account_id, ended.state.value] += 1
            commands.append(EndCallback(ended))
        if retried:
            due = now + int(schedule[retried[0].tries - 1] * 1000)
            commands.append(Postpone(push.work, due))
        else:
            commands.append(FinishPush(push.work))
        return Change(commands, [push.work])


def _postponed(push: _Push, until: int) -> Change:
    """Frees a push that was not made."""
    return Change([Postpone(push.work, until, tried=False)], [push.work])


@lru_cache(1024)
def host_of(url: str) -> str:
    """The host and port of a URL, by which the requests under way are counted; of no URL the text itself."""
    try:
        return URL(url).authority
    except ValueError:
        return url


def _bare_host(url: str) -> str:
    """The host and port of a URL without a name and password."""
    return host_of(url).rpartition("@")[2]


def _response_error(status: int, body: bytes, charset: str = "") -> str | None:
    """Why a receiver's response does not accept a push; None if it does.

    Args:
        charset: the encoding that the receiver declared; empty for none.
    """
    if status != 200:
        return f"answered HTTP {status}, not 200"
    try:
        answer = _decode_answer(body, charset)
    except UnreadableJsonError:
        return f"answered {body[:60]!r}, not a JSON object with code 0"
    # Some receivers in use answer `{"Code":0,...}`.
    code = answer.get("code", answer.get("Code"))
    if isinstance(code, bool) or not isinstance(code, int | float):
        return f"answered {body[:60]!r}, not a JSON object with code 0"
    return None if code == 0 else f"answered code {str(code)[:20]}, not 0"
