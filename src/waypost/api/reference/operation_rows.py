"""The reference of an operation as rows, derived from its description.

The HTML pages, `docs/reference.md` and the OpenAPI document are rendered from these rows.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from waypost.api.answers import Format
from waypost.api.description import AnyOperation, Parameter, length_text
from waypost.api.errors.catalogue import TEXT_FAULTS, error_code
from waypost.api.errors.error_code import ErrorCode
from waypost.api.errors.gateway import ROUTING_ERRORS, SIGNATURE_ERRORS
from waypost.api.limits import (
    CALLS_PER_SECOND,
    CLOCK_TOLERANCE_S,
    LONGEST_BODY,
    LONGEST_HEAD,
    LONGEST_MASS_BODY,
    MOST_PARAMETERS,
)
from waypost.api.members import Member
from waypost.api.operations.catalogue import PRODUCTS
from waypost.api.product import Product
from waypost.model.channels import CHANNELS
from waypost.model.content.rules import ContentRule, Field, Kind

FAMILIES = (
    ErrorCode(
        "Missing<Parameter>",
        400,
        "<Parameter> is mandatory for this action.",
        "The parameter is missing or empty, and has no code of its own.",
        "Send the parameter.",
    ),
    ErrorCode(
        "Invalid<Parameter>",
        400,
        "Specified parameter <Parameter> is not valid.",
        "The parameter's value is not allowed, and has no code of its own.",
        "Correct the parameter as the message says.",
    ),
    *(
        ErrorCode(
            f"InvalidParameter.<Parameter>.{kind}",
            400,
            message.format("<Parameter>"),
            f"The text {when}; of the operations on users, policies and roles.",
            "Correct the parameter as the message says.",
        )
        for kind, (message, when) in TEXT_FAULTS.items()
    ),
)
"""The families of error codes that contain the name of a parameter."""

_ALL_IS_WELL = (
    Member("Code", "OK; a refusal has another HTTP status and another body.", "OK"),
    Member("Message", "OK.", "OK"),
)

MESSAGE_TYPE = "MessageType"
CONTENT_PARAMETER = "Content"


class ParameterRow(NamedTuple):
    """A parameter, in words.

    Attributes:
        required: `yes`, the condition, or `no`.
        allowed: the allowed values, range or length; empty for any.
        default: the effect of omitting it; empty for none.
        codes: the error codes that it can cause.
    """

    name: str
    kind: str
    required: str
    description: str
    allowed: str
    default: str
    example: str
    codes: tuple[str, ...]


class ContentRow(NamedTuple):
    """A field of the Content of one MessageType, in words."""

    channel: str
    message_type: str
    field: str
    required: bool
    value: str
    code: str


class Limit(NamedTuple):
    """A limit of a call, in words."""

    what: str
    value: str


def parameter_rows(operation: AnyOperation) -> list[ParameterRow]:
    """The parameters that have an effect, in the order of the description."""
    return [_row(row) for row in operation.parameters if not row.ignored]


def ignored_parameters(operation: AnyOperation) -> list[str]:
    """The names of the parameters that are accepted without effect."""
    return [row.name for row in operation.parameters if row.ignored]


def folded_parameters(operation: AnyOperation) -> list[str]:
    """The names of the parameters with a fixed set of values, which are accepted in any case."""
    return [row.name for row in operation.parameters if row.allowed]


def required_in_words(row: Parameter) -> str:
    """Whether a parameter is required: `yes`, the condition, or `no`."""
    if row.required:
        return "yes"
    if row.required_for:
        return f"for {row.required_for}"
    if row.required_when is not None:
        return f"for {row.required_when[0]}={row.required_when[1]}"
    return "no"


def allowed_values(row: Parameter) -> tuple[str, ...]:
    """The allowed values of a parameter; empty for any."""
    if row.name == MESSAGE_TYPE:
        # The allowed ones depend on the channel, so the row of the parameter lists none.
        return tuple(dict.fromkeys(kind for channel in CHANNELS.values() for kind in channel.content))
    return row.allowed


def content_rows() -> list[ContentRow]:
    """The fields of every MessageType of every channel."""
    return [
        ContentRow(
            channel, message_type, field.name, place < rule.required, content_value(field), field.missing
        )
        for channel, record in CHANNELS.items()
        for message_type, rule in record.content.items()
        for place, field in enumerate(rule.fields)
    ]


def content_rules() -> list[tuple[str, str, ContentRule]]:
    """Channel, MessageType and rule, in the order of the documentation."""
    return [
        (channel, message_type, rule)
        for channel, record in CHANNELS.items()
        for message_type, rule in record.content.items()
    ]


def answer_members(operation: AnyOperation) -> tuple[Member, ...]:
    """The members of a successful answer."""
    return (
        Member("RequestId", "The id of this call.", "90E63D28-E31D-1EB2-8939-A94866411B20"),
        *(_ALL_IS_WELL if operation.product.has_code_and_message else ()),
        *operation.answer,
    )


def answer_rows(operation: AnyOperation) -> list[Member]:
    """The members of a successful answer; nested ones are named by their path (`Data[].MessageId`)."""
    return list(_flattened("", answer_members(operation)))


def has_content(operation: AnyOperation) -> bool:
    """Whether an operation has the parameter Content of free messages."""
    return any(row.name == CONTENT_PARAMETER for row in operation.parameters)


def own_errors(operation: AnyOperation) -> list[ErrorCode]:
    """The error codes of the operation itself, without those of `errors_of_any_call`."""
    any_call = {entry.code for entry in errors_of_any_call(operation.product)}
    return [error_code(code) for code in operation.all_errors() if code not in any_call]


def errors_of_any_call(product: Product) -> list[ErrorCode]:
    """The error codes of every operation of a product."""
    return [*map(error_code, product.any_call), *SIGNATURE_ERRORS, *ROUTING_ERRORS]


def gateway_errors() -> list[ErrorCode]:
    """The error codes of every operation of every product, without repeats."""
    return list(dict.fromkeys(entry for product in PRODUCTS for entry in errors_of_any_call(product)))


def gateway_limits() -> Sequence[Limit]:
    """The limits of every call."""
    return (
        Limit(
            "Calls a second",
            f"{CALLS_PER_SECOND} for each account and operation over all its keys, unless the operator or "
            "the operation sets another limit; beyond it HTTP 400, System.LimitControl, with the "
            "milliseconds to wait in the header x-acs-retry-after",
        ),
        Limit(
            "Request line and headers",
            f"{_mebibytes(LONGEST_HEAD)} together; beyond it HTTP 431 in plain text, and the "
            "connection is closed",
        ),
        Limit("Body", f"{_mebibytes(LONGEST_BODY)}; beyond it HTTP 400, InvalidParameter"),
        Limit(
            "Body of a V3 call of SendChatappMassMessage",
            f"{_mebibytes(LONGEST_MASS_BODY)}; beyond it HTTP 400, InvalidParameter",
        ),
        Limit("Parameters", f"{MOST_PARAMETERS:,}; beyond it HTTP 400, InvalidParameter"),
        Limit(
            "Time of a call",
            f"at most {CLOCK_TOLERANCE_S // 60} minutes away from this service's clock; beyond it HTTP 400, "
            "InvalidTimeStamp.Expired",
        ),
        Limit("Answers", f"{' or '.join(form.value for form in Format)} (XML for V1 calls with Format=XML)"),
    )


def own_limit(calls_per_second: int) -> Limit:
    """The rate limit of an operation that has its own."""
    return Limit("Calls a second", f"{calls_per_second} for each account over all its keys")


def _mebibytes(length: int) -> str:
    return f"{length // 1024 // 1024} MiB"


def _flattened(path: str, members: Iterable[Member]) -> Iterable[Member]:
    for member in members:
        yield member._replace(name=path + member.name)
        mark = "[]" if member.kind == "array" else ""
        yield from _flattened(f"{path}{member.name}{mark}.", member.members)


def _row(row: Parameter) -> ParameterRow:
    return ParameterRow(
        row.name,
        row.kind.value,
        required_in_words(row),
        row.description,
        _allowed(row),
        row.default,
        row.example,
        row.codes,
    )


def _allowed(row: Parameter) -> str:
    if row.minimum is not None and row.maximum is not None:
        return f"{row.minimum} to {row.maximum}"
    if row.longest is not None:
        return length_text(row)
    return ", ".join(allowed_values(row))


def content_value(field: Field) -> str:
    """What a field of a Content may be, in words."""
    limit = f", at most {field.limit} {field.unit}" if field.limit is not None else ""
    match field.kind:
        case Kind.TEXT:
            return f"text{limit}"
        case Kind.URL:
            return f"http or https URL{limit}"
        case Kind.NUMBER:
            return f"number above 0{limit}"
        case Kind.CHOICE:
            return f"one of {', '.join(sorted(field.choices))}"
        case Kind.DEGREES:
            return f"degrees, from -{field.limit} to {field.limit}"
        case Kind.FLAG:
            return "true or false"
        case Kind.OBJECT:
            return "JSON object" + _needs(field)
        case Kind.LIST:
            return f"JSON array of objects{limit}{_needs(field)}"


def _needs(field: Field) -> str:
    return f", with {' and '.join(field.needs)}" if field.needs else ""
