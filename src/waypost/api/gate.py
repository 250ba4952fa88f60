"""The gate of every call, of the RPC API and of the queues: who calls, how often, and whether they may.

It also counts the calls in flight, so that a stop can wait for them, and turns whatever goes wrong into an
error of the catalogue.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import structlog

from waypost.api.authentication import Authenticated, authenticate
from waypost.api.caller import Caller, Origin, authorise
from waypost.api.errors.catalogue import ApiError, limited
from waypost.api.nonces import NonceClaim, NonceGuard
from waypost.api.product import CAMS
from waypost.api.request import Call
from waypost.api.signatures.checks import KeyRing
from waypost.api.throttle import FailedSignatures, Throttle
from waypost.clock import steady_seconds
from waypost.model import codes
from waypost.model.configuration import Configuration
from waypost.storage.contract import StoreUnavailableError

log = structlog.get_logger()

T = TypeVar("T")


class Gate:
    """What stands between a caller and an operation.

    Args:
        keys: where access keys are found.
        nonces: where the nonces of calls are claimed.
        throttle: calls a second, by account and operation.
        failed: wrong signatures a second, by key and address.
        configuration: gives the current snapshot.
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
        self._closed = False
        self._in_flight = 0
        self._idle = asyncio.Event()

    async def close(self) -> None:
        """Refuses calls from now on, and returns when those in flight are answered."""
        self._closed = True
        if self._in_flight:
            await self._idle.wait()

    async def answer(
        self, respond: Callable[[], Awaitable[T]], refuse: Callable[[ApiError], T], request_id: str
    ) -> T:
        """What `respond` answers, or what `refuse` makes of the error that it met.

        A call counts as in flight meanwhile.
        """
        self._in_flight += 1
        try:
            if self._closed:
                raise ApiError(codes.SERVICE_UNAVAILABLE, "This service is being stopped; call again.")
            return await respond()
        except ApiError as error:
            return refuse(error)
        except StoreUnavailableError as error:
            log.error("store.unavailable", error=str(error), request_id=request_id)
            return refuse(ApiError(codes.SERVICE_UNAVAILABLE, "Nothing was accepted; call again."))
        except Exception:
            log.exception("call.failed", request_id=request_id)
            return refuse(ApiError(codes.INTERNAL_ERROR))
        finally:
            self._in_flight -= 1
            if self._closed and not self._in_flight:
                self._idle.set()

    def authenticate(self, call: Call, params: Mapping[str, str], now_s: float) -> Authenticated:
        """The caller whose key signed an RPC call; its nonce is claimed.

        Args:
            params: its parameters, decoded.
            now_s: real time, Unix seconds.

        Raises:
            ApiError: with one of the codes of signatures; System.LimitControl for too many wrong ones.
        """
        return authenticate(call, params, self.keys, self._nonces, self.failed, now_s)

    def settle(self, claim: NonceClaim) -> None:
        """Leaves a nonce to the store, since the transaction of its call has ended."""
        self._nonces.settle((claim,))

    def admit(
        self,
        caller: Caller,
        operation: str,
        action: str,
        origin: Origin,
        resources: Callable[[Configuration], Sequence[str]],
        *,
        denied: str = CAMS.denied,
        unsubscribed: bool = False,
        anyone: bool = False,
    ) -> Configuration:
        """Lets a caller do something now; the snapshot that decided.

        Args:
            operation: the name that its limit a second goes by.
            action: the name that policies know it by, `cams:SendChatappMessage`.
            resources: what the call is about; empty for the account as a whole.
            denied: the code of a refusal for want of permission.
            unsubscribed: whether an account without the service may call it too.
            anyone: whether no permission is needed.

        Raises:
            ApiError: `System.LimitControl`, `Product.Unsubscript`, or `denied` with its AccessDeniedDetail.
        """
        wait_ms = self._throttle.allow(caller.account_id, operation, steady_seconds())
        if wait_ms:
            raise limited(wait_ms)
        configuration = self._configuration()
        authorise(
            caller,
            action,
            configuration,
            origin,
            resources=() if caller.is_owner else resources(configuration),
            denied=denied,
            unsubscribed=unsubscribed,
            anyone=anyone,
        )
        return configuration
