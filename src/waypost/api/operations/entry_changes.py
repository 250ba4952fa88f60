"""Changes by call of what the configuration holds."""

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
"""The origin of an entry of the configuration that a call made."""

E = TypeVar("E", bound=Entry)
R = TypeVar("R", bound=Answer)


def change_entry(entry: E, change: Callable[[E], E], answer: Callable[[E], R], missing: Fault) -> Result[R]:
    """Changes an entry as it is when the change is written, since another call may have come in between.

    Args:
        entry: as the caller's snapshot has it.
        change: what it becomes.
        answer: what is answered of the changed entry.
        missing: what is wrong when it was deleted meanwhile.
    """

    def write(transaction: Transaction) -> R:
        current = transaction.entry(entry_key(entry))
        if not isinstance(current, type(entry)):
            raise from_faults([missing])
        changed = change(current)
        transaction.put_entries([changed], BY_CALL)
        return answer(changed)

    return Result(answer(change(entry)), write, reconfigures=True)
