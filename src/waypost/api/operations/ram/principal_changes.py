"""Changes of an account's users, access keys, roles and policies."""

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
    """What a change has to look at, by the kinds of the store."""

    USERS = "user"
    KEYS = "key"
    ROLES = "role"


def change_principals(
    request: Request[Any],
    change: Callable[[Principals, Transaction], R],
    *kinds: PrincipalKind,
    policy: str = "",
) -> Result[R]:
    """A change of what the caller's account has.

    Args:
        change: takes what there is as the transaction finds it, so that of two calls in one moment the second
            one meets what the first one made; returns the answer, or raises `ApiError`.
        kinds: what `change` has to see: all that the account has of these.
        policy: the name of the one policy that it has to see, since an account can have megabytes of them;
            empty for none.
    """
    account_id = request.caller.account_id

    def write(transaction: Transaction) -> R:
        entries = [entry for kind in kinds for entry in transaction.entries_of(kind.value, account_id)]
        named = transaction.entry(policy_key(account_id, policy)) if policy else None
        principals = Principals()
        for entry in (*entries, named) if named is not None else entries:
            assert isinstance(entry, Principal)
            principals.add(entry)
        return change(principals, transaction)

    return Result(None, write, reconfigures=True)


def write_principal(transaction: Transaction, entry: Principal) -> None:
    """Writes an entry that a call made or changed."""
    transaction.put_entries([entry], BY_CALL)
