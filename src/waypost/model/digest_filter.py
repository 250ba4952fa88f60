"""A set of digests that takes under three bytes for each, and seldom claims one that is not in it."""

import random
from array import array

_PER_WORD = 3
_SMALLEST_WORDS = 1 << 13
_GROWTH = 4
# Eight megabytes: the last layer of a burst is mostly empty, and must not cost more than that.
_LARGEST_STEP_WORDS = 1 << 20
# Headroom over the expected count, so that ordinary variation does not cost a second layer.
_HEADROOM = 1.25


def _masks(seed: int) -> tuple[int, ...]:
    # Any fixed seed does: only the spread matters, and equal tables in every process make tests repeatable.
    bits = random.Random(seed).getrandbits
    words = (1 << bits(6) | 1 << bits(6) | 1 << bits(6) for _ in range(5000))
    return tuple(word for word in words if word.bit_count() == 3)[:4096]


_LOW_MASKS = _masks(1)
_HIGH_MASKS = _masks(2)


class DigestFilter:
    """A blocked Bloom filter: a digest sets six bits of one 64-bit word, so a look costs one memory access.

    Grows by layers, each up to four times the one before. With three digests a word, about one look in 500 at
    a full layer finds a digest that was not added.

    Attributes:
        count: how many digests were added.
    """

    __slots__ = ("_free", "_layers", "_top", "_top_words", "count")

    def __init__(self, expected: int = 0) -> None:
        """Starts with room for `expected` digests, and at least some thousands."""
        self.count = 0
        self._layers: list[tuple[array[int], int]] = []
        self._grow(max(_SMALLEST_WORDS, int(expected * _HEADROOM) // _PER_WORD))

    @property
    def size_bytes(self) -> int:
        """How many bytes the filter takes."""
        return sum(8 * words for _, words in self._layers)

    def add(self, number: int) -> None:
        """Adds a digest as a number of 128 bits, evenly spread as a cryptographic hash is."""
        self._set(_LOW_MASKS[number & 4095] | _HIGH_MASKS[number >> 12 & 4095], number >> 24)

    def add_if_new(self, number: int) -> bool:
        """Adds a digest unless it may have been added before; returns whether it is new, which is certain."""
        mask = _LOW_MASKS[number & 4095] | _HIGH_MASKS[number >> 12 & 4095]
        place = number >> 24
        for words, length in self._layers:
            if words[place % length] & mask == mask:
                return False
        self._set(mask, place)
        return True

    def _set(self, mask: int, place: int) -> None:
        if not self._free:
            self._grow(min(self._top_words * _GROWTH, _LARGEST_STEP_WORDS))
        self._top[place % self._top_words] |= mask
        self._free -= 1
        self.count += 1

    def might_contain(self, number: int) -> bool:
        """Whether a digest may have been added; False is certain."""
        mask = _LOW_MASKS[number & 4095] | _HIGH_MASKS[number >> 12 & 4095]
        place = number >> 24
        for words, length in self._layers:  # noqa: SIM110 - any() costs twice the time
            if words[place % length] & mask == mask:
                return True
        return False

    def _grow(self, words: int) -> None:
        self._top = array("Q", bytes(8)) * words
        self._top_words = words
        self._free = words * _PER_WORD
        self._layers.append((self._top, words))
