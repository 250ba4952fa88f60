"""The description of an operation, from which come its validation, its reference page and its OpenAPI form.

A parameter is written down once. Rules between parameters that a row cannot say belong to the handler.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from waypost.api.product import CAMS, Product
from waypost.model.faults import Fault

SHOWN = 40


class Kind(Enum):
    """What a parameter's text is read as."""

    STRING = "string"
    INTEGER = "integer"
    JSON = "JSON"
    """An object of texts, such as the values of a template."""
    OBJECT = "JSON object"
    """An object with members of any kind."""
    LIST = "JSON list"
    """A list of objects."""


_STRUCTURED = (Kind.JSON, Kind.OBJECT, Kind.LIST)


class Parameter(NamedTuple):
    """A row of an operation's parameter table.

    Attributes:
        required: a call without it is refused.
        required_when: (parameter, value) that make it required.
        required_for: in words, when it is required, for the reference.
        allowed: the values it may have, in any case; empty for any.
        minimum, maximum: of an integer, both allowed.
        longest: of a text that is kept, in characters, of which none is NUL.
        one_line: of a text with `longest`: all its characters are printable.
        default: in words, what its absence means.
        missing, invalid: the error codes; `Missing<name>` and `Invalid<name>` when left empty.
        ignored: taken and without effect, because callers send it.
    """

    name: str
    kind: Kind
    description: str
    example: str = ""
    required: bool = False
    required_when: tuple[str, str] | None = None
    required_for: str = ""
    allowed: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    longest: int | None = None
    one_line: bool = False
    default: str = ""
    missing: str = ""
    invalid: str = ""
    ignored: bool = False

    @property
    def missing_code(self) -> str:
        """The error code of a call without it."""
        return self.missing or f"Missing{self.name}"

    @property
    def invalid_code(self) -> str:
        """The error code of a call with a value that is not allowed."""
        return self.invalid or f"Invalid{self.name}"

    @property
    def codes(self) -> tuple[str, ...]:
        """The error codes with which a call is refused for this parameter's own sake."""
        missing = self.required or self.required_when is not None or self.missing
        limited = self.allowed or self.minimum is not None or self.longest is not None
        invalid = limited or self.kind in _STRUCTURED or self.invalid
        return (*((self.missing_code,) if missing else ()), *((self.invalid_code,) if invalid else ()))


def without_effect(*names: str) -> tuple[Parameter, ...]:
    """Parameters that are taken, because callers send them, and do nothing."""
    return tuple(Parameter(name, Kind.STRING, "Taken and without effect.", ignored=True) for name in names)


class Member(NamedTuple):
    """A member of an operation's answer.

    Attributes:
        kind: what JSON has there: `string`, `integer`, `boolean`, `object`, `array` (of objects) or
            `texts` (an array of them).
        members: of an object, or of each object of an array; none for members of the customer's choice.
    """

    name: str
    description: str
    example: str = ""
    kind: str = "string"
    members: tuple["Member", ...] = ()


class Operation:
    """An operation of the API.

    Args:
        name: the Action.
        parameters: in the order of the reference.
        answer: the members of the answer beside RequestId, and Code and Message where the product has them.
        errors: codes it can answer, beyond its parameters' and the gateway's own.
        source: the address of the document it follows; empty for an operation of Waypost's own.
        product: whose it is.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        parameters: tuple[Parameter, ...],
        answer: tuple[Member, ...],
        errors: tuple[str, ...],
        source: str,
        product: Product = CAMS,
    ) -> None:
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.answer = answer
        self.errors = errors
        self.source = source
        self.product = product
        self._by_name = {row.name: row for row in parameters if not row.ignored}
        self._required = [row for row in parameters if row.required]
        self._conditional = [row for row in parameters if row.required_when is not None]
        self._plain = frozenset(
            row.name
            for row in self._by_name.values()
            if row.kind is not Kind.INTEGER and not row.allowed and row.longest is None
        )
        self._folded = {
            row.name: {value.lower(): value for value in row.allowed} for row in parameters if row.allowed
        }

    @property
    def action(self) -> str:
        """The name policies know it by."""
        return f"{self.product.name}:{self.name}"

    def all_errors(self) -> tuple[str, ...]:
        """Every code of the operation's own that its answers can carry, without repeats."""
        return tuple(dict.fromkeys((*self.errors, *(code for row in self.parameters for code in row.codes))))

    def in_order(self, faults: list[Fault]) -> list[Fault]:
        """Faults in the order of the parameter table, whatever order the caller wrote in."""
        places = {row.name: place for place, row in enumerate(self.parameters)}
        return sorted(faults, key=lambda fault: places.get(fault.parameter.partition(".")[0], len(places)))

    def read(self, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, int], list[Fault]]:
        """Reads a call's parameters by the table.

        An empty value counts as absent: callers send them (live-observations.md, section 5). Unknown names
        are passed over.

        Returns:
            The texts by name, values out of a fixed set in their documented case; the integers by name; and
            what was wrong, in the order of the table's kinds of fault.
        """
        texts: dict[str, str] = {}
        numbers: dict[str, int] = {}
        faults: list[Fault] = []
        for name, text in given.items():
            if not text:
                continue
            if name in self._plain:
                texts[name] = text
            elif (folded := self._folded.get(name)) is not None:
                value = folded.get(text.lower())
                if value is None:
                    row = self._by_name[name]
                    faults.append(Fault(row.invalid_code, name, _not_allowed(row, text)))
                else:
                    texts[name] = value
            elif name not in self._by_name:
                continue
            elif (row := self._by_name[name]).longest is not None:
                if _fits(text, row):
                    texts[name] = text
                else:
                    faults.append(Fault(row.invalid_code, name, _not_fitting(row, text)))
            else:
                number = _integer(text)
                if number is None or not _within(number, row):
                    faults.append(Fault(row.invalid_code, name, _not_in_range(row, text)))
                else:
                    numbers[name] = number
        for row in self._required:
            if not given.get(row.name):
                faults.append(Fault(row.missing_code, row.name, "it is missing; every call needs it."))
        for row in self._conditional:
            assert row.required_when is not None
            if texts.get(row.required_when[0]) == row.required_when[1] and not given.get(row.name):
                name, value = row.required_when
                faults.append(Fault(row.missing_code, row.name, f"it is missing; {name}={value} needs it."))
        return texts, numbers, faults


def shown(text: str) -> str:
    """A value as error messages quote it: short, and on one line."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")


def length_in_words(row: Parameter) -> str:
    """What a text with `longest` may be: `at most 128 printable characters`."""
    return f"at most {row.longest} {'printable ' if row.one_line else ''}characters"


def _integer(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("-", "+") else text
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None


def _within(number: int, row: Parameter) -> bool:
    return (row.minimum is None or number >= row.minimum) and (row.maximum is None or number <= row.maximum)


def _fits(text: str, row: Parameter) -> bool:
    assert row.longest is not None
    return len(text) <= row.longest and (text.isprintable() if row.one_line else "\x00" not in text)


def _not_fitting(row: Parameter, text: str) -> str:
    said = f"{shown(text)} is not allowed; {length_in_words(row)} are"
    return f"{said}." if row.one_line else f"{said}, none of them NUL."


def _not_in_range(row: Parameter, text: str) -> str:
    return f"{shown(text)} is not allowed; it must be a whole number from {row.minimum} to {row.maximum}."


def _not_allowed(row: Parameter, text: str) -> str:
    return f"{shown(text)} is not allowed; allowed are {', '.join(row.allowed)}."
