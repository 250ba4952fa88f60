"""Detects replayed calls by their nonces: exactly, and with little memory.

A signed call is accepted once. Its timestamp may differ from the clock by 15 minutes in either direction, so
a replay can arrive up to half an hour later, and every nonce of that time must be remembered: 18 million at
10,000 calls/s. The store has all of them (each written in the transaction of its call). A Bloom filter in
memory recognises nearly every new nonce as unused; the store is read only where a filter might contain the
nonce.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.model.digest_filter import DigestFilter

SLICE_S = 900
"""The length of a slice in seconds: nonces are stored and removed by slices of their time of arrival."""

_KEPT = 2 * CLOCK_TOLERANCE_S // SLICE_S
"""The number of slices before the present one (or, after the clock went back, after it) to keep."""

# A clock set far back leaves many slices ahead of it; beyond this many, only the latest one is recorded.
_MOST_UNLOADED = 10_000


class NonceLog(Protocol):
    """The exact record of used nonces in the store, which the nodes of a cluster share."""

    def seen(self, access_key_id: str, digest: bytes, slices: Sequence[int]) -> bool:
        """Whether a nonce was written in one of the slices; called only if a filter might contain it."""


class NonceClaim(msgspec.Struct, frozen=True):
    """A nonce claimed by a call, to be written to the store in the transaction of the call.

    Attributes:
        digest: 16 bytes, the hash of access key id and nonce.
        slice: the quarter of an hour in which it arrived (Unix time divided by `SLICE_S`).
        valid: the slices in which a call with this nonce could have arrived and still be valid.
    """

    digest: bytes
    slice: int
    valid: range


class NonceGuard:
    """Allows each nonce of an access key to be claimed once while a replay of its call would be valid.

    Attributes:
        unloaded: slices with rows in the store that the filters may lack: those from before a restart until
            they are restored, and those dropped when the clock was changed. The store is read for them at
            every nonce, which is correct but slow.
    """

    def __init__(self, log: NonceLog, unloaded: Iterable[int] = ()) -> None:
        """Starts with empty filters; `unloaded` are the slices that already have rows in the store."""
        self.unloaded = set(unloaded)
        self._log = log
        self._in_flight: dict[bytes, int] = {}
        self._filters: dict[int, DigestFilter] = {}
        # Those of all slices but the present one.
        self._others: list[tuple[int, DigestFilter]] = []
        self._current: DigestFilter
        self._present: int | None = None
        self._window = range(0)
        # Slices below this may have been dropped as too old; they count again if the clock goes back.
        self._dropped_below = 0
        self._always_read: tuple[int, ...] = ()

    @property
    def filter_bytes(self) -> int:
        """The size of the filters in bytes."""
        return sum(filter_.size_bytes for filter_ in self._filters.values())

    @property
    def oldest_kept(self) -> int:
        """The oldest slice to keep; earlier ones may be removed from the store."""
        return self._window.start

    def claim(self, access_key_id: str, nonce: str, now_s: float) -> NonceClaim | None:
        """Claims a nonce for the access key; None if it was used already.

        The claim takes effect at once in this process, and elsewhere once the caller has written it to the
        store; the caller then calls `settle`.

        Args:
            access_key_id: the key that signed the call; each key has its own nonces.
            nonce: as sent.
            now_s: real time, Unix seconds; the clock that timestamps are checked against.
        """
        present = int(now_s) // SLICE_S
        if present != self._present:
            self._move_to(present)
        digest = hashlib.blake2b(f"{access_key_id}\n{nonce}".encode(), digest_size=16).digest()
        if digest in self._in_flight:
            return None
        number = int.from_bytes(digest, "little")
        slices: Sequence[int] = self._always_read
        for slice_, filter_ in self._others:
            if filter_.might_contain(number):
                slices = [*slices, slice_]
        if not self._current.add_if_new(number):
            slices = [*slices, present]
        if slices and self._log.seen(access_key_id, digest, slices):
            return None
        self._in_flight[digest] = present
        return NonceClaim(digest, present, self._window)

    def settle(self, claim: NonceClaim) -> None:
        """Drops a claim from memory, since its transaction has ended.

        A claim whose transaction failed is settled too; its nonce can then be used again, which is harmless
        as the call changed nothing.
        """
        self._in_flight.pop(claim.digest, None)

    def restore(self, rows: Iterable[tuple[str, bytes, int]]) -> None:
        """Adds rows (access key id, digest, slice) to the filters; ignores slices that are not kept."""
        for _, digest, slice_ in rows:
            if slice_ in self._window:
                self._filter(slice_).add(int.from_bytes(digest, "little"))

    def mark_restored(self, slice_: int) -> None:
        """Marks a slice whose rows were all restored, so that the store is no longer read for it."""
        self.unloaded.discard(slice_)
        self._note_unloaded()

    def start(self, now_s: float) -> None:
        """Sets the present slice, so that rows can be restored before the first call."""
        self._move_to(int(now_s) // SLICE_S)

    def _move_to(self, present: int) -> None:
        self._present = present
        self._window = range(present - _KEPT, present + _KEPT + 1)
        for number in [n for n in self._filters if n not in self._window]:
            del self._filters[number]
            self.unloaded.add(number)
        for number in [n for n in self.unloaded if n < self._window.start]:
            self.unloaded.remove(number)
            self._dropped_below = max(self._dropped_below, number + 1)
        if len(self.unloaded) > _MOST_UNLOADED:
            self._dropped_below = max(self.unloaded) + 1
            self.unloaded.clear()
        self.unloaded.update(n for n in self._window if n < self._dropped_below and n not in self._filters)
        self._in_flight = {d: n for d, n in self._in_flight.items() if n in self._window}
        self._current = self._filter(present)
        self._note_others()
        self._note_unloaded()

    def _note_unloaded(self) -> None:
        self._always_read = tuple(n for n in self._window if n in self.unloaded)

    def _filter(self, number: int) -> DigestFilter:
        filter_ = self._filters.get(number)
        if filter_ is None:
            # Sized for the count of the previous slice: in steady traffic one layer per slice is enough.
            before = self._filters.get(number - 1)
            filter_ = DigestFilter(before.count if before is not None else 0)
            self._filters[number] = filter_
            self._note_others()
        return filter_

    def _note_others(self) -> None:
        self._others = [
            (slice_, filter_) for slice_, filter_ in self._filters.items() if slice_ != self._present
        ]
