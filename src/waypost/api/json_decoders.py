"""Decoders for parameters that hold JSON; any other text is a fault."""

from collections.abc import Callable
from typing import Any

import msgspec

from waypost.api.description import Decoded
from waypost.model import codes
from waypost.model.faults import Fault

_decode = msgspec.json.Decoder().decode


def object_decoder(parameter: str, code: str = "") -> Callable[[str], Decoded]:
    """Reads a JSON object into a `dict`.

    Args:
        code: of the fault of any other text; `Invalid<parameter>` when empty.
    """

    def decode(text: str) -> Decoded:
        value = _value(text)
        if isinstance(value, dict):
            return value, ()
        return None, [_fault(parameter, code, "an object", text)]

    return decode


def list_decoder(parameter: str, code: str = "") -> Callable[[str], Decoded]:
    """Reads a JSON list of objects into a `list` of `dict`.

    Args:
        code: of the fault of any other text; `Invalid<parameter>` when empty.
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
    # Lone surrogates and deep nesting raise errors of their own.
    except (ValueError, RecursionError):
        return None


def _fault(parameter: str, code: str, kind: str, text: str) -> Fault:
    allowed = f"the JSON text of {kind} is needed"
    return Fault(code or codes.invalid(parameter), parameter, "is not allowed", allowed, text)
