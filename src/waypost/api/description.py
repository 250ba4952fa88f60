"""The description of an operation: the one source of its validation, its reference page and its OpenAPI form.

A parameter is described once, by the type of a field and a row:

    class DeleteRuleParams(Params, frozen=True):
        rule_id: Annotated[str, Parameter("RuleId", "The rule.", "R_1", required=True)] = ""

Rules that relate several parameters and cannot be expressed in a row belong to the handler.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from waypost.api.members import Answer, Member, members_of
from waypost.api.product import CAMS, Product
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.quoting import shown

MOST_UNKNOWN = 20
"""How many names of unknown parameters of a call are kept."""
# Callers write the parameters of an operation in few different orders.
_CACHED_SHAPES = 64


class Kind(Enum):
    """The type of a parameter, in the words of the reference."""

    STRING = "string"
    INTEGER = "integer"
    JSON = "JSON"
    """An object whose values are strings, such as the variables of a template."""
    OBJECT = "JSON object"
    """An object with members of any kind."""
    LIST = "JSON list"
    """A list of objects."""


CALL_PARAMETERS = frozenset(
    {
        "AccessKeyId",
        "Action",
        "Format",
        "RegionId",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "Timestamp",
        "Version",
    }
)
"""The parameters of any V1 call: which operation, who calls, and the signature."""

_STRUCTURED = (Kind.JSON, Kind.OBJECT, Kind.LIST)

Decoded = tuple[Any, Sequence[Fault]]
"""A decoded value, and the faults of its text; with faults the value is meaningless."""


class Parameter(NamedTuple):
    """A row of an operation's parameter table.

    Attributes:
        kind: its type in the reference; derived from the type of the field, if that is not `str`.
        required: whether a call without it is refused.
        required_when: (parameter, value) that makes it required.
        required_for: in words, when it is required, for the reference.
        allowed: the allowed values, in any case; empty for any. Those of an Enum come from the type.
        minimum, maximum: the inclusive range of an integer.
        longest: the longest text, in characters; the text must not contain NUL.
        one_line: for a text with `longest`: whether all its characters must be printable.
        default: in words, the effect of omitting it.
        missing, invalid: the error codes; `Missing<name>` and `Invalid<name>` when empty.
        decode: decodes the text of a JSON parameter into the type of the field, or checks a text.
        decode_codes: the error codes of `decode`, beside `invalid`.
        ignored: whether it is accepted without effect, because callers send it.
        effect_when: (parameter, value) without which it has no effect; None for any call. Forms go by it.
    """

    name: str
    description: str
    example: str = ""
    kind: Kind = Kind.STRING
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
    decode: Callable[[str], Decoded] | None = None
    decode_codes: tuple[str, ...] = ()
    ignored: bool = False
    effect_when: tuple[str, str] | None = None

    @property
    def missing_code(self) -> str:
        """The error code of a call that omits it."""
        return self.missing or codes.missing(self.name)

    @property
    def invalid_code(self) -> str:
        """The error code of a call with a value that is not allowed."""
        return self.invalid or codes.invalid(self.name)

    @property
    def codes(self) -> tuple[str, ...]:
        """The error codes that this parameter alone can cause."""
        missing = self.required or self.required_when is not None or self.missing
        limited = self.allowed or self.minimum is not None or self.longest is not None
        invalid = limited or self.kind in _STRUCTURED or self.invalid
        return (
            *((self.missing_code,) if missing else ()),
            *((self.invalid_code,) if invalid else ()),
            *self.decode_codes,
        )


def without_effect(*names: str) -> tuple[Parameter, ...]:
    """Describes parameters that are accepted without effect, because callers send them."""
    return tuple(Parameter(name, "Taken and without effect.", ignored=True) for name in names)


class Params(msgspec.Struct, frozen=True, kw_only=True):
    """The decoded parameters of a call; an absent or invalid one has the default of its field."""


class _Shape(NamedTuple):
    """What to do for a call with parameters of these names, whatever their values are.

    Attributes:
        names, fields: of the parameters that have a field.
        readers: (field, documented text to value, reader of any other text), unless any text is valid.
        missing: the faults of the parameters that every call needs.
        conditional: (another parameter, its value in lower case, the fault of a call that has it).
    """

    names: tuple[str, ...]
    fields: tuple[str, ...]
    readers: tuple[tuple[str, Mapping[str, Any], Callable[[str], Decoded]], ...]
    missing: tuple[Fault, ...]
    conditional: tuple[tuple[str, str, Fault], ...]


P = TypeVar("P", bound=Params)
A = TypeVar("A", bound=Answer)


class Operation(Generic[P, A]):
    """An operation of the API.

    Args:
        name: the Action.
        params: the type of its parameters, in the order of the reference.
        answer: the type of the answer, without RequestId, and Code and Message where the product has them.
        errors: its error codes, beside those of its parameters, of the gateway and of any call.
        source: the address of the document it follows; None for the page of its name in the documents of the
            product, empty for an operation of Waypost's own.
        ignored: parameters without effect.
        product: the product that it belongs to.
        any_call: the error codes of any call of it; None for those of the product.

    Attributes:
        action: its action in policies, such as `cams:SendChatappMessage`.
        plain: the names of the parameters whose values are of a fixed set, or numbers.
        maps: the names of the parameters that are objects whose members have any names.
    """

    def __init__(
        self,
        name: str,
        summary: str,
        params: type[P],
        answer: type[A],
        errors: tuple[str, ...] = (),
        source: str | None = None,
        ignored: tuple[Parameter, ...] = (),
        product: Product = CAMS,
        any_call: tuple[str, ...] | None = None,
    ) -> None:
        self.name = name
        self.summary = summary
        self.params = params
        self.answer_type = answer
        self.errors = (*(product.any_call if any_call is None else any_call), *errors)
        self.source = product.documents + name.lower() if source is None else source
        self.product = product
        fields = {field: _row(hint) for field, hint in _hints(params).items()}
        self.parameters = (*(row for row, _ in fields.values()), *ignored)
        self.answer: tuple[Member, ...] = members_of(answer)
        self.action = f"{product.name}:{name}"
        self._readers = {
            row.name: (field, _choices(row, type_), _reader(row, type_))
            for field, (row, type_) in fields.items()
        }
        self._shape_of = lru_cache(_CACHED_SHAPES)(self._make_shape)
        self._places = {row.name: place for place, row in enumerate(self.parameters)}
        self._known = CALL_PARAMETERS | self._places.keys()
        self.maps = frozenset(row.name for row, type_ in fields.values() if get_origin(type_) is Mapping)
        self.plain = frozenset(row.name for row in self.parameters if row.allowed or row.kind is Kind.INTEGER)

    def all_errors(self) -> tuple[str, ...]:
        """The error codes of the operation and its parameters, without repeats."""
        return tuple(dict.fromkeys((*self.errors, *(code for row in self.parameters for code in row.codes))))

    def unknown(self, raw_params: Mapping[str, str]) -> tuple[str, ...]:
        """The names in a call that the operation does not know and `read` ignores, up to `MOST_UNKNOWN`."""
        if raw_params.keys() <= self._known:
            return ()
        return tuple(shown(name) for name in raw_params if name not in self._known)[:MOST_UNKNOWN]

    def in_order(self, faults: Sequence[Fault]) -> list[Fault]:
        """Sorts faults into the order of the parameter table."""
        return sorted(faults, key=self._place)

    def _place(self, fault: Fault) -> int:
        parameter = fault.parameter.partition(".")[0].partition("[")[0]
        return self._places.get(parameter, len(self._places))

    def read(self, raw_params: Mapping[str, str]) -> tuple[P, list[Fault]]:
        """Decodes and validates the parameters of a call.

        An empty value counts as absent, since callers send such (live-observations.md, section 5). Unknown
        names are ignored.

        Returns:
            The parameters, with values from a fixed set in their documented case; and the faults, grouped by
            kind.
        """
        if not all(raw_params.values()):
            raw_params = {name: text for name, text in raw_params.items() if text}
        if not raw_params.keys() <= self._known:
            raw_params = {name: text for name, text in raw_params.items() if name in self._known}
        shape = self._shape_of(tuple(raw_params))
        values: dict[str, Any] = dict(zip(shape.fields, map(raw_params.get, shape.names), strict=True))
        faults: list[Fault] = []
        for field, choices, reader in shape.readers:
            text = values[field]
            if text in choices:
                values[field] = choices[text]
                continue
            values[field], value_faults = reader(text)
            if value_faults:
                faults += value_faults
                del values[field]
        faults += shape.missing
        for other, value, fault in shape.conditional:
            if raw_params[other].lower() == value:
                faults.append(fault)
        return self.params(**values), faults

    def _make_shape(self, names: tuple[str, ...]) -> _Shape:
        """The shape of a call with values for these parameters, all of which the operation knows."""
        read = tuple(name for name in names if name in self._readers)
        entries = [self._readers[name] for name in read]
        absent = [row for row in self.parameters if row.name not in names]
        return _Shape(
            read,
            tuple(field for field, _, _ in entries),
            tuple((field, choices, reader) for field, choices, reader in entries if reader is not None),
            tuple(_missing(row, "every call needs it") for row in absent if row.required),
            tuple(
                (other, value.lower(), _missing(row, f"{other}={value} needs it"))
                for row in absent
                for other, value in [row.required_when or ("", "")]
                if other in names
            ),
        )


AnyOperation = Operation[Any, Any]


def length_text(row: Parameter) -> str:
    """The length limit in words: `at most 128 printable characters`."""
    return f"at most {row.longest} {'printable ' if row.one_line else ''}characters"


def _hints(params: type[Params]) -> dict[str, Any]:
    hints = get_type_hints(params, include_extras=True)
    return {field: hints[field] for field in params.__struct_fields__}


def _row(hint: Any) -> tuple[Parameter, Any]:
    """The row of a field, with kind and allowed values from its type; and the type without None."""
    assert get_origin(hint) is Annotated, f"{hint} has no row"
    type_, row = get_args(hint)[:2]
    if get_origin(type_) in (Union, UnionType):
        type_ = next(one for one in get_args(type_) if one is not NoneType)
    type_ = getattr(type_, "__supertype__", type_)
    if isinstance(type_, type) and issubclass(type_, Enum):
        row = row._replace(allowed=tuple(str(one.value) for one in type_))
    elif type_ is bool:
        row = row._replace(allowed=("true", "false"))
    elif type_ is int and row.decode is None:
        row = row._replace(kind=Kind.INTEGER)
    elif row.decode is not None and row.kind is Kind.STRING:
        row = row._replace(kind=_structured_kind(type_))
    return row, type_


def _structured_kind(type_: Any) -> Kind:
    origin = get_origin(type_) or type_
    if isinstance(origin, type) and issubclass(origin, Mapping | msgspec.Struct):
        return Kind.OBJECT
    is_list = isinstance(origin, type) and issubclass(origin, Sequence) and not issubclass(origin, str)
    return Kind.LIST if is_list else Kind.STRING


def _reader(row: Parameter, type_: Any) -> Callable[[str], Decoded] | None:
    """The decoder of a parameter; None if any text is valid."""
    if row.decode is not None:
        return row.decode
    if row.allowed:
        return _choice_reader(row, type_)
    if type_ is int:
        return lambda text: _read_integer(row, text)
    if row.longest is not None:
        return lambda text: (text, () if text_fits(text, row) else (not_fitting(row, text),))
    assert type_ is str, f"{row.name} needs a decode for {type_}"
    return None


def _choices(row: Parameter, type_: Any) -> dict[str, Any]:
    """Documented text to value, for a parameter with a fixed set of values; empty for any other."""
    if type_ is bool:
        return {"true": True, "false": False}
    if isinstance(type_, type) and issubclass(type_, Enum):
        return {str(one.value): one for one in type_}
    return {text: text for text in row.allowed}


def _choice_reader(row: Parameter, type_: Any) -> Callable[[str], Decoded]:
    values = {text.lower(): value for text, value in _choices(row, type_).items()}

    def read(text: str) -> Decoded:
        folded = text.lower()
        return (values[folded], ()) if folded in values else (None, (not_allowed(row, text),))

    return read


def _read_integer(row: Parameter, text: str) -> Decoded:
    number = read_integer(text)
    if number is None or not within(number, row):
        return None, (not_in_range(row, text),)
    return number, ()


def read_integer(text: str) -> int | None:
    """Parses decimal digits with or without a sign; None for any other text."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None


