"""The fields of a form of an operation: from its description, and from what the form has so far.

Which fields show is decided by the values of some of them: a template has other parameters than a free
message, and a picture on one channel has other members than one on another. What was filled in is never
hidden.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from waypost.api.description import AnyOperation, Kind, Parameter
from waypost.api.forms.form_values import (
    ADDED,
    CHANNEL_TYPE,
    SEPARATOR,
    content_rule,
    is_parameter_name,
    members_of_value,
)
from waypost.api.reference.operation_rows import (
    CONTENT_PARAMETER,
    MESSAGE_TYPE,
    ParameterRow,
    allowed_values,
    has_content,
    parameter_rows,
)
from waypost.api.reference.operation_rows import content_value as value_in_words
from waypost.model.channels import CHANNELS
from waypost.model.content.rules import Field
from waypost.model.content.rules import Kind as MemberKind

_LONG_TEXT = 256
_STRUCTURED = (Kind.JSON, Kind.OBJECT, Kind.LIST)


class Control(Enum):
    """How a field is filled in."""

    LINE = "line"
    LINES = "lines"
    CHOICE = "choice"
    JSON = "json"


class FormField(NamedTuple):
    """A field of a form.

    Attributes:
        name: in the form.
        label: the parameter, or the member of an object.
        choices: the values of a choice; its value is among them, also if it is not allowed.
        need: `yes`, `no`, or in words when a call needs it.
        is_required: whether this call needs it.
        has_effect: whether it has an effect in this call.
        decides: whether other fields depend on its value.
        row: the parameter in words; None for a member, and for a name that the operation does not know.
        hint: what is allowed.
        members: the fields of the members of an object; it has no value of its own then.
        is_open: whether members of further names can be added.
    """

    name: str
    label: str
    value: str
    control: Control
    choices: Sequence[str] = ()
    need: str = "no"
    is_required: bool = False
    has_effect: bool = True
    decides: bool = False
    row: ParameterRow | None = None
    hint: str = ""
    members: Sequence["FormField"] = ()
    is_open: bool = False


def form_fields(operation: AnyOperation, parameters: Mapping[str, str]) -> list[FormField]:
    """The fields that show for a call: what it needs first, what has no effect in it last."""
    deciding = deciding_parameters(operation)
    words = {row.name: row for row in parameter_rows(operation)}
    places = {row.name: place for place, row in enumerate(operation.parameters)}
    fields = [
        _field(operation, row, words[row.name], parameters, row.name in deciding)
        # Those of this kind of call before those of any.
        for row in sorted(operation.parameters, key=lambda row: row.effect_when is None)
        if not row.ignored and (parameters.get(row.name) or has_effect(operation, row, parameters))
    ]
    fields.sort(key=lambda field: (not field.is_required, places[field.name] if field.is_required else 0))
    fields += [
        FormField(name, name, value, _control_of_text(value), has_effect=False)
        for name, value in parameters.items()
        if name not in words and is_parameter_name(name)
    ]
    return sorted(fields, key=lambda field: not field.has_effect)


def deciding_parameters(operation: AnyOperation) -> frozenset[str]:
    """The parameters whose values decide which others have an effect or are needed."""
    names = {row.name for row in operation.parameters if row.allowed or row.name == MESSAGE_TYPE}
    deciding = {
        condition[0]
        for row in operation.parameters
        for condition in (row.effect_when, row.required_when)
        if condition is not None
    }
    return frozenset(names & (deciding | ({CHANNEL_TYPE, MESSAGE_TYPE} if has_content(operation) else set())))


def _field(
    operation: AnyOperation,
    row: Parameter,
    words: ParameterRow,
    parameters: Mapping[str, str],
    decides: bool,
) -> FormField:
    value = parameters.get(row.name, "")
    choices = _choices(row, parameters)
    field = FormField(
        row.name,
        row.name,
        value,
        _control(row, value, bool(choices)),
        _with_value(choices, value),
        words.required,
        is_required(operation, row, parameters),
        has_effect(operation, row, parameters),
        decides,
        words,
        words.allowed if not choices else "",
    )
    members = members_of_value(operation, row.name, parameters)
    if members is None:
        return field
    if row.name == CONTENT_PARAMETER:
        return field._replace(value="", members=list(_content_members(operation, parameters, members)))
    named = [
        FormField(row.name + SEPARATOR + name, name, text, _control_of_text(text))
        for name, text in members.items()
    ]
    return field._replace(value="", members=named, is_open=True)


def _content_members(
    operation: AnyOperation, parameters: Mapping[str, str], members: Mapping[str, str]
) -> Iterator[FormField]:
    """The fields of the Content: those of the rule, then what else it has."""
    rule = content_rule(operation, parameters)
    assert rule is not None
    # A call may spell a member in small letters.
    known = {rule.by_spelling[name].name: name for name in members if name in rule.by_spelling}
    for place, field in enumerate(rule.fields):
        spelling = known.get(field.name, field.name)
        value = members.get(spelling, "")
        is_required = place < rule.required
        choices = _member_choices(field)
        yield FormField(
            CONTENT_PARAMETER + SEPARATOR + spelling,
            field.name,
            value,
            _member_control(field, value, bool(choices)),
            _with_value(choices, value),
            "yes" if is_required else "no",
            is_required,
            hint="" if choices else value_in_words(field),
        )
    shown = {known.get(field.name, field.name) for field in rule.fields}
    for name, value in members.items():
        if name not in shown:
            yield FormField(
                CONTENT_PARAMETER + SEPARATOR + name,
                name,
                value,
                _control_of_text(value),
                has_effect=rule.open,
            )


def added_fields(parameter: str) -> tuple[str, str]:
    """The names of the fields of a member that is added to an object: of its name and of its text."""
    return f"{ADDED}{parameter}{SEPARATOR}name", f"{ADDED}{parameter}{SEPARATOR}value"


def has_effect(operation: AnyOperation, row: Parameter, parameters: Mapping[str, str]) -> bool:
    """Whether a parameter has an effect in a call."""
    return row.effect_when is None or _holds(operation, row.effect_when, parameters)


def is_required(operation: AnyOperation, row: Parameter, parameters: Mapping[str, str]) -> bool:
    """Whether a call needs a parameter."""
    return row.required or (
        row.required_when is not None and _holds(operation, row.required_when, parameters)
    )


def _holds(operation: AnyOperation, condition: tuple[str, str], parameters: Mapping[str, str]) -> bool:
    name, value = condition
    # Rows are shared with operations that have no such parameter, where nothing depends on it.
    is_there = any(row.name == name for row in operation.parameters)
    return not is_there or parameters.get(name, "").lower() == value.lower()


def _choices(row: Parameter, parameters: Mapping[str, str]) -> Sequence[str]:
    if row.name == MESSAGE_TYPE:
        channel = CHANNELS.get(parameters.get(CHANNEL_TYPE, "").lower())
        if channel is not None and channel.content:
            return channel.message_types
    return allowed_values(row)


def _with_value(choices: Sequence[str], value: str) -> Sequence[str]:
    if not choices or not value or value in choices:
        return choices
    return (*choices, value)


def _control(row: Parameter, value: str, is_choice: bool) -> Control:
    if is_choice:
        return Control.CHOICE
    if row.kind in _STRUCTURED:
        return Control.JSON
    return Control.LINES if (row.longest or 0) >= _LONG_TEXT else _control_of_text(value)


def _control_of_text(value: str) -> Control:
    # A field of one line loses line ends.
    return Control.LINES if "\n" in value or len(value) > _LONG_TEXT else Control.LINE


def _member_choices(field: Field) -> Sequence[str]:
    if field.kind is MemberKind.FLAG:
        return "true", "false"
    return sorted(field.choices)


def _member_control(field: Field, value: str, is_choice: bool) -> Control:
    if is_choice:
        return Control.CHOICE
    if field.kind in (MemberKind.OBJECT, MemberKind.LIST):
        return Control.JSON
    is_long = field.kind is MemberKind.TEXT and (field.limit or 0) >= _LONG_TEXT
    return Control.LINES if is_long else _control_of_text(value)
