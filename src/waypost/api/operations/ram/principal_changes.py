"""Transactions that change the users, access keys, roles and policies of an account."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from waypost.api.members import Answer
from waypost.api.operations.endpoint import Request, Result
from waypost.api.operations.entry_changes import BY_CALL
from waypost.model.access.principals import Principal, Principals
from waypost.storage.contract import Transaction
from waypost.storage.rows import policy_key

R = TypeVar("R", bound=Answer)


class PrincipalKind(Enum):
    """The kinds of entries that a change reads, with their names in the store."""

    USERS = "user"
    KEYS = "key"
    ROLES = "role"


def change_principals(
    request: Request[Any],
    change: Callable[[Principals, Transaction], R],
    *kinds: PrincipalKind,
    policy: str = "",
) -> Result[R]:
    """The result that changes users, keys, roles or policies of the caller's account.

    Args:
        change: takes the entries as read within the transaction, so that the second of two concurrent calls
            sees the changes of the first; returns the answer, or raises `ApiError`.
        kinds: the kinds of entries to read for `change`, all those of the account.
        policy: the name of the only policy to read, since those of an account can take megabytes; empty for
            none.
    """
    account_id = request.caller.account_id

    def write(transaction: Transaction) -> R:
        entries = [entry for kind in kinds for entry in transaction.entries_of(kind.value, account_id)]
        policy_entry = transaction.entry(policy_key(account_id, policy)) if policy else None
        principals = Principals()
        for entry in (*entries, policy_entry) if policy_entry is not None else entries:
            assert isinstance(entry, Principal)
            principals.add(entry)
        return change(principals, transaction)

    return Result(None, write, reconfigures=True)


def write_principal(transaction: Transaction, entry: Principal) -> None:
    """Writes an entry that an API call created or changed."""
    transaction.put_entries([entry], BY_CALL)
