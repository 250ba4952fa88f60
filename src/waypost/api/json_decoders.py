"""Decoders for parameters that hold a JSON object or list; any other text is a fault."""

from collections.abc import Callable
from typing import Any

import msgspec

from waypost.api.description import Decoded
from waypost.model import codes
from waypost.model.faults import Fault

_decode = msgspec.json.Decoder().decode


def object_decoder(parameter: str, code: str = "") -> Callable[[str], Decoded]:
    """Returns a decoder of a JSON object into a `dict`.

    Args:
        code: the error code of any other text; `Invalid<parameter>` when empty.
    """

    def decode(text: str) -> Decoded:
        value = _value(text)
        if isinstance(value, dict):
            return value, ()
        return None, [_fault(parameter, code, "an object", text)]

    return decode


def list_decoder(parameter: str, code: str = "") -> Callable[[str], Decoded]:
    """Returns a decoder of a JSON list of objects into a `list` of `dict`.

    Args:
        code: the error code of any other text; `Invalid<parameter>` when empty.
    """

    def decode(text: str) -> Decoded:
        value = _value(text)
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value, ()
        return None, [_fault(parameter, code, "a list of objects", text)]

    return decode


def _value(text: str) -> Any:
    try:
        return _decode(text)
    # Lone surrogates raise UnicodeEncodeError, deep nesting RecursionError.
    except (ValueError, RecursionError):
        return None


def _fault(parameter: str, code: str, kind: str, text: str) -> Fault:
    allowed = f"the JSON text of {kind} is needed"
    return Fault(code or codes.invalid(parameter), parameter, "is not allowed", allowed, text)