def within(number: int, row: Parameter) -> bool:
    """Whether a number is between the row's minimum and maximum."""
    return (row.minimum is None or number >= row.minimum) and (row.maximum is None or number <= row.maximum)


def text_fits(text: str, row: Parameter) -> bool:
    """Whether a text has a length and characters that the row allows."""
    assert row.longest is not None
    return len(text) <= row.longest and (text.isprintable() if row.one_line else "\x00" not in text)


def _missing(row: Parameter, needed: str) -> Fault:
    return Fault(row.missing_code, row.name, "it is missing", needed)


def not_fitting(row: Parameter, text: str) -> Fault:
    """The fault of a text that is too long or has characters that the row does not allow."""
    nul = "" if row.one_line else ", none of them NUL"
    return Fault(row.invalid_code, row.name, "is not allowed", f"{length_text(row)} are{nul}", text)


def not_in_range(row: Parameter, text: str) -> Fault:
    """The fault of a text that is not an integer, or is outside the range of the row."""
    allowed = f"it must be a whole number from {row.minimum} to {row.maximum}"
    return Fault(row.invalid_code, row.name, "is not allowed", allowed, text)


def not_allowed(row: Parameter, text: str) -> Fault:
    """The fault of a text that is not one of the values that the row allows."""
    return Fault(row.invalid_code, row.name, "is not allowed", f"allowed are {', '.join(row.allowed)}", text)
