"""Lists callbacks, and finds those of a period, without an index that every callback would pay for."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from waypost.model.identifiers import AccountId, MessageId
from waypost.storage.records import Callback, CallbackState
from waypost.storage.rows import Row, to_callback

if TYPE_CHECKING:
    from waypost.storage.statements import Statements

Read = Callable[[str, dict[str, Any]], list[Row]]


def list_callbacks(
    read: Read,
    sql: "Statements",
    *,
    account_id: AccountId | None,
    message_id: MessageId | None,
    states: Sequence[CallbackState],
    after: int,
    limit: int,
) -> list[Callback]:
    """Callbacks with an id above `after`, oldest first."""
    callbacks: list[Callback] = []
    while len(callbacks) < limit:
        parameters: dict[str, Any] = {"after": after, "limit": limit}
        if message_id is not None:
            rows = read(sql.callbacks_of_message, parameters | {"message_id": message_id})
        elif tuple(states) == (CallbackState.DEAD,):
            rows = read(sql.dead_callbacks, parameters)
        else:
            rows = read(sql.callbacks, parameters)
        if not rows:
            break
        after = rows[-1][0]
        callbacks += [
            callback
            for callback in map(to_callback, rows)
            if (account_id is None or callback.account_id == account_id)
            and (not states or callback.state in states)
        ]
    return callbacks[:limit]


def callbacks_since(read: Read, sql: "Statements", at: int) -> int:
    """An id such that the callbacks with higher ones were made at `at` or later."""
    # Ids ascend with time, so a binary search spares an index.
    latest = read(sql.latest_callback, {})[0][0]
    before, since = 0, 1 + (latest or 0)
    while since - before > 1:
        middle = (before + since) // 2
        rows = read(sql.next_callback, {"callback_id": middle})
        if rows and rows[0][1] < at:
            before = rows[0][0]
        else:
            since = middle
    return before
