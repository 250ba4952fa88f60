"""JSON from outside: decoded within bounds of depth and of numbers, with one error for all that can be wrong.

What is as documented is decoded at once. What is not is read as leniently as its meaning allows: another
encoding, `null` for what is absent, a number as text and a text as number, half of a surrogate pair.
"""

from typing import Any, Protocol, TypeVar

import msgspec

from waypost.model.foreign_documents import (
    UnreadableJsonError,
    cleaned,
    is_too_deep,
    read_document,
    without_nulls,
)
from waypost.model.lenient_forms import lenient_form

__all__ = ["ForeignDecoder", "UnreadableJsonError", "foreign_decoder", "json_text"]

_encode = msgspec.json.Encoder().encode

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class ForeignDecoder(Protocol[T_co]):
    """Decodes foreign JSON into one type."""

    def __call__(self, body: bytes | str | msgspec.Raw, charset: str = "") -> T_co:
        """The value of a document.

        Args:
            charset: the encoding that the sender declared; empty for none.

        Raises:
            UnreadableJsonError: the document cannot be read.
        """
        ...


def foreign_decoder(form: type[T], *, tolerant: bool = False) -> ForeignDecoder[T]:
    """Returns a decoder of foreign JSON into a type.

    Args:
        tolerant: whether a member that has a default and cannot be read counts as absent. Otherwise the
            document is unreadable.
    """
    decoder = msgspec.json.Decoder(form)
    lenient = lenient_form(form, tolerant=tolerant)
    # An item that is decoded by itself later is checked then.
    has_items = "Raw" in repr(msgspec.inspect.type_info(form))
    is_mapping = form is not Any and not hasattr(form, "__struct_fields__")

    def decode(body: bytes | str | msgspec.Raw, charset: str = "") -> T:
        try:
            value = decoder.decode(body)
        except (ValueError, RecursionError):
            pass
        else:
            raw = body.encode() if isinstance(body, str) else bytes(body)
            if has_items or not is_too_deep(raw):
                # A member whose value is null counts as absent; a form has its defaults for it.
                return without_nulls(value) if is_mapping and b"null" in raw else value
        return lenient(read_document(body, charset))

    return decode


def json_text(value: Any) -> str:
    """A decoded value as JSON text; an integer of more than 64 bits is written as text."""
    try:
        return _encode(value).decode()
    except (ValueError, TypeError, OverflowError, RecursionError):
        # A number that is longer than any, or half a surrogate pair.
        return _encode(cleaned(value)).decode()
