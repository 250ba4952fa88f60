"""The RPC API: authenticate, throttle, authorise, validate, commit, answer.

An ordinary call is answered without a task: it is checked at once, its write joins the next transaction, and
when that is durable the answer is written. Only operations that have to wait for something run in a task.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple, NoReturn

from waypost.api.answers import answer_format, failure, success
from waypost.api.authentication import Authenticated
from waypost.api.call_recorder import CallRecorder
from waypost.api.caller import Access, Caller, Origin, principal_name
from waypost.api.configuration_calls import ConfigurationCalls, Decide
from waypost.api.errors.catalogue import ApiError
from waypost.api.gate import Gate, as_api_error
from waypost.api.http_messages import HttpAnswer, HttpRequest, Reply
from waypost.api.limits import LARGE_CALLS
from waypost.api.members import Answer
from waypost.api.operations.catalogue import BY_VERSION, EVERY, VERSIONS, bind_all
from waypost.api.operations.endpoint import Dependencies, Endpoint, Handler, Result
from waypost.api.pending_call import PendingCall
from waypost.api.product import CAMS
from waypost.api.reference.official_operations import OFFICIAL_OPERATIONS
from waypost.api.refusals import refused
from waypost.api.request import Call, SigningParameters, parameters, signing_parameters
from waypost.api.signatures.long_calls import is_long
from waypost.api.signatures.scheme import Scheme
from waypost.clock import Clock, steady_seconds, wall_seconds
from waypost.model import codes
from waypost.model.audit import Author
from waypost.model.identifiers import new_request_id
from waypost.model.quoting import quoted, shown
from waypost.storage.changes import Change, Command
from waypost.storage.contract import RefusedError, Transaction, UnknownOutcomeError
from waypost.storage.live_configuration import LiveConfiguration

VERSION = CAMS.version

_VERSIONS = " or ".join(f"{version} ({name})" for name, version in VERSIONS.items())
_OK = {"Code": "OK", "Message": "OK"}


class _Bound(NamedTuple):
    """An endpoint, what its callers need, and its handler with all that it uses."""

    endpoint: Endpoint
    access: Access
    handler: Handler


class ApiGateway:
    """Answers the calls of the API, at `/`.

    Args:
        gate: authenticates, limits and authorises calls.
        dependencies: the dependencies of the operations.
        clock: business time.
        configuration: the snapshot of the configuration that calls are decided on.
        recorder: records the calls that are answered.
        public_url: the external URL of this service; empty for the host of the request.

    Attributes:
        page_root: what the paths of its pages begin with; empty, or a path without `/` at its end.
    """

    def __init__(
        self,
        gate: Gate,
        dependencies: Dependencies,
        clock: Clock,
        *,
        configuration: LiveConfiguration,
        recorder: CallRecorder,
        public_url: str,
    ) -> None:
        self._gate = gate
        self._store = dependencies.store
        handlers = bind_all(dependencies)
        self._operations = {
            (version, name): _Bound(endpoint, endpoint.access(), handlers[name])
            for version, endpoints in BY_VERSION.items()
            for name, endpoint in endpoints.items()
        }
        self._clock = clock
        self._recorder = recorder
        self._configuration = configuration
        self._configuration_calls = ConfigurationCalls(self._store, gate, configuration)
        self._public_url = public_url
        self.page_root = ""
        self._tasks: set[asyncio.Task[None]] = set()

    def needs_large_body(self, request: HttpRequest) -> bool:
        """Whether a call names, in the head, an operation that takes a list of recipients."""
        return any(
            name.lower() == b"x-acs-action" and value.decode("latin-1") in LARGE_CALLS
            for name, value in request.headers
        )

    def handle(self, request: HttpRequest, reply: Reply) -> None:
        """Answers one HTTP request."""
        now_s = wall_seconds()
        pending = PendingCall(request, reply, new_request_id(int(now_s * 1000)), steady_seconds())
        self._gate.enter()
        try:
            self._gate.require_open()
            self._begin(pending, now_s)
        except Exception as error:  # noqa: BLE001 - every error is answered
            self._refuse(pending, error)

    def _begin(self, pending: PendingCall, now_s: float) -> None:
        """Checks a call, and commits it or starts its task.

        Raises:
            ApiError: the call is refused.
        """
        request = pending.request
        if request.is_too_long:
            details = f"It is longer than {request.longest_body} bytes."
            raise ApiError(codes.INVALID_PARAMETER, details, parameter="body")
        call = Call.from_request(request)
        if call.method not in ("GET", "POST"):
            raise ApiError(codes.UNSUPPORTED_HTTP_METHOD, f"It was {call.method}; GET and POST are.")
        # Whoever has not signed the call has little of it decoded.
        signing = signing_parameters(call)
        names, action, version = call.headers, "x-acs-action", "x-acs-version"
        if "authorization" not in names:
            pending.format = answer_format(Scheme.V1, signing)
            names, action, version = signing, "Action", "Version"
        if signing.is_complete:
            pending.params = signing
        pending.action = names.get(action, "")
        named = (names.get(version, ""), pending.action)
        operation = self._operations.get(named) or _refuse_name(*named)
        pending.endpoint = operation.endpoint
        if is_long(call):
            self._start(self._begin_long(pending, call, signing, operation, now_s))
        else:
            authenticated = pending.authenticated = self._gate.authenticate(call, signing, now_s)
            self._proceed(pending, authenticated, call, signing, operation, now_s)

    async def _begin_long(
        self,
        pending: PendingCall,
        call: Call,
        signing: SigningParameters,
        operation: _Bound,
        now_s: float,
    ) -> None:
        """Checks a long call, and commits it or starts its task."""
        try:
            authenticated = pending.authenticated = await self._gate.authenticate_long(call, signing, now_s)
            self._proceed(pending, authenticated, call, signing, operation, now_s)
        except Exception as error:  # noqa: BLE001 - every error is answered
            self._refuse(pending, error)

    def _proceed(
        self,
        pending: PendingCall,
        authenticated: Authenticated,
        call: Call,
        signing: SigningParameters,
        operation: _Bound,
        now_s: float,
    ) -> None:
        """Carries out a call whose signature is right."""
        key = pending.key = authenticated.key
        caller = key.owner
        assert isinstance(caller, Caller)
        params = pending.params = signing if signing.is_complete else parameters(call)
        origin = Origin(call.peer, pending.request.secure, now_s, pending.request_id, key.access_key_id)
        resources = partial(operation.endpoint.resources, params, caller)
        configuration = self._gate.admit(caller, operation.access, origin, resources)
        decide = partial(operation.handler, params, caller, self._clock.now(), origin)
        outcome = decide(configuration)
        if isinstance(outcome, Result):
            self._commit(pending, authenticated, outcome, decide)
        else:
            self._start(self._carry_out(pending, authenticated, outcome, decide))

    def _start(self, answering: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(answering)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(
        self,
        pending: PendingCall,
        authenticated: Authenticated,
        outcome: Awaitable[Result[Any]],
        decide: Decide,
    ) -> None:
        """Commits a call whose handler has to wait."""
        try:
            self._commit(pending, authenticated, await outcome, decide)
        except Exception as error:  # noqa: BLE001 - every error is answered
            self._refuse(pending, error)

    def _commit(
        self, pending: PendingCall, authenticated: Authenticated, result: Result[Any], decide: Decide
    ) -> None:
        """Commits the write of a call together with its nonce."""
        if result.changes:
            self._start(self._reconfigure(pending, authenticated, result, decide))
            return
        commands = (authenticated.claim_command(), *result.commands)
        committed = partial(self._committed, pending, result)
        if result.write is None:
            self._store.apply([Change(commands)], bounded=True).add_done_callback(committed)
        else:
            write = partial(_write_call, commands, result.write)
            self._store.transact(write, bounded=True).add_done_callback(committed)

    def _committed(self, pending: PendingCall, result: Result[Any], written: "asyncio.Future[Any]") -> None:
        """Answers a call whose transaction has ended, or takes too long to end."""
        is_written = False
        late: asyncio.Future[Any] | None = None
        settled = result.settled
        try:
            from_write = _outcome(written, result)
            # An answer from the transaction is that of an earlier call: nothing was written then.
            is_written = from_write is None
            self._settle(pending)
            answer: Answer | None = result.answer if from_write is None else from_write
            assert answer is not None
            self._answer(
                pending, answer, is_written and (result.write is not None or len(result.commands) > 0)
            )
        except Exception as error:  # noqa: BLE001 - every error is answered
            late = error.outcome if isinstance(error, UnknownOutcomeError) else None
            self._refuse(pending, error)
        finally:
            if settled is not None and late is not None:
                late.add_done_callback(partial(_settle_late, result, settled))
            elif settled is not None:
                settled(is_written)

    async def _reconfigure(
        self, pending: PendingCall, authenticated: Authenticated, result: Result[Any], decide: Decide
    ) -> None:
        """Commits and answers a call that changes the configuration."""
        caller = authenticated.key.owner
        assert isinstance(caller, Caller)
        try:
            by = self._author(pending, caller)
            answer = await self._configuration_calls.commit(
                authenticated, caller.account_id, result, decide, by
            )
            pending.authenticated = None
            self._answer(pending, answer, has_messages=False)
        except Exception as error:  # noqa: BLE001 - every error is answered
            self._refuse(pending, error)

    def _author(self, pending: PendingCall, caller: Caller) -> Author:
        """The caller as the author of a change of the configuration."""
        assert pending.key is not None
        who: str = caller.account_id
        if not caller.is_owner:
            who = f"{who}/{principal_name(caller, self._configuration.current()).display_name}"
        request = pending.request
        key_id = pending.key.access_key_id
        return Author(self._clock.now(), who, key_id, request.peer, pending.request_id)

    def _answer(self, pending: PendingCall, answer: Answer, has_messages: bool) -> None:
        endpoint = pending.endpoint
        assert endpoint is not None
        operation = endpoint.operation
        envelope = {"RequestId": pending.request_id}
        if operation.product.has_code_and_message:
            envelope.update(_OK)
        self._reply(pending, success(answer, pending.format, operation.name, envelope=envelope))
        self._recorder.accepted(pending, answer, by_message=endpoint.accepts_messages and has_messages)

    def _refuse(self, pending: PendingCall, error: Exception) -> None:
        """Answers a call that is refused or failed."""
        if pending.authenticated is None or not isinstance(error, ApiError):
            self._settle(pending)
            self._fail(pending, error)
            return
        # The nonce of a refused call is used up too, and stored so that it survives a restart.
        stored = self._store.apply([Change([pending.authenticated.claim_command()])], bounded=True)
        stored.add_done_callback(partial(self._refused, pending, error))

    def _refused(self, pending: PendingCall, error: ApiError, stored: "asyncio.Future[Any]") -> None:
        self._settle(pending)
        self._fail(pending, stored.exception() or error)

    def _settle(self, pending: PendingCall) -> None:
        """Drops the nonce of a call from memory, since its transaction has ended."""
        authenticated, pending.authenticated = pending.authenticated, None
        if authenticated is not None:
            self._gate.settle(authenticated.claim)

    def _reply(self, pending: PendingCall, answer: HttpAnswer) -> None:
        self._gate.leave()
        pending.reply(answer)

    def _fail(self, pending: PendingCall, error: BaseException) -> None:
        refusal = as_api_error(error, pending.request_id)
        self._reply(pending, self._failure(pending, refusal))
        self._recorder.refused(pending, refusal)

    def _failure(self, pending: PendingCall, refusal: ApiError) -> HttpAnswer:
        request = pending.request
        host = shown(Call.from_request(request).headers.get("host", ""))
        base = self._public_url or f"{'https' if request.secure else 'http'}://{host}"
        return failure(refusal, pending.request_id, host, f"{base}{self.page_root}/errors", pending.format)


def _write_call(
    commands: Sequence[Command], write: Callable[[Transaction], Any], transaction: Transaction
) -> Any:
    transaction.write(*commands)
    return write(transaction)


def _outcome(written: "asyncio.Future[Any]", result: Result[Any]) -> Any:
    """What the `write` of a call returned; None for a call that wrote only commands.

    Raises:
        ApiError: the store refused the call.
    """
    try:
        outcome = written.result()
    except RefusedError as error:
        raise refused(error.refusal) from None
    if result.write is not None:
        return outcome
    [refusal] = outcome
    if refusal is None:
        return None
    raise refusal if isinstance(refusal, Exception) else refused(refusal)


def _settle_late(
    result: Result[Any], settled: Callable[[bool], None], written: "asyncio.Future[Any]"
) -> None:
    """Settles a call that was answered before it was known whether it is written."""
    try:
        is_written = _outcome(written, result) is None
    except Exception:  # noqa: BLE001 - its caller was answered before
        is_written = False
    settled(is_written)


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


def _refuse_name(version: str, action: str) -> NoReturn:
    """Refuses a call that names no endpoint.

    Raises:
        ApiError: Action is missing, or there is no such operation or version.
    """
    if not action:
        raise ApiError(codes.missing("Action"), "It names the operation, such as SendChatappMessage.")
    if version not in BY_VERSION:
        raise ApiError(codes.NO_SUCH_VERSION, f"Version is {quoted(version)}; it must be {_VERSIONS}.")
    raise ApiError(codes.INVALID_ACTION_NOT_FOUND, _unknown_action_reason(action, version))
