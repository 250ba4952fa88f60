"""A change of the configuration on record: who made it, and what differs, without secrets."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from waypost.model.entries import Entry
from waypost.model.entry_changes import EntryWrite, InsertEntry, RemoveEntry, ReplaceEntry

HIDDEN = "***"
"""Stands for a secret."""
HIDDEN_ANEW = "*** (another one)"
"""Stands for a secret that is not the one of before."""

_SECRETS = frozenset({"secret"})
_URLS = frozenset({"status_url", "inbound_url"})


class Author(NamedTuple):
    """Who changes the configuration.

    Attributes:
        at: when, milliseconds UTC.
        who: `acme/alice` for a user, `acme` for the owner of an account, `cli/<user of the operating system>`
            for a command, `file` for the settings file, or the part of the service that does it by itself.
        access_key_id: the key that signed the call; empty for what is no call.
        peer: the network address of the call.
        request_id: of the call.
    """

    at: int
    who: str
    access_key_id: str = ""
    peer: str = ""
    request_id: str = ""


class Difference(NamedTuple):
    """What a change does to an entry: the members that differ, by name; empty where there is no entry."""

    before: dict[str, Any]
    after: dict[str, Any]


def difference(change: EntryWrite) -> Difference:
    """What a change does to an entry, without secrets."""
    match change:
        case InsertEntry(entry):
            return Difference({}, _redacted(_members(entry)))
        case RemoveEntry(entry):
            return Difference(_redacted(_members(entry)), {})
        case ReplaceEntry(old, new):
            return _changed(_members(old), _members(new))


def _changed(old: dict[str, Any], new: dict[str, Any]) -> Difference:
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    before = {name: old[name] for name in names if name in old}
    after = {name: new[name] for name in names if name in new}
    return Difference(_redacted(before), _redacted(after, before))


def _members(entry: Entry) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(entry)
    return members


def _redacted(value: Any, before: Any = None, name: str = "") -> Any:
    """A value without secrets.

    Args:
        before: the one of before the change; None if there was none.
    """
    if isinstance(value, dict):
        earlier = before if isinstance(before, dict) else {}
        return {key: _redacted(member, earlier.get(key), key) for key, member in value.items()}
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if name in _SECRETS and value:
        return HIDDEN_ANEW if before and before != value else HIDDEN
    if name in _URLS and isinstance(value, str):
        return without_credentials(value)
    return value


def without_credentials(url: str) -> str:
    """A URL without what may be a password in it: user, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    host = parts.netloc.rpartition("@")[2]
    query = f"?{HIDDEN}" if parts.query or parts.fragment else ""
    user = f"{HIDDEN}@" if "@" in parts.netloc else ""
    return f"{parts.scheme}://{user}{host}{parts.path}{query}" if parts.netloc else url
