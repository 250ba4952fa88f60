"""Authentication, rate limit and authorisation of every call, of the RPC API and of the queue service.

The gate also counts the calls in flight, so that a shutdown can wait for them, and converts every exception
to an error of the catalogue.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import structlog

from waypost.api.authentication import Authenticated, authenticate, claim_nonce
from waypost.api.caller import Access, Caller, Origin, authorise
from waypost.api.errors.catalogue import ApiError, limited
from waypost.api.nonces import NonceClaim, NonceGuard
from waypost.api.request import Call
from waypost.api.signatures.checks import KeyRing
from waypost.api.signatures.long_calls import LongCalls
from waypost.api.signatures.scheme import scheme_of
from waypost.api.throttle import FailedSignatures, Throttle
from waypost.clock import steady_seconds
from waypost.model import codes
from waypost.model.configuration import Configuration
from waypost.storage.contract import StoreUnavailableError, UnknownOutcomeError

log = structlog.get_logger()

T = TypeVar("T")


class Gate:
    """The checks of a call before its operation is carried out.

    Args:
        keys: looks up access keys.
        nonces: claims the nonces of calls.
        throttle: limits calls per second, by account and operation.
        failed: limits wrong signatures per second, by key and peer.
        configuration: returns the current snapshot.
    """

    def __init__(
        self,
        keys: KeyRing,
        nonces: NonceGuard,
        throttle: Throttle,
        failed: FailedSignatures,
        configuration: Callable[[], Configuration],
    ) -> None:
        self.keys = keys
        self.failed = failed
        self._nonces = nonces
        self._throttle = throttle
        self._configuration = configuration
        self._long_calls = LongCalls()
        self._closed = False
        self._in_flight = 0
        self._idle = asyncio.Event()

    async def close(self) -> None:
        """Refuses new calls, and waits until the calls in flight are answered."""
        self._closed = True
        if self._in_flight:
            await self._idle.wait()

    async def answer(
        self, respond: Callable[[], Awaitable[T]], refuse: Callable[[ApiError], T], request_id: str
    ) -> T:
        """Awaits `respond`; if it raises, returns the answer that `refuse` builds from the error.

        The call counts as in flight until it returns.
        """
        self.enter()
        try:
            self.require_open()
            return await respond()
        except Exception as error:  # noqa: BLE001 - every error is answered
            return refuse(as_api_error(error, request_id))
        finally:
            self.leave()

    def enter(self) -> None:
        """Counts a call as in flight, until `leave`."""
        self._in_flight += 1

    def leave(self) -> None:
        """Counts a call as answered."""
        self._in_flight -= 1
        if self._closed and not self._in_flight:
            self._idle.set()

    @property
    def is_open(self) -> bool:
        """Whether new calls are accepted."""
        return not self._closed

    def require_open(self) -> None:
        """Refuses a call after `close`.

        Raises:
            ApiError: the service is being stopped.
        """
        if self._closed:
            raise ApiError(codes.SERVICE_UNAVAILABLE, "This service is being stopped; call again.")

    def authenticate(self, call: Call, params: Mapping[str, str], now_s: float) -> Authenticated:
        """Checks the signature of an RPC call and claims its nonce.

        Args:
            params: the decoded parameters of the call.
            now_s: real time, Unix seconds.

        Raises:
            ApiError: a signature error, or System.LimitControl after too many wrong signatures.
        """
        return authenticate(call, params, self.keys, self._nonces, self.failed, now_s)

    async def authenticate_long(self, call: Call, params: Mapping[str, str], now_s: float) -> Authenticated:
        """Checks the signature of a long call piece by piece, and claims its nonce.

        Args:
            params: the parameters of the signature.
            now_s: real time, Unix seconds.

        Raises:
            ApiError: a signature error, or System.LimitControl after too many wrong signatures.
        """
        scheme = scheme_of(call, params)
        key, nonce = await self._long_calls.verify(call, params, scheme, self.keys, self.failed, now_s)
        return claim_nonce(key, nonce, scheme, self._nonces, now_s)

    def settle(self, claim: NonceClaim) -> None:
        """Drops a nonce from memory, since the transaction of its call has ended."""
        self._nonces.settle(claim)

    def admit(
        self,
        caller: Caller,
        access: Access,
        origin: Origin,
        resources: Callable[[Configuration], Sequence[str]],
    ) -> Configuration:
        """Checks the rate limit and the permissions of a call; returns the configuration snapshot used.

        Args:
            resources: returns the resources of the call; empty for the account as a whole.

        Raises:
            ApiError: `System.LimitControl`, `Product.Unsubscript`, or `access.denied` with its
                AccessDeniedDetail.
        """
        wait_ms = self._throttle.allow(caller.account_id, access.operation, steady_seconds())
        if wait_ms:
            raise limited(wait_ms)
        configuration = self._configuration()
        authorise(caller, access, configuration, origin, resources)
        return configuration


def as_api_error(error: BaseException, request_id: str) -> ApiError:
    """The error of the catalogue that an exception is answered with; logs what is not the caller's fault."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, StoreUnavailableError):
        # The store reports once that it is away; a line a call would be thousands a second.
        log.debug("store.unavailable", error=str(error), request_id=request_id)
        if isinstance(error, UnknownOutcomeError):
            return ApiError(
                codes.SERVICE_UNAVAILABLE, "It may have been accepted: a call made again can send it twice."
            )
        return ApiError(codes.SERVICE_UNAVAILABLE, "Nothing was accepted; call again.")
    log.error("call.failed", request_id=request_id, exc_info=error)
    return ApiError(codes.INTERNAL_ERROR)
