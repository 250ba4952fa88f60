"""Examples of a call of the kind that a form is at: what such a call needs, filled in."""

from collections.abc import Mapping

from waypost.api.description import AnyOperation, Parameter
from waypost.api.forms.form_fields import deciding_parameters, has_effect, is_required
from waypost.api.forms.form_values import content_rule
from waypost.api.forms.object_members import join_object, split_object
from waypost.api.reference.operation_rows import CONTENT_PARAMETER
from waypost.model.content.rules import ContentRule, Field, Kind

_TEXTS: Mapping[Kind, str] = {
    Kind.TEXT: "hello",
    Kind.URL: "https://example.com/file",
    Kind.NUMBER: "1",
    Kind.DEGREES: "0",
    Kind.FLAG: "true",
}


def example_parameters(
    operation: AnyOperation, parameters: Mapping[str, str], examples: Mapping[str, str]
) -> dict[str, str]:
    """What a call of the same kind needs, with an example for each that has no value yet.

    Args:
        examples: values that count before the documented ones, by the names of parameters.
    """
    texts = {row.name: row.example for row in operation.parameters if row.example and not row.ignored}
    texts |= {name: text for name, text in examples.items() if name in texts}
    filled = {name: value for name, value in parameters.items() if value}
    # A value that is filled in can decide that another one is needed.
    for _ in range(len(deciding_parameters(operation)) + 1):
        for row in operation.parameters:
            if row.name in texts and row.name not in filled and _is_usual(operation, row, filled):
                filled[row.name] = _example(operation, row, texts[row.name], filled)
    return filled or texts


def _is_usual(operation: AnyOperation, row: Parameter, parameters: Mapping[str, str]) -> bool:
    """Whether an example of a call has a parameter: it is needed, or there is one of a few that is."""
    is_of_this_kind = row.effect_when is not None and has_effect(operation, row, parameters)
    has_own_code = bool(row.missing) or row.name in operation.maps
    return is_required(operation, row, parameters) or (is_of_this_kind and has_own_code)


def _example(operation: AnyOperation, row: Parameter, text: str, parameters: Mapping[str, str]) -> str:
    rule = content_rule(operation, parameters) if row.name == CONTENT_PARAMETER else None
    if rule is None:
        return text
    needed = rule.fields[: rule.required]
    members = split_object(rule, text) or {}
    if all(field.name in members for field in needed) and members.keys() <= rule.by_spelling.keys():
        return text
    return content_example(rule)


def content_example(rule: ContentRule) -> str:
    """A Content with the members that a rule needs; of one that needs none with its first."""
    needed = rule.fields[: rule.required] or rule.fields[:1]
    return join_object(rule, {field.name: _member_example(field) for field in needed})


def _member_example(field: Field) -> str:
    if field.kind is Kind.CHOICE:
        return min(field.choices)
    if field.kind in (Kind.OBJECT, Kind.LIST):
        needed = join_object(None, dict.fromkeys(field.needs, "hello"))
        return needed if field.kind is Kind.OBJECT else f"[{needed}]"
    return _TEXTS[field.kind]
