"""A transaction on a DB-API cursor, which the changes of a group commit share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from waypost.model.identifiers import MessageId, shard_of
from waypost.model.message.message import Message
from waypost.storage.call_records import CallRecords
from waypost.storage.cancellations import Cancellations
from waypost.storage.changes import Change, Command, Refusal
from waypost.storage.client_tokens import ClientTokens
from waypost.storage.configuration import ConfigurationChanges
from waypost.storage.contract import RefusedError
from waypost.storage.erasure import Erasure
from waypost.storage.queue_messages import QueueChanges
from waypost.storage.records import Callback
from waypost.storage.rejected_webhooks import RejectedWebhooks
from waypost.storage.retention import Retention
from waypost.storage.route_rates import RouteRates
from waypost.storage.route_states import RouteStates
from waypost.storage.rows import Row, decode_message, to_callback
from waypost.storage.suppressions import ListedPeople, Suppressions

if TYPE_CHECKING:
    from waypost.storage.statements import Statements


class Cursor(Protocol):
    """The part of a DB-API cursor that the transaction uses."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        ...

    def execute(self, sql: str, parameters: Any = ..., /) -> object:
        """Executes one statement."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """All remaining rows."""
        ...


class SqlTransaction:
    """`waypost.storage.contract.Transaction` on SQL.

    Args:
        write: writes a change in this transaction, or returns why it is refused.

    Attributes:
        suppressions, client_tokens, rejected_webhooks, queues, configuration, call_records, cancellations,
        retention, erasure, route_states, route_rates: see the contract,
        `waypost.storage.contract.Transaction`.
    """

    def __init__(
        self,
        cursor: Cursor,
        statements: "Statements",
        people: ListedPeople,
        write: Callable[[Change], Refusal | None],
    ) -> None:
        self._cursor = cursor
        self._sql = statements
        self._write = write
        self.suppressions = Suppressions(self._run, statements.suppressions, people)
        self.client_tokens = ClientTokens(self._run, statements.client_tokens)
        self.rejected_webhooks = RejectedWebhooks(self._run, statements.rejected_webhooks)
        self.queues = QueueChanges(self._run, statements.queue)
        self.configuration = ConfigurationChanges(self._run, statements.configuration, statements.audit)
        self.call_records = CallRecords(self._run, statements.call_records)
        self.cancellations = Cancellations(self._run, statements.cancellations)
        self.retention = Retention(self._run, statements.retention)
        self.erasure = Erasure(self._run, statements.erasure, people)
        self.route_rates = RouteRates(self._run, statements.route_rates)
        self.route_states = RouteStates(self._run, statements.route_states)

    def write(self, *commands: Command) -> None:
        """Writes commands.

        Raises:
            RefusedError: what they expect is not so.
        """
        refusal = self._write(Change(commands))
        if refusal is not None:
            raise RefusedError(refusal)

    def _execute(self, sql: str, parameters: dict[str, Any]) -> None:
        self._cursor.execute(sql, parameters)

    def _run(self, sql: str, parameters: dict[str, Any]) -> tuple[list[Row], int]:
        self._execute(sql, parameters)
        return self._cursor.fetchall(), self._cursor.rowcount

    def _fetch_row(self, sql: str, parameters: dict[str, Any]) -> Row | None:
        self._execute(sql, parameters)
        row: Row | None = self._cursor.fetchone()
        return row

    def message(self, message_id: MessageId) -> Message | None:
        """The message with that id, or None."""
        row = self._fetch_row(self._sql.message, {"shard": shard_of(message_id), "message_id": message_id})
        return None if row is None else decode_message(row[0])

    def callback(self, callback_id: int) -> Callback | None:
        """The callback with that id, or None."""
        row = self._fetch_row(self._sql.callback, {"callback_id": callback_id})
        return None if row is None else to_callback(row)

    def fact(self, name: str) -> str | None:
        """The named value about the installation, or None."""
        row = self._fetch_row(self._sql.fact, {"name": name})
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Writes a named value about the installation."""
        self._execute(self._sql.set_fact, {"name": name, "value": value})

    def forget_nonces(self, before: int, limit: int) -> int:
        """Removes up to `limit` nonces of the slices before `before`; returns how many."""
        return self._run(self._sql.forget_nonces, {"before": before, "limit": limit})[1]

    def fold_template_counts(self) -> None:
        """Adds what was counted since the last time to the counters of the templates."""
        for statement in self._sql.fold_template_counts:
            self._execute(statement, {})

    def clear(self) -> None:
        """Empties the journal and the ledger and keeps the configuration."""
        for statement in self._sql.clear:
            self._execute(statement, {})
