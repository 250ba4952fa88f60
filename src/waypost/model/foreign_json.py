"""JSON from outside: decoded within bounds of depth and of numbers, with one error for all that can be wrong.

A decoder on its own raises four kinds of errors for foreign bytes, one of which (`RecursionError`) is no
`ValueError`, and passes on numbers and nesting that nothing else can encode again.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

MAX_DEPTH = 64
"""Levels of lists and objects within each other; the deepest documented form of any provider has 12."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

_encode = msgspec.json.Encoder().encode

T = TypeVar("T")


class UnreadableJsonError(ValueError):
    """The bytes are no JSON, or not of the form that is expected, or beyond the bounds of depth and numbers.

    The message has no part of the bytes.
    """


def foreign_decoder(form: type[T]) -> Callable[[bytes | str | msgspec.Raw], T]:
    """Returns a decoder of foreign JSON into a type.

    The decoder raises:
        UnreadableJsonError: the bytes cannot be read.
    """
    decoder = msgspec.json.Decoder(form)

    def decode(body: bytes | str | msgspec.Raw) -> T:
        try:
            value = decoder.decode(body)
            if isinstance(body, str):
                body = body.encode()
        except msgspec.ValidationError as error:
            # Names members, never their values.
            raise UnreadableJsonError(str(error)[:200]) from None
        except (ValueError, RecursionError) as error:
            raise UnreadableJsonError(f"no JSON ({type(error).__name__})") from None
        if _is_too_deep(bytes(body)):
            raise UnreadableJsonError(f"more than {MAX_DEPTH} levels")
        return value

    return decode


def json_text(value: Any) -> str:
    """A decoded value as JSON text.

    Raises:
        UnreadableJsonError: it has an integer of more than 64 bits.
    """
    try:
        return _encode(value).decode()
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise UnreadableJsonError(f"not to be encoded again ({type(error).__name__})") from None


def _is_too_deep(body: bytes) -> bool:
    """Whether a JSON document has more levels than allowed."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub(b"", body).translate(_BRACKETS, _NOT_BRACKETS)
    # Each round removes the innermost level.
    for _ in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
