"""Which nonces were used: exactly, and in little memory.

A signed call is accepted once. Its timestamp is valid for 15 minutes either way, so a copy of it can arrive
up to half an hour after it, and each nonce of that time must be remembered: 18 million of them at 10,000
calls/s. The store has them all (written in the transaction of their call); a filter in memory before it
answers "never used" for nearly every new nonce, and only where it might contain one is the store read.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.model.digest_filter import DigestFilter

SLICE_S = 900
"""Seconds of arrival whose nonces are kept, and removed, together."""

_KEPT = 2 * CLOCK_TOLERANCE_S // SLICE_S
"""How many slices before (and, if the clock went back, after) the present one can hold a valid nonce."""

# A clock thrown far back leaves slices ahead of it; past this many, one mark stands for all of them.
_MOST_UNLOADED = 10_000


class NonceLog(Protocol):
    """The nonces that the store has, exactly; the nodes of a cluster share it."""

    def seen(self, access_key_id: str, digest: bytes, slices: Sequence[int]) -> bool:
        """Whether a nonce was written in one of the slices; a rare, local and quick read."""


class NonceClaim(NamedTuple):
    """A nonce claimed by a call, to be written to the store in the same transaction as the call.

    Attributes:
        digest: 16 bytes that stand for the access key id and the nonce.
        slice: the quarter of an hour in which it arrived (Unix time divided by `SLICE_S`); rows of a slice
            two before the present one are of no use any more.
    """

    digest: bytes
    slice: int


class NonceGuard:
    """Lets each nonce of each access key be claimed once in the time for which its call could be repeated.

    Attributes:
        unloaded: slices that the store may have rows of which are not in this guard's filters: those of the
            time before a restart until they are restored, and those dropped when the clock was moved. The
            store is read about them for every nonce, which is right but slow.
    """

    def __init__(self, log: NonceLog, unloaded: Iterable[int] = ()) -> None:
        """Starts empty; `unloaded` are all slices of which the store already has rows."""
        self.unloaded = set(unloaded)
        self._log = log
        self._in_flight: dict[bytes, int] = {}
        self._filters: dict[int, DigestFilter] = {}
        self._current: DigestFilter | None = None
        self._present = 0
        self._window = range(0)
        # Slices below this may have been dropped as too old; a clock that goes back makes them matter again.
        self._dropped_below = 0
        self._always_read: tuple[int, ...] = ()

    @property
    def filter_bytes(self) -> int:
        """How many bytes the filters take."""
        return sum(filter_.size_bytes for filter_ in self._filters.values())

    @property
    def oldest_kept(self) -> int:
        """The oldest slice whose nonces still matter; those before it may be removed from the store."""
        return self._window.start

    def claim(self, access_key_id: str, nonce: str, now_s: float) -> NonceClaim | None:
        """Claims a nonce for the access key; None if it was used already.

        The claim is valid at once in this process; beyond it when the caller has written it to the store, and
        then calls `settle`.

        Args:
            access_key_id: whose nonce it is; each key has its own.
            nonce: as the caller sent it.
            now_s: Unix time of the service's clock in seconds, the one that timestamps are checked against.
        """
        present = int(now_s) // SLICE_S
        if present != self._present or self._current is None:
            self._move_to(present)
        assert self._current is not None
        digest = hashlib.blake2b(f"{access_key_id}\n{nonce}".encode(), digest_size=16).digest()
        if digest in self._in_flight:
            return None
        number = int.from_bytes(digest, "little")
        slices: Sequence[int] = self._always_read
        for slice_, filter_ in self._filters.items():
            if filter_.might_contain(number):
                slices = [*slices, slice_]
        if slices and self._log.seen(access_key_id, digest, slices):
            return None
        self._current.add(number)
        self._in_flight[digest] = present
        return NonceClaim(digest, present)

    def settle(self, claims: Iterable[NonceClaim]) -> None:
        """Leaves these claims to the store, since their transactions have ended.

        A call that was refused and wrote nothing is settled too; its nonce may then be used again, which
        repeats the refusal and nothing else.
        """
        for claim in claims:
            self._in_flight.pop(claim.digest, None)

    def restore(self, rows: Iterable[tuple[str, bytes, int]]) -> None:
        """Adds rows of the store: access key id, digest, slice. Rows of other times are left out."""
        for _, digest, slice_ in rows:
            if slice_ in self._window:
                self._filter(slice_).add(int.from_bytes(digest, "little"))

    def mark_restored(self, slice_: int) -> None:
        """Takes a slice for complete, whose rows were all restored: the store is not read for it any more."""
        self.unloaded.discard(slice_)
        self._note_unloaded()

    def start(self, now_s: float) -> None:
        """Sets the time before the first call, so that rows can be restored."""
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
        self._note_unloaded()

    def _note_unloaded(self) -> None:
        self._always_read = tuple(n for n in self._window if n in self.unloaded)

    def _filter(self, number: int) -> DigestFilter:
        filter_ = self._filters.get(number)
        if filter_ is None:
            # As many as in the slice before are expected: in steady traffic there is one layer a slice.
            before = self._filters.get(number - 1)
            filter_ = DigestFilter(before.count if before is not None else 0)
            self._filters[number] = filter_
        return filter_
