"""The RPC API as an ASGI application: authenticate, throttle, authorise, validate, commit, answer."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from waypost.api.answers import Format, HttpAnswer, answer_format, failure, success
from waypost.api.authentication import Authenticated
from waypost.api.caller import Caller, Origin
from waypost.api.configuration_calls import ConfigurationCalls
from waypost.api.errors.catalogue import ApiError
from waypost.api.gate import Gate
from waypost.api.limits import LONGEST_BODY
from waypost.api.members import Answer
from waypost.api.operations.catalogue import BY_VERSION, EVERY, VERSIONS, bind_all
from waypost.api.operations.endpoint import Dependencies, Endpoint, Result
from waypost.api.product import CAMS
from waypost.api.reference.official_operations import OFFICIAL_OPERATIONS
from waypost.api.request import Call, parameters
from waypost.api.signatures.scheme import Scheme
from waypost.clock import Clock, wall_seconds
from waypost.model import codes
from waypost.model.identifiers import new_request_id
from waypost.model.quoting import quoted
from waypost.storage.contract import Transaction
from waypost.storage.live_configuration import LiveConfiguration

VERSION = CAMS.version
WHOLE_ANSWER = "waypost.whole_answer"
"""The ASGI extension of `waypost.server.http` that sends an answer with one call: status, headers, body. The
two messages of ASGI and their checks would take a twelfth of the time of a call."""

_VERSIONS = " or ".join(f"{version} ({name})" for name, version in VERSIONS.items())
_OK = {"Code": "OK", "Message": "OK"}

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class ApiGateway:
    """The ASGI application of the API, at `/`.

    Args:
        gate: authenticates, limits and authorises calls.
        dependencies: the dependencies of the operations.
        clock: business time.
        configuration: the snapshot of the configuration that calls are decided on.
        public_url: the external URL of this service; empty for the host of the request.
    """

    def __init__(
        self,
        gate: Gate,
        dependencies: Dependencies,
        clock: Clock,
        *,
        configuration: LiveConfiguration,
        public_url: str,
    ) -> None:
        self._gate = gate
        self._store = dependencies.store
        self._handlers = bind_all(dependencies)
        self._clock = clock
        self._configuration_calls = ConfigurationCalls(self._store, gate, configuration)
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request."""
        call = _PendingCall(self._public_url, scope, receive)
        answer = await self._gate.answer(partial(self._respond, call), call.refuse, call.request_id)
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        whole = scope.get("extensions", {}).get(WHOLE_ANSWER)
        if whole is not None:
            whole(answer.status, headers, answer.body)
            return
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _respond(self, pending: "_PendingCall") -> HttpAnswer:
        call = await pending.read()
        if call.method not in ("GET", "POST"):
            raise ApiError(codes.UNSUPPORTED_HTTP_METHOD, f"It was {call.method}; GET and POST are.")
        params = parameters(call)
        pending.format = answer_format(Scheme.V3 if "authorization" in call.headers else Scheme.V1, params)
        endpoint = _endpoint(call, params)
        operation = endpoint.operation
        answer = await self._carry_out(call, params, endpoint, secure=pending.secure)
        envelope = {"RequestId": pending.request_id}
        if operation.product.has_code_and_message:
            envelope |= _OK
        return success(answer, pending.format, operation.name, envelope=envelope)

    async def _carry_out(
        self, call: Call, params: Mapping[str, str], endpoint: Endpoint, *, secure: bool
    ) -> Answer:
        now_s = wall_seconds()
        authenticated = self._gate.authenticate(call, params, now_s)
        try:
            origin = Origin(call.peer, secure, now_s)
            outcome = self._handle(params, endpoint, authenticated, origin)
            result = outcome if isinstance(outcome, Result) else await outcome
            if result.changes:
                return await self._reconfigure(params, endpoint, authenticated, origin, result)
            written: Answer | None = await self._settle(authenticated, result.write)
        except ApiError:
            # The nonce of a refused call is used up too, and stored so that it survives a restart.
            await self._settle(authenticated, None)
            raise
        answer: Answer | None = result.answer if written is None else written
        assert answer is not None
        return answer

    def _handle(
        self, params: Mapping[str, str], endpoint: Endpoint, authenticated: Authenticated, origin: Origin
    ) -> Result[Any] | Awaitable[Result[Any]]:
        caller = authenticated.key.owner
        assert isinstance(caller, Caller)
        operation = endpoint.operation
        configuration = self._gate.admit(
            caller,
            operation.name,
            operation.action,
            origin,
            partial(endpoint.resources, params, caller),
            denied=operation.product.denied,
            unsubscribed=endpoint.unsubscribed,
            anyone=endpoint.anyone,
        )
        return self._handlers[operation.name](params, caller, configuration, self._clock.now(), origin)

    async def _reconfigure(
        self,
        params: Mapping[str, str],
        endpoint: Endpoint,
        authenticated: Authenticated,
        origin: Origin,
        result: Result[Any],
    ) -> Answer:
        caller = authenticated.key.owner
        assert isinstance(caller, Caller)
        handler, now = self._handlers[endpoint.operation.name], self._clock.now()
        return await self._configuration_calls.commit(
            authenticated,
            caller.account_id,
            result,
            lambda configuration: handler(params, caller, configuration, now, origin),
        )

    async def _settle(self, authenticated: Authenticated, write: Callable[[Transaction], Any] | None) -> Any:
        claim, access_key_id = authenticated.claim, authenticated.key.access_key_id

        def change(transaction: Transaction) -> Any:
            transaction.claim_nonce(access_key_id, claim.digest, claim.slice)
            return write(transaction) if write is not None else None

        try:
            return await self._store.transact(change)
        finally:
            self._gate.settle(claim)


