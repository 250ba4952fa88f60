"""The suppression list in the database: asked before each promotion, grown by people and providers."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from waypost.model.channels import channel_named
from waypost.model.digest_filter import DigestFilter
from waypost.model.identifiers import AccountId
from waypost.model.message.suppression import ANY, OptOutReason, Suppression
from waypost.storage.schema import suppression

P = sa.bindparam
_64_BITS = (1 << 64) - 1
Rows = list[tuple[Any, ...]]


class SuppressionStatements:
    """The SQL.

    Args:
        text: compiles a statement for the dialect.
    """

    def __init__(self, text: Callable[[ClauseElement], str]) -> None:
        columns = suppression.c
        self.add = text(
            sqlite.insert(suppression)
            .values({column.name: P(column.name) for column in columns})
            .on_conflict_do_nothing()
        )
        the_one = (
            columns.account_id == P("account_id"),
            columns.recipient == P("recipient"),
            columns.channel == P("channel"),
            columns.sender == P("sender"),
        )
        self.remove = text(sa.delete(suppression).where(*the_one))
        self.remove_for_reason = text(sa.delete(suppression).where(*the_one, columns.reason == P("reason")))
        self.holds = text(
            sa.select(sa.literal_column("1")).where(
                columns.account_id == P("account_id"),
                columns.recipient == P("recipient"),
                columns.channel.in_([P("channel"), P("any_channel")]),
                columns.sender.in_([P("sender"), P("any_sender")]),
            )
        )
        self.people = text(sa.select(columns.account_id, columns.recipient).distinct())
        self.page = text(
            sa.select(suppression)
            .where(
                columns.account_id == P("account_id"),
                *(
                    sa.or_(P(name) == sa.literal_column("''"), columns[name] == P(name))
                    for name in ("channel", "sender", "recipient")
                ),
            )
            .order_by(columns.at, columns.recipient, columns.channel, columns.sender)
            .limit(P("limit"))
            .offset(P("offset"))
        )


class ListedPeople:
    """Who may be on a list, in memory: most promotions go to people who are on none, and need no look.

    It holds everybody who was ever put on one since the start, so that its "no" is certain.
    """

    def __init__(self, people: Iterable[tuple[AccountId, str]]) -> None:
        known = list(people)
        self._filter = DigestFilter(len(known))
        for account_id, recipient in known:
            self.add(account_id, recipient)

    def add(self, account_id: AccountId, recipient: str) -> None:
        """Notes a person."""
        self._filter.add(_digest(account_id, recipient))

    def might_contain(self, account_id: AccountId, recipient: str) -> bool:
        """Whether a person may be on the account's list."""
        return self._filter.might_contain(_digest(account_id, recipient))


def _digest(account_id: AccountId, recipient: str) -> int:
    return hash((account_id, recipient)) & _64_BITS


class Suppressions:
    """The list within a transaction.

    Args:
        run: runs a statement; the rows it gives, and how many it changed.
        people: who may be on it.
    """

    def __init__(
        self,
        run: Callable[[str, dict[str, Any]], tuple[Rows, int]],
        statements: SuppressionStatements,
        people: ListedPeople,
    ) -> None:
        self._run = run
        self._sql = statements
        self._people = people

    def add(self, entry: Suppression) -> bool:
        """Puts a person on the list; False when they are there already, with the reason they had."""
        # Before it is durable: one who then is not on the list only costs a look.
        self._people.add(entry.account_id, entry.recipient)
        return self._run(self._sql.add, _row(entry))[1] > 0

    def remove(
        self,
        account_id: AccountId,
        channel: str,
        sender: str,
        recipient: str,
        reason: OptOutReason | None = None,
    ) -> bool:
        """Takes a person off the list, or only if they are there for `reason`; whether they were."""
        key = _key(account_id, channel, sender, recipient)
        if reason is None:
            return self._run(self._sql.remove, key)[1] > 0
        return self._run(self._sql.remove_for_reason, key | {"reason": reason.value})[1] > 0

    def holds(self, account_id: AccountId, channel: str, sender: str, recipient: str) -> bool:
        """Whether a person wants no promotions from a sender."""
        if not self._people.might_contain(account_id, recipient):
            return False
        return bool(self._run(self._sql.holds, _question(account_id, channel, sender, recipient))[0])


class SuppressionReader:
    """The list outside a transaction.

    Attributes:
        people: who may be on it.
    """

    def __init__(
        self, read: Callable[[str, dict[str, Any]], Rows], statements: SuppressionStatements
    ) -> None:
        self._read = read
        self._sql = statements
        self.people = ListedPeople((row[0], row[1]) for row in read(statements.people, {}))

    async def among(
        self, account_id: AccountId, channel: str, sender: str, recipients: Iterable[str]
    ) -> Collection[str]:
        """Those of `recipients` who want no promotions from a sender."""
        return {
            recipient
            for recipient in recipients
            if self.people.might_contain(account_id, recipient)
            and self._read(self._sql.holds, _question(account_id, channel, sender, recipient))
        }

    async def page(
        self, account_id: AccountId, *, channel: str, sender: str, recipient: str, skip: int, limit: int
    ) -> list[Suppression]:
        """A part of an account's list, oldest first; an empty filter lets all pass."""
        rows = self._read(
            self._sql.page,
            _key(account_id, channel, sender, recipient) | {"offset": skip, "limit": limit},
        )
        return [_suppression(row) for row in rows]


def _row(entry: Suppression) -> dict[str, Any]:
    return _key(entry.account_id, entry.channel, entry.sender, entry.recipient) | {
        "reason": entry.reason.value,
        "detail": entry.detail,
        "at": entry.at,
    }


def _suppression(row: tuple[Any, ...]) -> Suppression:
    account_id, recipient, channel, sender, reason, detail, at = row
    return Suppression(
        account_id=account_id,
        channel=channel,
        sender=sender,
        recipient=recipient,
        reason=OptOutReason(reason),
        detail=detail,
        at=at,
    )


def _key(account_id: AccountId, channel: str, sender: str, recipient: str) -> dict[str, Any]:
    return {"account_id": account_id, "recipient": recipient, "channel": channel, "sender": sender}


def _question(account_id: AccountId, channel: str, sender: str, recipient: str) -> dict[str, Any]:
    # An id of a channel's own is nobody's phone number, whatever its digits.
    any_channel = channel if channel_named(channel).own_ids else ANY
    return _key(account_id, channel, sender, recipient) | {"any_channel": any_channel, "any_sender": ANY}
