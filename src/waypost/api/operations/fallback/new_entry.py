"""Rules and policies that a call makes: their ids, and how they are written."""

import secrets
from typing import TypeVar

from waypost.api.errors.catalogue import ApiError
from waypost.api.members import Answer
from waypost.api.operations.endpoint import Result
from waypost.api.operations.entry_changes import BY_CALL
from waypost.model import codes
from waypost.model.configuration import Entry
from waypost.storage.contract import Transaction
from waypost.storage.rows import entry_key

_IDS = 10**9

R = TypeVar("R", bound=Answer)


def draw_id(prefix: str) -> str:
    """An id like those of the official console, `S_000001`, with nine random digits."""
    return f"{prefix}{secrets.randbelow(_IDS):09d}"


def add_entry(entry: Entry, answer: R) -> Result[R]:
    """Writes an entry whose id was drawn, and answers `answer`; the call is refused if the id is taken."""

    def write(transaction: Transaction) -> None:
        if transaction.entry(entry_key(entry)) is not None:
            raise ApiError(codes.SERVICE_UNAVAILABLE, "The id that was drawn is taken; call again.")
        transaction.put_entries([entry], BY_CALL)

    return Result(answer, write, reconfigures=True)
