"""The way of a call: signature > throttle > authorise > validate > make durable > answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import structlog

from waypost.api.answers import Answer, Format, answer_format, failure, success
from waypost.api.authentication import Authenticated, KeyRing, authenticate
from waypost.api.caller import Caller, Origin, authorise
from waypost.api.errors.catalogue import ApiError, limited
from waypost.api.nonces import NonceGuard
from waypost.api.operations.catalogue import BY_VERSION, VERSIONS
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.product import CAMS
from waypost.api.request import Call, parameters
from waypost.api.signatures.scheme import Scheme
from waypost.api.throttle import FailedSignatures, Throttle
from waypost.clock import Clock, steady_seconds, wall_seconds
from waypost.model.configuration import Configuration
from waypost.model.identifiers import MessageIds, new_request_id
from waypost.storage.contract import Store, StoreUnavailableError, Transaction
from waypost.storage.secrets import SecretBox

log = structlog.get_logger()

VERSION = CAMS.version
WHOLE_ANSWER = "waypost.whole_answer"
"""The extension of ASGI, of `waypost.server.http`, by which an answer is given in one call: status, headers,
body. The two messages of ASGI and their checks would be a twelfth of what a call costs."""
# 1,000 recipients in one call are about 200 KB (other-operations.md).
LONGEST_BODY = 4 * 1024 * 1024

_VERSIONS = " or ".join(f"{version} ({name})" for name, version in VERSIONS.items())
_ALL_IS_WELL = {"Code": "OK", "Message": "OK"}

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Guards(NamedTuple):
    """What stands between a caller and an operation."""

    keys: KeyRing
    nonces: NonceGuard
    throttle: Throttle
    failed: FailedSignatures


class ApiGateway:
    """The ASGI application of the API, at `/`.

    Args:
        configuration: gives the current snapshot.
        box: encrypts secrets that calls make.
        reconfigured: makes the snapshot current after a change of the configuration.
        default_ttl: seconds, for a Viber message without Ttl.
        public_url: how this service is reached from outside; empty for the host the caller used.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        guards: Guards,
        box: SecretBox,
        *,
        reconfigured: Callable[[], Awaitable[object]],
        default_ttl: int,
        public_url: str,
        file_problem: Callable[[str], Awaitable[str]] | None = None,
    ) -> None:
        self._store = store
        self._reconfigured = reconfigured
        self._clock = clock
        self._configuration = configuration
        self._guards = guards
        self._box = box
        self._default_ttl = default_ttl
        self._public_url = public_url
        self._file_problem = file_problem
        self._ids = MessageIds(store.shards)
        self._closed = False
        self._in_flight = 0
        self._idle = asyncio.Event()

    async def close(self) -> None:
        """Refuses calls from now on, and returns when those in flight are answered."""
        self._closed = True
        if self._in_flight:
            await self._idle.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request."""
        self._in_flight += 1
        try:
            answer = await self._answer(scope, receive)
        finally:
            self._in_flight -= 1
            if self._closed and not self._in_flight:
                self._idle.set()
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        whole = scope.get("extensions", {}).get(WHOLE_ANSWER)
        if whole is not None:
            whole(answer.status, headers, answer.body)
            return
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        request_id = new_request_id()
        form = Format.JSON
        action = ""
        call = Call.from_asgi(scope, b"")
        try:
            # The official Python SDK puts everything in the query; waiting for a body that was announced as
            # empty would cost a turn of the event loop.
            if call.headers.get("content-length") != "0":
                body = await _body(receive)
                if body:
                    call = Call.from_asgi(scope, body)
            if call.method not in ("GET", "POST"):
                raise ApiError("UnsupportedHTTPMethod", f"It was {call.method}; GET and POST are.")
            if self._closed:
                raise ApiError("ServiceUnavailable", "This service is being stopped; call again.")
            given = parameters(call)
            form = _asked_form(call, given)
            served = _served(call, given)
            action = served.operation.name
            secure = scope.get("scheme") == "https"
            result = await self._handle(call, given, served, secure=secure)
            all_is_well = _ALL_IS_WELL if served.operation.product.has_code_and_message else {}
            return success({"RequestId": request_id, **all_is_well, **result.answer}, form, action)
        except ApiError as error:
            refused = error
        except StoreUnavailableError as error:
            log.error("store.unavailable", error=str(error), request_id=request_id)
            refused = ApiError("ServiceUnavailable", "Nothing was accepted; call again.")
        except Exception:
            log.exception("call.fault", request_id=request_id, action=action)
            refused = ApiError("InternalError")
        host = call.headers.get("host", "")
        return failure(refused, request_id, host, self._error_page(scope, host), form)

    async def _handle(
        self, call: Call, given: Mapping[str, str], served: Endpoint, *, secure: bool
    ) -> Result:
        now_s = wall_seconds()
        guards = self._guards
        caller = authenticate(call, given, guards.keys, guards.nonces, guards.failed, now_s)
        try:
            permitted = self._permitted(given, served, caller, Origin(call.peer, secure, now_s))
            result = permitted if isinstance(permitted, Result) else await permitted
            answer = await self._settle(caller, result.write)
        except ApiError:
            # The nonce of a refused call is used all the same, and remembered across a restart.
            await self._settle(caller, None)
            raise
        if result.reconfigures:
            await self._reconfigured()
        return result if answer is None else result._replace(answer=answer)

    def _permitted(
        self, given: Mapping[str, str], served: Endpoint, authenticated: Authenticated, origin: Origin
    ) -> Result | Awaitable[Result]:
        caller = authenticated.key.owner
        assert isinstance(caller, Caller)
        wait = self._guards.throttle.allow(caller.account_id, served.operation.name, steady_seconds())
        if wait:
            raise limited(wait)
        configuration = self._configuration()
        authorise(
            caller,
            served.operation.action,
            configuration,
            origin,
            resources=() if caller.is_owner else served.resources(given, caller, configuration),
            denied=served.operation.product.denied,
            unsubscribed=served.unsubscribed,
            anyone=served.anyone,
        )
        return served.handle(
            Request(
                given,
                caller,
                configuration,
                self._store,
                self._clock.now(),
                self._ids.next,
                self._default_ttl,
                origin,
                self._box,
                self._file_problem,
            )
        )

    async def _settle(
        self, caller: Authenticated, write: Callable[[Transaction], Mapping[str, Any] | None] | None
    ) -> Mapping[str, Any] | None:
        claim = caller.claim

        def change(transaction: Transaction) -> Mapping[str, Any] | None:
            transaction.claim_nonce(caller.access_key_id, claim.digest, claim.slice)
            return write(transaction) if write is not None else None

        try:
            return await self._store.transact(change)
        finally:
            self._guards.nonces.settled((claim,))

    def _error_page(self, scope: Scope, host: str) -> str:
        base = self._public_url or f"{scope.get('scheme', 'http')}://{host}"
        return f"{base}/errors"


async def _body(receive: Receive) -> bytes:
    """The whole body.

    Raises:
        ApiError: longer than a call can be.
    """
    part = await receive()
    body: bytes = part.get("body", b"")
    if not part.get("more_body"):
        return body
    parts = [body]
    length = len(body)
    while part.get("more_body"):
        part = await receive()
        parts.append(part.get("body", b""))
        length += len(parts[-1])
        if length > LONGEST_BODY:
            raise ApiError(
                "InvalidParameter",
                f"It is longer than {LONGEST_BODY} bytes.",
                parameter="body",
            )
    return b"".join(parts)


def _asked_form(call: Call, given: Mapping[str, str]) -> Format:
    return answer_format(Scheme.V3 if "authorization" in call.headers else Scheme.V1, given)


def _served(call: Call, given: Mapping[str, str]) -> Endpoint:
    """The operation a call names: V3 in its signed header, V1 in its signed parameter.

    Raises:
        ApiError: none is named, this one is not served, or not in this version.
    """
    by_header = "authorization" in call.headers
    headers = call.headers
    action = headers.get("x-acs-action", "") if by_header else given.get("Action", "")
    version = headers.get("x-acs-version", "") if by_header else given.get("Version", "")
    if not action:
        raise ApiError("MissingAction", "It names the operation, such as SendChatappMessage.")
    operations = BY_VERSION.get(version)
    if operations is None:
        raise ApiError("NoSuchVersion", f"Version is {version[:40]!r}; it must be {_VERSIONS}.")
    served = operations.get(action)
    if served is None:
        text = f"{action[:64]!r} is not an operation of this service in the version {version}."
        raise ApiError("InvalidAction.NotFound", text)
    return served
