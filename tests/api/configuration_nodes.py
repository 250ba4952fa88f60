"""Calls that change the configuration, on nodes that share a database, without HTTP and signatures.

A call is decided when it comes in and committed later, so that a test says which are decided on one snapshot.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, cast

from tests.storage.stored_entries import AUTHOR, insert
from waypost.api.authentication import Authenticated
from waypost.api.caller import Caller, Origin
from waypost.api.configuration_calls import ConfigurationCalls
from waypost.api.errors.catalogue import ApiError
from waypost.api.gate import Gate
from waypost.api.nonces import NonceClaim
from waypost.api.operations.catalogue import bind_all
from waypost.api.operations.endpoint import Dependencies, Result
from waypost.api.signatures.checks import SigningKey
from waypost.api.signatures.scheme import Scheme
from waypost.messaging.acceptance import acceptance
from waypost.model.configuration import Configuration, Entry
from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.sms_limits import NO_LIMITS
from waypost.storage.live_configuration import LiveConfiguration
from waypost.storage.secrets import SecretBox
from waypost.storage.sqlite import SqliteStore

OWNER = Caller(AccountId("1"), None)
Params = Mapping[str, str]


class _Settled:
    """The part of a gate that is told which nonces are stored."""

    def __init__(self) -> None:
        self.claims: list[NonceClaim] = []

    def settle(self, claim: NonceClaim) -> None:
        self.claims.append(claim)


class Decided(NamedTuple):
    """A call that was decided on the snapshot of when it came in."""

    operation: str
    params: Params
    result: Result[Any]


# Nodes share a database, so no two calls may have the same nonce.
_nonces = count()


class Node:
    """A process that answers calls of the owner of account 1.

    Attributes:
        settled: the nonces whose calls have ended.
        decisions: how often a handler decided a call.
        on_decision: called after each.
    """

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.configuration = LiveConfiguration(store, lambda *_: None)
        self.decisions = 0
        self.on_decision: Callable[[], None] = lambda: None
        self._gate = _Settled()
        self._calls = ConfigurationCalls(store, cast(Gate, self._gate), self.configuration)
        self._handlers = bind_all(
            Dependencies(
                store,
                lambda now: MessageId(str(now)),
                120,
                NO_LIMITS,
                SecretBox(bytes(32)),
                lambda message, current: acceptance(message, current, 0),
                3600,
            )
        )
        self._nonces = _nonces

    @property
    def settled(self) -> list[NonceClaim]:
        return self._gate.claims

    async def decide(self, operation: str, params: Params) -> Decided:
        """Decides a call on the present snapshot.

        Raises:
            ApiError: the call is refused.
        """
        result = self._decide(operation, params, self.configuration.current())
        return Decided(operation, params, result if isinstance(result, Result) else await result)

    def _decide(
        self, operation: str, params: Params, configuration: Configuration
    ) -> Result[Any] | Awaitable[Result[Any]]:
        self.decisions += 1
        origin = Origin("127.0.0.1", False, 0.0)
        result = self._handlers[operation](params, OWNER, 2, origin, configuration)
        self.on_decision()
        return result

    async def commit(self, decided: Decided) -> Any:
        """Commits a call and returns its answer.

        Raises:
            ApiError: the call is refused.
        """
        claim = NonceClaim(next(self._nonces).to_bytes(16, "big"), 0, range(1))
        key = SigningKey("key", True, OWNER, *[cast(Any, None)] * 3)
        return await self._calls.commit(
            Authenticated(key, claim, Scheme.V3),
            OWNER.account_id,
            decided.result,
            partial(self._decide, decided.operation, decided.params),
            AUTHOR,
        )


@asynccontextmanager
async def nodes(folder: Path, entries: Iterable[Entry], how_many: int = 1) -> AsyncIterator[list[Node]]:
    """Nodes on one database with the entries, which each of them has loaded."""
    stores = [SqliteStore(folder / "waypost.db") for _ in range(how_many)]
    await insert(stores[0], *entries, origin="api")
    started = [Node(store) for store in stores]
    for node in started:
        await node.configuration.refresh()
    yield started
    for store in stores:
        await store.close()


async def outcome(answer: Awaitable[Any]) -> str:
    """The code of an answer; `OK` for one that is no error."""
    try:
        await answer
    except ApiError as error:
        return error.code
    return "OK"


async def commit_in_order(calls: Iterable[tuple[Node, Decided]]) -> list[str]:
    """Commits calls, which reach the database in this order; returns their codes. Those of one node are
    committed at once; which of two nodes' transactions is first would be for the database to say."""
    calls = list(calls)
    if len({id(node) for node, _ in calls}) == 1:
        return await asyncio.gather(*(outcome(node.commit(decided)) for node, decided in calls))
    return [await outcome(node.commit(decided)) for node, decided in calls]
