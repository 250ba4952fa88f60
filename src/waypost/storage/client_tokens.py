"""The idempotency tokens of calls in the database: what a token was first used for, and what was answered."""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from waypost.model.identifiers import AccountId
from waypost.storage.schema import client_token

P = sa.bindparam
Rows = list[tuple[Any, ...]]


class UsedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A ClientToken and the call that it was used for.

    Attributes:
        action: the operation; a token of one is nothing to another.
        digest: of all that the call asked for.
        answer: the members of its answer, as JSON text.
        at: when, milliseconds UTC.
    """

    account_id: AccountId
    action: str
    token: str
    digest: bytes
    answer: str
    at: int


class ClientTokenStatements:
    """The SQL.

    Args:
        text: compiles a statement for the dialect.
    """

    def __init__(self, text: Callable[[ClauseElement], str]) -> None:
        columns = client_token.c
        insert = sqlite.insert(client_token).values({column.name: P(column.name) for column in columns})
        self.put = text(
            insert.on_conflict_do_update(
                index_elements=list(client_token.primary_key),
                set_={name: insert.excluded[name] for name in ("digest", "answer", "at")},
            )
        )
        self.find = text(
            sa.select(client_token).where(
                columns.account_id == P("account_id"),
                columns.action == P("action"),
                columns.token == P("token"),
                columns.at > P("since"),
            )
        )
        old = sa.select(*client_token.primary_key).where(columns.at <= P("before")).limit(P("limit"))
        self.forget = text(sa.delete(client_token).where(sa.tuple_(*client_token.primary_key).in_(old)))


class ClientTokens:
    """The tokens within a transaction.

    Args:
        run: runs a statement; the rows it gives, and how many it changed.
    """

    def __init__(
        self, run: Callable[[str, dict[str, Any]], tuple[Rows, int]], statements: ClientTokenStatements
    ) -> None:
        self._run = run
        self._sql = statements

    def claim(self, used: UsedToken, since: int) -> UsedToken | None:
        """Notes the use of a token, or returns the earlier one of after `since`, which then stays."""
        rows, _ = self._run(self._sql.find, _question(used.account_id, used.action, used.token, since))
        if rows:
            return UsedToken(**dict(zip(UsedToken.__struct_fields__, rows[0], strict=True)))
        self._run(self._sql.put, msgspec.structs.asdict(used))
        return None

    def forget(self, before: int, limit: int) -> int:
        """Removes up to `limit` tokens used at `before` or earlier; how many it removed."""
        return self._run(self._sql.forget, {"before": before, "limit": limit})[1]


class ClientTokenReader:
    """The tokens outside a transaction."""

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: ClientTokenStatements
    ) -> None:
        self._read = read
        self._sql = statements

    async def find(self, account_id: AccountId, action: str, token: str, since: int) -> UsedToken | None:
        """What a token was used for after `since`."""
        rows = self._read(self._sql.find, _question(account_id, action, token, since))
        return UsedToken(**dict(zip(UsedToken.__struct_fields__, rows[0], strict=True))) if rows else None


def _question(account_id: AccountId, action: str, token: str, since: int) -> dict[str, Any]:
    return {"account_id": account_id, "action": action, "token": token, "since": since}
