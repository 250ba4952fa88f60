"""Decides which changes of a batch may be written, with one statement a kind of expectation.

It is asked under the write lock, so that what it finds holds until the batch is committed.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from waypost.model.channels import channel_named
from waypost.model.identifiers import shard_of
from waypost.model.message.sms_limits import SmsCount
from waypost.model.message.suppression import ANY, ERASED
from waypost.model.people import canonical_person
from waypost.storage.changes import (
    Change,
    ClaimInbound,
    CountSms,
    Refusal,
    RequireOpenWindow,
    RequireUnsuppressed,
)
from waypost.storage.rows import Row, encode
from waypost.storage.sqlite.batch import OfKinds
from waypost.storage.suppressions import ListedPeople

Query = Callable[[str, Sequence[Any]], list[Row]]

# Each is given rows as JSON and returns the places of those that it finds.
_HELD = """SELECT w.key FROM json_each(?) AS w JOIN journal AS j ON j.seq = w.value ->> 0
    WHERE j.fence = w.value ->> 1"""
_UNCHANGED = """SELECT w.key FROM json_each(?) AS w JOIN leg AS l
    ON l.shard = w.value ->> 0 AND l.message_id = w.value ->> 1 AND l.leg = 0
    WHERE l.version = w.value ->> 2"""
_RECORDED = """SELECT w.key FROM json_each(?) AS w JOIN inbound AS i
    ON i.route = w.value ->> 0 AND i.provider_id = w.value ->> 1"""
# A person has few entries: with a plus, the index is not searched for each channel and sender.
_SUPPRESSED = """SELECT w.key FROM json_each(?) AS w WHERE EXISTS (SELECT 1 FROM suppression AS s
    WHERE s.account_id = w.value ->> 0 AND s.recipient {person}
    AND +s.channel IN (w.value ->> 2, w.value ->> 3) AND +s.sender IN (w.value ->> 4, w.value ->> 5))"""
_LISTED = _SUPPRESSED.format(person="= w.value ->> 1")
_LISTED_OR_ERASED = _SUPPRESSED.format(person="IN (w.value ->> 1, w.value ->> 6)")
# The hashes of erased people stand together.
_WITH_ERASED = f"""SELECT w.value FROM json_each(?) AS w WHERE EXISTS (SELECT 1 FROM suppression AS s
    WHERE s.account_id = w.value AND s.recipient >= '{ERASED}' AND s.recipient < '{ERASED[:-1]};')"""

_OPEN = """SELECT w.key FROM json_each(?) AS w JOIN conversation AS c
    ON c.channel = w.value ->> 0 AND c.sender = w.value ->> 1 AND c.user = w.value ->> 2
    WHERE c.last_inbound >= w.value ->> 3"""
_COUNTED = """SELECT w.key, c.count FROM json_each(?) AS w JOIN sms_count AS c
    ON c.account_id = w.value ->> 0 AND c.scope = w.value ->> 1 AND c.key = w.value ->> 2
    AND c.hour = w.value ->> 3"""


class Guards:
    """The expectations of the changes of one batch.

    Args:
        query: executes a statement and returns its rows.
        people: knows what stands on the suppression list in place of a person who was erased.
    """

    def __init__(self, query: Query, people: ListedPeople) -> None:
        self._query = query
        self._people = people

    def refusals(self, changes: Sequence[Change], commands: OfKinds) -> list[Refusal | None]:
        """For each change why it may not be written, or None. Of two changes that exclude each other the
        second is refused.

        Args:
            commands: those of the changes.
        """
        refusals: list[Refusal | None] = [None] * len(changes)
        # An earlier claim of a row is refused below, and is no reason against the present one.
        held = [
            (place, (work.seq, work.fence)) for place, change in enumerate(changes) for work in change.works
        ]
        self._refuse(refusals, Refusal.LEASE_LOST, _repeated(held))
        decided = [(place, change.message_id) for place, change in enumerate(changes) if change.message_id]
        self._refuse(refusals, Refusal.CHANGED, _repeated(decided))
        recorded = [(place, (one.route, one.provider_id)) for place, one in commands.get(ClaimInbound, ())]
        self._refuse(refusals, Refusal.REPEATED, _repeated(recorded))

        self._refuse(refusals, Refusal.SUPPRESSED, self._suppressed(commands.get(RequireUnsuppressed, ())))
        windows = [(place, _window_key(one)) for place, one in commands.get(RequireOpenWindow, ())]
        self._refuse(refusals, Refusal.WINDOW_CLOSED, self._missing(_OPEN, windows))
        self._refuse(refusals, Refusal.REPEATED, self._found(_RECORDED, recorded))
        unchanged = [(place, (shard_of(id_), id_, changes[place].version)) for place, id_ in decided]
        self._refuse(refusals, Refusal.CHANGED, self._missing(_UNCHANGED, unchanged))
        self._refuse(refusals, Refusal.LEASE_LOST, self._missing(_HELD, held))
        written = [
            (place, one.counts) for place, one in commands.get(CountSms, ()) if refusals[place] is None
        ]
        if written:
            self._refuse(refusals, Refusal.CAPPED, self._capped(written))
        return refusals

    def _suppressed(self, required: Sequence[tuple[int, RequireUnsuppressed]]) -> Iterable[int]:
        """The places whose recipients are on the list, by address or by what stands in place of it."""
        if not required:
            return ()
        accounts = list({command.account_id for _, command in required})
        erased = {row[0] for row in self._query(_WITH_ERASED, (encode(accounts).decode(),))}
        rows = [(place, self._suppression_key(command, erased)) for place, command in required]
        return self._found(_LISTED_OR_ERASED if erased else _LISTED, rows)

    def _suppression_key(self, command: RequireUnsuppressed, erased: Collection[str]) -> Row:
        account_id, channel = command.account_id, command.channel
        # An id of the channel's own is no phone number, so entries for all channels do not apply to it.
        any_channel = channel if channel_named(channel).own_ids else ANY
        person = canonical_person(channel, command.recipient)
        hashed = self._people.erased(account_id, person) if account_id in erased else person
        return (account_id, person, channel, any_channel, command.sender, ANY, hashed)

    def _capped(self, counted: Sequence[tuple[int, Sequence[SmsCount]]]) -> Iterable[int]:
        """The places whose SMS would exceed a cap, together with those before them."""
        keys = list({count[:4]: None for _, counts in counted for count in counts})
        found = self._query(_COUNTED, (encode(keys).decode(),))
        totals = dict.fromkeys(keys, 0) | {keys[key]: count for key, count in found}
        for place, counts in counted:
            if any(totals[count[:4]] >= count.cap for count in counts):
                yield place
                continue
            for count in counts:
                totals[count[:4]] += 1

    def _refuse(self, refusals: list[Refusal | None], refusal: Refusal, places: Iterable[int]) -> None:
        for place in places:
            refusals[place] = refusal

    def _found(self, sql: str, rows: list[tuple[int, Row]]) -> Iterable[int]:
        if not rows:
            return ()
        found = self._query(sql, (encode([row for _, row in rows]).decode(),))
        return [rows[key][0] for (key,) in found]

    def _missing(self, sql: str, rows: list[tuple[int, Row]]) -> Iterable[int]:
        if not rows:
            return ()
        found = {key for (key,) in self._query(sql, (encode([row for _, row in rows]).decode(),))}
        if len(found) == len(rows):
            return ()
        return [place for key, (place, _) in enumerate(rows) if key not in found]


def _repeated(keys: Sequence[tuple[int, Any]]) -> Iterable[int]:
    """The places of keys that an earlier place has, too."""
    if len({key for _, key in keys}) == len(keys):
        return ()
    first = {key: place for place, key in reversed(keys)}
    return [place for place, key in keys if first[key] != place]


def _window_key(command: RequireOpenWindow) -> Row:
    return (
        command.channel,
        command.sender,
        canonical_person(command.channel, command.user),
        command.since,
    )
