"""Ids for new rules and policies, and the transaction that writes them."""

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
    """Generates an id like those of the official console, `S_000001`, but with nine random digits."""
    return f"{prefix}{secrets.randbelow(_IDS):09d}"


def add_entry(entry: Entry, answer: R) -> Result[R]:
    """The result that writes a new entry and answers `answer`; the write is refused if the id is in use."""

    def write(transaction: Transaction) -> None:
        if transaction.entry(entry_key(entry)) is not None:
            raise ApiError(codes.SERVICE_UNAVAILABLE, "The id that was drawn is taken; call again.")
        transaction.put_entries([entry], BY_CALL)

    return Result(answer, write, reconfigures=True)
