"""The segments of an SMS text: how many, and where cut (providers/sms.md §1, Text and Concatenation)."""

from typing import Literal, NamedTuple

Encoding = Literal["gsm7", "ucs2"]

GSM7_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet of GSM 03.38; a character's place in it is its code. 0x1B is the escape alone."""

GSM7_EXTENSION: dict[str, int] = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
"""The extension table of GSM 03.38: each is sent as the escape and this code, so it takes two septets."""

_SEPTETS: dict[str, int] = {char: 1 for char in GSM7_ALPHABET if char != "\x1b"} | dict.fromkeys(
    GSM7_EXTENSION, 2
)
_GSM7_CHARACTERS = frozenset(_SEPTETS)


class Limits(NamedTuple):
    """The capacity of one SMS, in septets or UTF-16 code units.

    Attributes:
        single: for a text that fits into one SMS.
        part: for each part of a longer text, since the concatenation header takes room.
    """

    single: int
    part: int


LIMITS: dict[Encoding, Limits] = {"gsm7": Limits(160, 153), "ucs2": Limits(70, 67)}


class Segments(NamedTuple):
    """A text cut into SMS.

    Attributes:
        encoding: `gsm7` or `ucs2`, the same for every part.
        parts: the text of each SMS, in order; joined they are the text.
        units: the size of the whole text in septets (`gsm7`) or UTF-16 code units (`ucs2`).
    """

    encoding: Encoding
    parts: tuple[str, ...]
    units: int


def encoding(text: str) -> Encoding:
    """The encoding that a text needs: `gsm7` if GSM 03.38 has all its characters, else `ucs2`."""
    return "gsm7" if _GSM7_CHARACTERS.issuperset(text) else "ucs2"


def segment(text: str) -> Segments:
    """Cut a text into as few SMS as possible.

    No part ends inside an escape pair of GSM 03.38 or inside a surrogate pair of UTF-16. An empty text is one
    empty SMS.
    """
    chosen = encoding(text)
    limits = LIMITS[chosen]
    sizes = (
        [_SEPTETS[char] for char in text] if chosen == "gsm7" else [1 + (char > "\uffff") for char in text]
    )
    units = sum(sizes)
    if units <= limits.single:
        return Segments(chosen, (text,), units)
    return Segments(chosen, tuple(_cut(text, sizes, limits.part)), units)


def _cut(text: str, sizes: list[int], limit: int) -> list[str]:
    parts: list[str] = []
    start = used = 0
    for place, size in enumerate(sizes):
        if used + size > limit:
            parts.append(text[start:place])
            start, used = place, 0
        used += size
    parts.append(text[start:])
    return parts
