"""Changes of configuration entries by API calls."""

from collections.abc import Callable
from typing import TypeVar

from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Result
from waypost.model.configuration import Entry
from waypost.model.faults import Fault
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

BY_CALL = "api"
"""The origin of configuration entries that API calls write."""

E = TypeVar("E", bound=Entry)
R = TypeVar("R", bound=Answer)


def change_entry(entry: E, change: Callable[[E], E], answer: Callable[[E], R], missing: Fault) -> Result[R]:
    """The result that changes an entry as stored at the time of the transaction, since another call may have
    changed it after the snapshot.

    Args:
        entry: the entry of the snapshot.
        change: returns the changed entry.
        answer: builds the answer from the changed entry.
        missing: the fault with which the call is refused if the entry was deleted meanwhile.
    """

    def write(transaction: Transaction) -> R:
        current = transaction.entry(entry_key(entry))
        if not isinstance(current, type(entry)):
            raise from_faults([missing])
        changed = change(current)
        transaction.put_entries([changed], BY_CALL)
        return answer(changed)

    return Result(answer(change(entry)), write, reconfigures=True)
