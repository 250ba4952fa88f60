"""What API calls change in the configuration, and what they rely on there."""

from typing import Any

from waypost.api.operations.endpoint import Request
from waypost.model.configuration import Entry
from waypost.model.entry_changes import ExpectUnchanged, InsertEntry, ReplaceEntry

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


def relies_on(request: Request[Any], *types: type[Entry]) -> ExpectUnchanged:
    """That the decision holds only while the account's entries of these types are those of the snapshot."""
    return ExpectUnchanged(request.caller.account_id, types, request.configuration.version)
