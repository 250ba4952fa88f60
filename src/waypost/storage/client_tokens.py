"""The idempotency tokens (`ClientToken`) of API calls: what a token was first used for, and its answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from waypost.model.identifiers import AccountId

if TYPE_CHECKING:
    from waypost.storage.client_token_statements import ClientTokenStatements

Rows = list[tuple[Any, ...]]


class UsedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A `ClientToken` and the call that it was first used for.

    Attributes:
        action: the name of the operation; each operation has its own tokens.
        digest: a digest over all parameters of the call.
        answer: the members of the call's response, as JSON text.
        at: when the token was used, milliseconds UTC.
    """

    account_id: AccountId
    action: str
    token: str
    digest: bytes
    answer: str
    at: int


class ClientTokens:
    """Reads and writes tokens within a transaction.

    Args:
        run: executes a statement; returns its rows and how many rows it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: "ClientTokenStatements"
    ) -> None:
        self._run = run
        self._sql = statements

    def claim(self, used: UsedToken, since: int) -> UsedToken | None:
        """Records the use of a token and returns None; if it was already used after `since`, returns that use
        and records nothing."""
        rows, _ = self._run(
            self._sql.find, _lookup_parameters(used.account_id, used.action, used.token, since)
        )
        if rows:
            return UsedToken(**dict(zip(UsedToken.__struct_fields__, rows[0], strict=True)))
        self._run(self._sql.put, msgspec.structs.asdict(used))
        return None

    def forget(self, before: int, limit: int) -> int:
        """Removes up to `limit` tokens used at `before` or earlier; returns how many."""
        return self._run(self._sql.forget, {"before": before, "limit": limit})[1]


class ClientTokenReader:
    """Reads tokens outside a transaction."""

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: "ClientTokenStatements"
    ) -> None:
        self._read = read
        self._sql = statements

    async def find(self, account_id: AccountId, action: str, token: str, since: int) -> UsedToken | None:
        """The use of a token after `since`, or None."""
        rows = self._read(self._sql.find, _lookup_parameters(account_id, action, token, since))
        return UsedToken(**dict(zip(UsedToken.__struct_fields__, rows[0], strict=True))) if rows else None


def _lookup_parameters(account_id: AccountId, action: str, token: str, since: int) -> dict[str, Any]:
    return {"account_id": account_id, "action": action, "token": token, "since": since}