class _PendingCall:
    """An HTTP request that is not answered yet: its id, and the format of its answer."""

    __slots__ = ("_public_url", "_receive", "_scope", "format", "request_id")

    def __init__(self, public_url: str, scope: Scope, receive: Receive) -> None:
        self._public_url = public_url
        self._scope = scope
        self._receive = receive
        self.request_id = new_request_id()
        self.format = Format.JSON

    @property
    def secure(self) -> bool:
        """Whether the request came over TLS."""
        return bool(self._scope.get("scheme") == "https")

    async def read(self) -> Call:
        """Receives the body and returns the call.

        Raises:
            ApiError: the body is longer than `LONGEST_BODY`.
        """
        call = Call.from_asgi(self._scope, b"")
        # The official Python SDK sends everything in the query; receiving an empty body would cost a turn of
        # the event loop.
        if call.headers.get("content-length") == "0":
            return call
        body = await _body(self._receive)
        return Call.from_asgi(self._scope, body) if body else call

    def refuse(self, error: ApiError) -> HttpAnswer:
        """Builds the answer that refuses the call."""
        host = Call.from_asgi(self._scope, b"").headers.get("host", "")
        base = self._public_url or f"{self._scope.get('scheme', 'http')}://{host}"
        return failure(error, self.request_id, host, f"{base}/errors", self.format)


async def _body(receive: Receive) -> bytes:
    """Receives the whole body.

    Raises:
        ApiError: the body is longer than `LONGEST_BODY`.
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
                codes.INVALID_PARAMETER, f"It is longer than {LONGEST_BODY} bytes.", parameter="body"
            )
    return b"".join(parts)


def _unknown_action_reason(action: str, version: str) -> str:
    """The reason in words why there is no such operation: not implemented, another Version, or unknown."""
    if version == VERSION and action in OFFICIAL_OPERATIONS:
        return (
            f"{quoted(action)} is an operation of the official API that Waypost does not answer yet; the "
            "page /coverage of this service lists those that it answers."
        )
    endpoint = EVERY.get(action)
    if endpoint is not None:
        product = endpoint.operation.product
        return f"{quoted(action)} is an operation of {product.name}; its Version is {product.version}."
    return f"{quoted(action)} is not an operation of the version {version}; the page /reference lists them."


def _endpoint(call: Call, params: Mapping[str, str]) -> Endpoint:
    """The endpoint of the operation in the signed headers (V3) or the signed parameters (V1).

    Raises:
        ApiError: Action is missing, or there is no such operation or version.
    """
    by_header = "authorization" in call.headers
    headers = call.headers
    action = headers.get("x-acs-action", "") if by_header else params.get("Action", "")
    version = headers.get("x-acs-version", "") if by_header else params.get("Version", "")
    if not action:
        raise ApiError(codes.missing("Action"), "It names the operation, such as SendChatappMessage.")
    operations = BY_VERSION.get(version)
    if operations is None:
        raise ApiError(codes.NO_SUCH_VERSION, f"Version is {quoted(version)}; it must be {_VERSIONS}.")
    endpoint: Endpoint | None = operations.get(action)
    if endpoint is None:
        raise ApiError(codes.INVALID_ACTION_NOT_FOUND, _unknown_action_reason(action, version))
    return endpoint
