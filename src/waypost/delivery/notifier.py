"""The callback stage: pushes callback events, in order for a message, until each is delivered or dead.

The protocol is that of ChatApp's HTTP callbacks: a POST of a JSON array, which the receiver answers within
the timeout with 200 and `{"code":0}`. What waits for a place goes into the next array.
"""

import asyncio
import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

import aiohttp
import structlog
from msgspec.structs import replace

from waypost.clock import steady_seconds, wall_seconds
from waypost.delivery.concurrency import gather_all
from waypost.delivery.context import DeliveryContext
from waypost.delivery.dispatcher import Release
from waypost.delivery.options import CallbackOptions
from waypost.delivery.outages import Outage
from waypost.delivery.push_lines import Line, Push, PushClaim, PushLines, callbacks_of, host_of
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
_lane_of, _body_of = attrgetter("lane"), attrgetter("body")
_claim_of, _work_of, _deadline_of = attrgetter("claim"), attrgetter("work"), attrgetter("work.deadline")

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
        self._lines = PushLines(settings)
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
        urls = {lane: parse_callback_lane(lane).url for lane in set(map(_lane_of, works))}
        claim = PushClaim(release)
        pushes: defaultdict[str, list[Push]] = defaultdict(list)
        delivered: list[Work] = []
        for work in works:
            lane = work.lane
            if callbacks := waiting.get((work.message_id or work.body, urls[lane])):
                push = Push(work, callbacks[: self._settings.batch], callbacks[0].kind, claim)
                pushes[lane].append(push)
            else:
                delivered.append(work)
        claim.begin(len(works) - len(delivered))
        hosts = [self._lines.add(lane, of_lane) for lane, of_lane in pushes.items()]
        # A loop a lane, as far as the host has places; that of another batch may push some of these.
        ended = [*map(self._push_host, hosts), claim.wait()]
        await gather_all([*ended, self._finish(delivered, release)] if delivered else ended)

    def failing_lanes(self, now: int) -> list[str]:
        """The lanes whose last push failed, not long ago."""
        return [lane for lane, until in self._paused_until.items() if until > now - _REMEMBERED_FAILURE_MS]

    async def _finish(self, works: Sequence[Work], release: Release) -> None:
        """Removes pushes for which no callback waits."""
        await self._store.apply([Change([FinishPush(work)], [work]) for work in works])
        for work in works:
            release(work)

    async def _push_host(self, host: str) -> None:
        """Pushes what waits for a host while it has a place."""
        while (begun := self._lines.begin(host)) is not None:
            line, pushes = begun
            try:
                await self._push(line, pushes)
            finally:
                self._lines.end(line)

    async def _push(self, line: Line, pushes: Sequence[Push]) -> None:
        """Makes a push and writes its outcome; an error is that of all its parts."""
        try:
            await self._write(pushes, await self._outcome(line, pushes))
        except Exception as error:  # noqa: BLE001 - those who wait for the pushes raise it
            for claim, of_claim in groupby(pushes, _claim_of):
                claim.fail(len(list(of_claim)), error)
        else:
            for claim, of_claim in groupby(pushes, _claim_of):
                claim.end(list(map(_work_of, of_claim)))

    async def _write(self, pushes: Sequence[Push], changes: Sequence[Change]) -> None:
        """Writes the outcomes of pushes while their claims hold, so that what was delivered is not pushed
        again because the database was away for a moment."""
        delay = _FIRST_WRITE_RETRY_S
        while True:
            try:
                await self._store.apply(changes)
            except StoreUnavailableError as error:
                if delay == _FIRST_WRITE_RETRY_S:
                    log.warning("callback.not_written", pushes=len(pushes), error=str(error))
                if steady_seconds() + delay >= max(map(_deadline_of, pushes)):
                    raise
                await asyncio.sleep(delay)
                delay = min(2 * delay, _LAST_WRITE_RETRY_S)
            else:
                return

    async def _outcome(self, line: Line, pushes: Sequence[Push]) -> list[Change]:
        until = self._paused_until.get(line.lane, 0)
        if until > self._context.clock.now():
            return [_postponed(push, until) for push in pushes]
        # The process was held up: by the end of this push another one may hold the work.
        latest = steady_seconds() + self._settings.timeout
        late: list[Change] = []
        if min(map(_deadline_of, pushes)) < latest:
            late = [_postponed(push, push.work.visible_at) for push in pushes if _deadline_of(push) < latest]
            pushes = [push for push in pushes if _deadline_of(push) >= latest]
            if not pushes:
                return late
        callbacks = list(chain.from_iterable(map(callbacks_of, pushes)))
        try:
            error = await self._post(line.url, line.account_id, pushes[0].kind, callbacks)
        except Exception as unexpected:
            # It is a failed try like any other, so that it neither repeats at once nor for ever.
            log.exception("stage.failed", stage=Stage.CALLBACK.value, account=line.account_id)
            error = f"not pushed: {type(unexpected).__name__} in Waypost"
        self._note(line, error)
        now = self._context.clock.now()
        if error is None:
            self._paused_until.pop(line.lane, None)
            self.tried[line.account_id, CallbackState.DELIVERED.value] += len(callbacks)
            return late + _delivered(pushes, now)
        until = self._paused_until[line.lane] = now + self._pause
        self._pause_lane(line.lane, until)
        return late + [self._failed(push, error, now) for push in pushes]

    def _seconds(self) -> float:
        return self._context.clock.now() / 1000

    def _note(self, line: Line, error: str | None) -> None:
        """Logs that a URL begins to fail, and that it is well again. Of the URL only its host: the rest may
        be a secret of the customer's."""
        if error is None and line.lane not in self._outages:
            return
        outage = self._outages.setdefault(line.lane, Outage(self._pause / 1000, self._seconds))
        if error is not None:
            if outage.note_failure():
                log.warning(
                    "callback.failing",
                    account=line.account_id,
                    host=_bare_host(line.url),
                    error=error,
                    failed=outage.failed,
                )
        elif (recovery := outage.note_answer()) is not None:
            del self._outages[line.lane]
            log.warning(
                "callback.recovered",
                account=line.account_id,
                host=_bare_host(line.url),
                failed=recovery.failed,
                seconds=recovery.seconds,
            )

    async def _post(
        self, url: str, account_id: AccountId, kind: str, callbacks: Iterable[Callback]
    ) -> str | None:
        """Sends a push; returns why it failed, or None."""
        body = ("[" + ",".join(map(_body_of, callbacks)) + "]").encode()
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

    def _failed(self, push: Push, error: str, now: int) -> Change:
        """The outcome of a push that failed: its callbacks are tried again, or dead."""
        schedule = self._settings.retry_schedule
        commands: list[Command] = []
        retried: list[Callback] = []
        for callback in push.callbacks:
            ended = replace(callback, tries=callback.tries + 1, error=error)
            if ended.tries > len(schedule):
                ended.state, ended.ended_at = CallbackState.DEAD, now
                log.warning(
                    "callback.dead",
                    account=callback.account_id,
                    callback=callback.id,
                    message_id=callback.message_id,
                    error=error,
                )
            else:
                retried.append(ended)
            self.tried[callback.account_id, ended.state.value] += 1
            commands.append(EndCallback(ended))
        if retried:
            due = now + int(schedule[retried[0].tries - 1] * 1000)
            commands.append(Postpone(push.work, due))
        else:
            commands.append(FinishPush(push.work))
        return Change(commands, [push.work])


def _delivered(pushes: Sequence[Push], now: int) -> list[Change]:
    """The outcome of pushes that their receiver accepted."""
    deliver = partial(replace, state=CallbackState.DELIVERED, error="", ended_at=now)
    changes = []
    for push in pushes:
        ended = [EndCallback(deliver(callback, tries=callback.tries + 1)) for callback in push.callbacks]
        changes.append(Change([*ended, FinishPush(push.work)], [push.work]))
    return changes


def _postponed(push: Push, until: int) -> Change:
    """Frees a push that was not made."""
    return Change([Postpone(push.work, until, tried=False)], [push.work])


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
