"""The queue service at `/queues`: the way of a request, and its operations."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from waypost.api.caller import Caller, Origin, authorise
from waypost.api.errors.catalogue import ApiError
from waypost.api.gateway import Guards
from waypost.api.queues import wire
from waypost.api.queues.calls import Asked, QueueCall, asked, identify
from waypost.api.queues.errors import QueueError
from waypost.api.queues.receiving import Receiving
from waypost.clock import Clock, steady_seconds, wall_seconds
from waypost.model.configuration import Configuration
from waypost.model.identifiers import new_request_id
from waypost.model.queues import queue_names
from waypost.storage.contract import Store, StoreUnavailableError

log = structlog.get_logger()

VERSION = "2015-06-06"
MOST_AT_ONCE = 16
LONGEST_POLL = 30
LONGEST_HIDDEN = 43_200
_LARGEST_LIST = 1000
_LARGEST_MESSAGE = 65_536
_LONGEST_BODY = 64 * 1024
_REFUSED = ("CreateQueue", "SetQueueAttributes", "DeleteQueue", "SendMessage")

Answer = tuple[int, str]


class QueueApi:
    """Answers the queue service's requests.

    Args:
        configuration: gives the current snapshot.
        public_url: how this service is reached from outside; empty for the host the caller used.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        guards: Guards,
        receiving: Receiving,
        *,
        public_url: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._guards = guards
        self._receiving = receiving
        self._public_url = public_url
        self._closed = False
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def close(self) -> None:
        """Refuses requests from now on, ends the long polls, and returns when all in flight are answered."""
        self._closed = True
        self._receiving.close()
        await self._idle.wait()

    async def handle(self, request: Request) -> Response:
        """Answers one HTTP request."""
        self._in_flight += 1
        self._idle.clear()
        try:
            return await self._answer(request)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def _answer(self, request: Request) -> Response:
        request_id = new_request_id()
        try:
            if self._closed:
                raise QueueError("InternalError", "This service is being stopped; call again.")
            call = await _read(request)
            wanted = asked(call)
            caller = identify(call, self._guards.keys, self._guards.failed, wall_seconds())
            origin = Origin(call.peer, request.url.scheme == "https", wall_seconds())
            self._permit(wanted, caller, origin)
            base = self._public_url or f"{request.url.scheme}://{_host(request)}"
            return _response(request_id, *await self._handle(call, wanted, caller, base))
        except QueueError as refusal:
            error = refusal
        except StoreUnavailableError as cause:
            log.error("store.unavailable", fault=str(cause), request_id=request_id)
            error = QueueError("InternalError", "Nothing was done; call again.")
        except Exception:
            log.exception("queue.fault", request_id=request_id)
            error = QueueError("InternalError")
        return _response(request_id, error.status, wire.error_xml(error, request_id, _host(request)))

    def _permit(self, wanted: Asked, caller: Caller, origin: Origin) -> None:
        """Lets the caller do it.

        Raises:
            QueueError: too many calls, no permission, or a queue that is not the caller's.
        """
        action = f"mns:{wanted.operation}"
        wait = self._guards.throttle.allow(caller.account_id, action, steady_seconds())
        if wait:
            raise QueueError("QpsLimitExceeded", f"Call again in {wait} ms.")
        try:
            authorise(
                caller,
                action,
                self._configuration(),
                origin,
                resources=(f"acs:mns:*:{caller.account_id}:{wanted.place}",),
            )
        except ApiError as refusal:
            raise QueueError("AccessDenied", f"{refusal.code}: {refusal.message}") from None
        if wanted.queue and wanted.operation != "CreateQueue" and wanted.queue not in _own(caller):
            raise QueueError("QueueNotExist")
        if wanted.operation in _REFUSED:
            raise QueueError("AccessDenied", "Waypost alone makes, changes, fills and removes queues.")

    async def _handle(self, call: QueueCall, wanted: Asked, caller: Caller, base: str) -> Answer:
        query, queue = call.query, wanted.queue
        match wanted.operation:
            case "ListQueue":
                return await self._list(call.headers, caller, base)
            case "GetQueueAttributes":
                return 200, wire.attributes_xml(await self._attributes(queue))
            case "PeekMessage" | "BatchPeekMessage":
                return await self._peek(queue, query)
            case "ReceiveMessage" | "BatchReceiveMessage":
                return await self._receive(queue, query)
            case "ChangeMessageVisibility":
                return await self._hide(queue, query)
            case "DeleteMessage":
                return await self._delete(queue, query)
            case _:
                return await self._delete_many(queue, wire.read_handles(call.body, MOST_AT_ONCE))

    async def _receive(self, queue: str, query: Mapping[str, str]) -> Answer:
        limit = _number(query, "numofmessages", 1, MOST_AT_ONCE, 1)
        wait = _number(query, "waitseconds", 0, LONGEST_POLL, 0)
        received = await self._receiving.receive(queue, limit, wait)
        if not received:
            raise QueueError("MessageNotExist")
        return 200, wire.messages_xml(received, many="numofmessages" in query, peeked=False)

    async def _peek(self, queue: str, query: Mapping[str, str]) -> Answer:
        limit = _number(query, "numofmessages", 1, MOST_AT_ONCE, 1)
        now, expired = self._clock.now(), self._receiving.expired
        seen = await self._store.queues.peek(queue, limit, now=now, expired=expired)
        if not seen:
            raise QueueError("MessageNotExist")
        return 200, wire.messages_xml(seen, many="numofmessages" in query, peeked=True)

    async def _hide(self, queue: str, query: Mapping[str, str]) -> Answer:
        handle = _handle(query)
        if not query.get("visibilitytimeout"):
            raise QueueError("MissingVisibilityTimeout")
        now = self._clock.now()
        until = now + 1000 * _number(query, "visibilitytimeout", 0, LONGEST_HIDDEN, 0)
        turn = await self._store.transact(
            lambda tx: tx.queues.hide(queue, handle.id, handle.turn, now=now, until=until)
        )
        if turn is None:
            raise QueueError("MessageNotExist")
        return 200, wire.hidden_xml(wire.Handle(handle.id, turn), until)

    async def _delete(self, queue: str, query: Mapping[str, str]) -> Answer:
        handle, now = _handle(query), self._clock.now()
        deleted = await self._store.transact(
            lambda tx: tx.queues.delete(queue, handle.id, handle.turn, now=now)
        )
        if not deleted:
            raise QueueError("MessageNotExist")
        return 204, ""

    async def _delete_many(self, queue: str, texts: list[str]) -> Answer:
        errors: dict[str, QueueError] = {}
        handles: dict[str, wire.Handle] = {}
        for text in texts:
            try:
                handles[text] = wire.read_handle(text)
            except QueueError as error:
                errors[text] = error
        now = self._clock.now()
        deleted = await self._store.transact(
            lambda tx: {
                text: tx.queues.delete(queue, handle.id, handle.turn, now=now)
                for text, handle in handles.items()
            }
        )
        errors |= {text: QueueError("MessageNotExist") for text, done in deleted.items() if not done}
        if errors:
            return 404, wire.undeleted_xml(errors)
        return 204, ""

    async def _attributes(self, queue: str) -> dict[str, object]:
        now, expired = self._clock.now(), self._receiving.expired
        active, inactive = await self._store.queues.counts(queue, now=now, expired=expired)
        return {
            "QueueName": queue,
            "CreateTime": 0,
            "LastModifyTime": 0,
            "VisibilityTimeout": self._receiving.hidden // 1000,
            "MaximumMessageSize": _LARGEST_MESSAGE,
            "MessageRetentionPeriod": self._receiving.retention // 1000,
            "DelaySeconds": 0,
            "PollingWaitSeconds": 0,
            "ActiveMessages": active,
            "InactiveMessages": inactive,
            "DelayMessages": 0,
            "LoggingEnabled": False,
        }

    async def _list(self, headers: Mapping[str, str], caller: Caller, base: str) -> Answer:
        asked_for = {name.removeprefix("x-mns-"): value for name, value in headers.items()}
        size = _number(asked_for, "ret-number", 1, _LARGEST_LIST, _LARGEST_LIST)
        prefix, marker = asked_for.get("prefix", ""), asked_for.get("marker", "")
        names = [name for name in _own(caller) if name.startswith(prefix) and name >= marker]
        rows: list[dict[str, Any]] = []
        for name in names[:size]:
            row: dict[str, Any] = {"QueueURL": f"{base}/queues/{name}"}
            if asked_for.get("with-meta", "").lower() == "true":
                row |= await self._attributes(name)
            rows.append(row)
        return 200, wire.queues_xml(rows, names[size] if len(names) > size else "")


def _own(caller: Caller) -> tuple[str, ...]:
    return queue_names(caller.account_id)


def _host(request: Request) -> str:
    return request.headers.get("host", "")


def _response(request_id: str, status: int, body: str) -> Response:
    headers = {"x-mns-request-id": request_id, "x-mns-version": VERSION}
    return Response(body, status, headers, "text/xml;charset=utf-8" if body else None)


async def _read(request: Request) -> QueueCall:
    """The request with its whole body.

    Raises:
        QueueError: it is longer than one can be.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BODY:
            raise QueueError("InvalidArgument", f"The body is longer than {_LONGEST_BODY} bytes.")
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    target = (path.partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")
    headers = {name.lower(): value for name, value in request.headers.items()}
    peer = request.client.host if request.client is not None else ""
    return QueueCall(request.method, target, headers, body, peer)


def _handle(query: Mapping[str, str]) -> wire.Handle:
    text = query.get("receipthandle")
    if not text:
        raise QueueError("MissingReceiptHandle")
    return wire.read_handle(text)


def _number(given: Mapping[str, str], name: str, low: int, high: int, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
    if not low <= number <= high:
        raise QueueError("InvalidArgument", f"The value of {name} should between {low} and {high}.")
    return number
