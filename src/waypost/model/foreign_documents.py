"""Reads JSON documents that are not quite as they should be: in another encoding, with half surrogate pairs,
with numbers and levels beyond any bound.
"""

import codecs
import json
import math
import re
from array import array
from itertools import accumulate
from typing import Any

import msgspec

MAX_DEPTH = 64
"""Levels of lists and objects within each other; the deepest documented form of any provider has 12."""

# With more brackets than this a document that is too deep is not worth the time to cut it: two milliseconds.
_MAX_CUT_BRACKETS = 2000
# A longer integer is no id and no time.
_MAX_DIGITS = 40

# A text that does not end goes to the end of the document, so that no search begins in it again.
_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_STRING = re.compile(_TEXT, re.DOTALL)
_TOKEN = re.compile(_TEXT + rb"|[\[\]{}]", re.DOTALL)
# A level down as the byte 1, a level up as -1.
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# By Python's names; it has others that are no encodings of texts.
_CHARSETS = re.compile(
    r"utf-(?:16|32)(?:-[bl]e)?|iso8859-\d+|cp\d+|koi8-\w|gb\w+|big5\w*|shift_jis\w*|euc_\w+"
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # The mark of UTF-16 is the beginning of that of UTF-32.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class UnreadableJsonError(ValueError):
    """The bytes are no JSON, or not of the form that is expected, or beyond the bounds of depth and numbers.

    The message has no part of the bytes.
    """


def read_document(body: bytes | str | msgspec.Raw, charset: str = "") -> Any:
    """The value of a document. Levels below the 64th and numbers that are none read as null; half of a
    surrogate pair, and bytes that are no character, as U+FFFD.

    Args:
        charset: the encoding that the sender declared; empty for none.

    Raises:
        UnreadableJsonError: it is no JSON in any encoding.
    """
    text = body if isinstance(body, str) else decoded_text(bytes(body), charset)
    raw = text.encode("utf-8", "replace")
    if is_too_deep(raw):
        text = _cut(raw).decode()
    try:
        return cleaned(
            json.loads(
                text,
                strict=False,
                parse_int=_integer,
                parse_float=_finite,
                parse_constant=lambda _: None,
            )
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableJsonError(f"no JSON ({type(error).__name__})") from None


def charset_of(content_type: str) -> str:
    """The encoding that a `Content-Type` declares; empty if it declares none."""
    if ";" not in content_type:
        return ""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""


def decoded_text(body: bytes, charset: str = "") -> str:
    """The text of a body: by its byte-order mark, by the zero bytes of UTF-16 and UTF-32, as UTF-8, or in the
    declared encoding, in this order; what is no character is U+FFFD.

    Many servers declare an encoding that is not that of what they send, so that what is evident comes first.
    Source of the zero bytes: RFC 4627, section 3.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if (evident := _by_zero_bytes(body[:4])) is not None:
        return body.decode(evident, "replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode(_known_charset(charset), "replace")


def without_nulls(value: Any) -> Any:
    """A decoded value without the members of objects that are null."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def is_too_deep(body: bytes) -> bool:
    """Whether a JSON document has more levels than allowed."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub(b"", body).translate(_STEPS, _NOT_BRACKETS)
    return max(accumulate(array("b", brackets)), default=0) > MAX_DEPTH


def _cut(body: bytes) -> bytes:
    """A document with null in place of what is below the deepest level that is allowed.

    Raises:
        UnreadableJsonError: its brackets are not in pairs, or too many.
    """
    if body.count(b"[") + body.count(b"{") > _MAX_CUT_BRACKETS:
        raise UnreadableJsonError(f"more than {MAX_DEPTH} levels, and more than {_MAX_CUT_BRACKETS} brackets")
    parts: list[bytes] = []
    depth = end = 0
    for token in _TOKEN.finditer(body):
        if token[0] in (b"[", b"{"):
            if depth == MAX_DEPTH:
                parts.append(body[end : token.start()])
            depth += 1
        elif token[0] in (b"]", b"}"):
            depth -= 1
            if depth == MAX_DEPTH:
                parts.append(b"null")
                end = token.end()
    if depth:
        raise UnreadableJsonError("no JSON (brackets without a pair)")
    return b"".join([*parts, body[end:]])


def _by_zero_bytes(start: bytes) -> str | None:
    match [byte == 0 for byte in start]:
        case [True, True, True, False]:
            return "utf-32-be"
        case [False, True, True, True]:
            return "utf-32-le"
        case [True, False, True, False] | [True, False]:
            return "utf-16-be"
        case [False, True, False, True] | [False, True]:
            return "utf-16-le"
    return None


def _known_charset(charset: str) -> str:
    """A declared encoding if it is one of those of texts; otherwise UTF-8."""
    try:
        name = codecs.lookup(charset[:40]).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _CHARSETS.fullmatch(name) else "utf-8"


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MAX_DIGITS else None


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def cleaned(value: Any) -> Any:
    """A decoded value without null members, which can be encoded again."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {cleaned(name): cleaned(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    # Larger ones cannot be encoded again.
    return value if not isinstance(value, int) or -(2**63) <= value < 2**64 else str(value)
