"""What API calls change in the configuration, and what they rely on there."""

from typing import Any

from waypost.api.operations.endpoint import Request
from waypost.model.configuration import Entry
from waypost.model.entry_changes import ExpectEntry, ExpectUnchanged, InsertEntry, ReplaceEntry

_BY_CALL = "api"
"""The origin of configuration entries that API calls write."""


def inserts(entry: Entry) -> InsertEntry:
    """A new entry."""
    return InsertEntry(entry, _BY_CALL)


def replaces(old: Entry, new: Entry) -> ReplaceEntry:
    """An entry with other values.

    Args:
        old: the entry as the snapshot of the request has it.
    """
    return ReplaceEntry(old, new, _BY_CALL)


def relies_on(*entries: Entry | None) -> list[ExpectEntry]:
    """That the decision holds only while these entries are as the snapshot has them; None is passed over."""
    return [ExpectEntry(entry) for entry in entries if entry is not None]


def relies_on_all(request: Request[Any], *types: type[Entry], id_prefix: str = "") -> ExpectUnchanged:
    """That the decision holds only while the account has the entries of these types that the snapshot has.

    Args:
        id_prefix: if it is not empty, those entries are meant whose ids begin so.
    """
    return ExpectUnchanged(request.caller.account_id, types, request.configuration.version, id_prefix)
