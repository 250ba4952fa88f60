"""Commits calls that change the configuration, so that each is decided on what is stored when it is written.

A handler decides on a snapshot. If that is not the present one any more where the decision relied on it, the
store writes nothing, and the handler decides again on a fresh snapshot. So of two calls at once neither
change is lost, and both answers are those of one call after the other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any
from weakref import WeakValueDictionary

from waypost.api.authentication import Authenticated
from waypost.api.errors.catalogue import limited
from waypost.api.gate import Gate
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Result
from waypost.api.refusals import refused
from waypost.model.audit import Author
from waypost.model.configuration import Configuration
from waypost.model.identifiers import AccountId
from waypost.storage.contract import RefusedError, Store, Transaction
from waypost.storage.live_configuration import LiveConfiguration

MOST_DECISIONS = 5
"""How often a call is decided before it is refused with `System.LimitControl`."""

_RETRY_AFTER_MS = 100

Decide = Callable[[Configuration], Result[Any] | Awaitable[Result[Any]]]
"""Decides a call on a snapshot; may raise `ApiError`."""


class _Outcome(Enum):
    CONFLICT = "conflict"


class ConfigurationCalls:
    """Commits the changes of calls, each in one transaction with the call's nonce."""

    def __init__(self, store: Store, gate: Gate, configuration: LiveConfiguration) -> None:
        self._store = store
        self._gate = gate
        self._configuration = configuration
        # Calls of an account that were in each other's way take turns: however many there are, each is
        # decided once more, and only another node's calls can be in its way again.
        self._turns: WeakValueDictionary[AccountId, asyncio.Lock] = WeakValueDictionary()

    async def commit(
        self,
        authenticated: Authenticated,
        account_id: AccountId,
        result: Result[Any],
        decide: Decide,
        by: Author,
    ) -> Answer:
        """Writes what a call changes, and returns its answer.

        Args:
            account_id: the account of the caller.
            result: what was decided on the snapshot that the call was admitted with.
            decide: decides the call again.
            by: the caller.

        Raises:
            ApiError: the call is refused on a fresh snapshot, or the configuration never stays the same for
                as long as a decision takes.
        """
        turn = self._turns.setdefault(account_id, asyncio.Lock())
        if not turn.locked():
            answer = await self._write(authenticated, result, by)
            if not isinstance(answer, _Outcome):
                return answer
        async with turn:
            for _ in range(MOST_DECISIONS - 1):
                await self._configuration.refresh()
                decided = decide(self._configuration.current())
                answer = await self._write(
                    authenticated, decided if isinstance(decided, Result) else await decided, by
                )
                if not isinstance(answer, _Outcome):
                    return answer
        details = "Other calls change the configuration of the account at the same time."
        raise limited(_RETRY_AFTER_MS, details)

    async def _write(
        self, authenticated: Authenticated, result: Result[Any], by: Author
    ) -> Answer | _Outcome:
        nonce = authenticated.claim_command()

        def change(transaction: Transaction) -> Answer | _Outcome | None:
            if not transaction.configuration.apply(result.changes, by):
                return _Outcome.CONFLICT
            transaction.write(nonce, *result.commands)
            return result.write(transaction) if result.write is not None else None

        written: Answer | _Outcome | None = None
        try:
            written = await self._store.transact(change, bounded=True)
        except RefusedError as error:
            raise refused(error.refusal) from None
        finally:
            # Until its call is decided the nonce is known in memory alone.
            if not isinstance(written, _Outcome):
                self._gate.settle(authenticated.claim)
        if isinstance(written, _Outcome):
            return written
        await self._configuration.refresh()
        answer = result.answer if written is None else written
        assert answer is not None
        return answer
