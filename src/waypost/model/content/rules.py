"""The parts of a content rule: fields, their kinds and their limits."""

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from waypost.model import codes
from waypost.model.faults import NO_VALUE, Fault

Value = str | int | float | bool | list[Any] | dict[str, Any]
"""What a field of a checked content is: plain, or JSON that its provider reads."""


class Kind(Enum):
    """The kind of a field's value, which decides how it is read and limited."""

    TEXT = "text"
    """A string; the limit is its length in characters (code points), or in bytes of UTF-8 by its unit."""
    URL = "url"
    """An http or https URL, whose scheme is kept in lower case; the limit is its length in characters."""
    NUMBER = "number"
    """A number above 0, or a string of one, rounded up to a whole one; the limit is the largest value."""
    CHOICE = "choice"
    """One of a few words, in any case, with or without a dot in front; kept in lower case without it."""
    DEGREES = "degrees"
    """A number, or a string of one, no further from 0 than the limit; kept as a number."""
    OBJECT = "object"
    """A JSON object with the members of `needs`; what else it holds is the provider's business."""
    LIST = "list"
    """A JSON array of at least one object, each with the members of `needs`; the limit is its length."""
    FLAG = "flag"
    """A boolean, or the string of one."""


class Field(NamedTuple):
    """One field of a message's content.

    Attributes:
        name: as the documentation spells it; a caller may use any case.
        kind: how its value is read.
        limit: the longest text or the largest number; None for no limit of its own.
        unit: what the limit counts, in words, for the error.
        choices: the words a CHOICE allows.
        missing: the code that answers a call without it.
        refuse_invalid: whether an unusable value refuses the call; if not, it is left out.
        needs: the members that an OBJECT, or each item of a LIST, must have.
        https: whether the provider takes no other URL.
    """

    name: str
    kind: Kind
    limit: int | None = None
    unit: str = "characters"
    choices: frozenset[str] = frozenset()
    missing: str = codes.CONTENT_ERROR
    refuse_invalid: bool = True
    needs: tuple[str, ...] = ()
    https: bool = False


class ContentRule(NamedTuple):
    """The fields that one MessageType of one channel has.

    Attributes:
        fields: the fields it may have, required ones first; any other member of a content is ignored.
        required: how many of them, from the first, it must have.
        by_spelling: the same fields under their documented name and under that in lower case.
        bare: the field that a content which is a JSON array, not an object, is taken for; empty for none.
        open: the members that no field names are kept as they are, for a provider that reads them.
        check: takes fields that are each right, and returns what is wrong with them together.
    """

    fields: tuple[Field, ...]
    required: int
    by_spelling: dict[str, Field]
    bare: str = ""
    open: bool = False
    check: Callable[[dict[str, Any]], list[Fault]] | None = None


def row(
    *required: Field,
    optional: tuple[Field, ...] = (),
    bare: str = "",
    open: bool = False,  # noqa: A002 - the word of the rule
    check: Callable[[dict[str, Any]], list[Fault]] | None = None,
) -> ContentRule:
    """The rule of a MessageType with these fields."""
    fields = required + optional
    exact = {field.name: field for field in fields}
    spellings = exact | {field.name.lower(): field for field in fields}
    return ContentRule(fields, len(required), spellings, bare, open, check)


def content_fault(field: str, problem: str, allowed: str = "", value: object = NO_VALUE) -> Fault:
    """A fault of a field of `Content`; the other arguments are those of `Fault`."""
    return Fault(codes.CONTENT_ERROR, f"Content.{field}", problem, allowed, value)
