"""Reads the members of an answer from its type, for the reference and the OpenAPI document.

class CreateRuleAnswer(Answer):
    rule_id: Annotated[str, member("The rule.", "R_1")]      # RuleId on the wire
"""

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec


def member(description: str, example: str = "") -> msgspec.Meta:
    """The description of a member in its type: `Annotated[str, member("The rule.", "R_1")]`."""
    return msgspec.Meta(description=description, examples=[example])


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """The answer of an operation, or an object in it; `message_id` is `MessageId` on the wire."""


class SuccessAnswer(Answer, frozen=True):
    """The answer of cams operations that have no other members; the other answers of cams extend it."""

    success: Annotated[bool, member("Always true.")] = True


class Member(NamedTuple):
    """A member of an answer, as the reference shows it.

    Attributes:
        kind: the JSON type: `string`, `integer`, `boolean`, `object`, `array` (of objects) or `texts` (an
            array of strings).
        members: those of the object, or of each object in the array; none if the customer chooses the names.
    """

    name: str
    description: str
    example: str = ""
    kind: str = "string"
    members: tuple["Member", ...] = ()


def members_of(answer: type[Answer]) -> tuple[Member, ...]:
    """The members of a type of answer, in the order of its fields.

    Raises:
        TypeError: a member has no description, or its type is not supported in answers.
    """
    hints = get_type_hints(answer, include_extras=True)
    names = zip(answer.__struct_fields__, answer.__struct_encode_fields__, strict=True)
    return tuple(_member(wire, hints[field]) for field, wire in names)


def _member(name: str, hint: Any) -> Member:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"the member {name} has no description")
    inner, meta = get_args(hint)[:2]
    kind, struct = _kind(_present(inner))
    return Member(
        name, meta.description, str(meta.examples[0]), kind, members_of(struct) if struct is not None else ()
    )


def _present(hint: Any) -> Any:
    """The type of a member without None and UNSET."""
    if get_origin(hint) in (Union, UnionType):
        present = [type_ for type_ in get_args(hint) if type_ not in (NoneType, msgspec.UnsetType)]
        return present[0]
    return hint


def _kind(hint: Any) -> tuple[str, type[Answer] | None]:
    hint = getattr(hint, "__supertype__", hint)
    origin = get_origin(hint) or hint
    if not isinstance(origin, type):
        raise TypeError(f"answers have no {hint}")
    if issubclass(origin, Answer):
        return "object", origin
    for python, kind in ((str, "string"), (bool, "boolean"), (int, "integer"), (Mapping, "object")):
        if issubclass(origin, python):
            return kind, None
    if issubclass(origin, Sequence):
        item = _present(get_args(hint)[0])
        item = getattr(item, "__supertype__", item)
        if item is str:
            return "texts", None
        return "array", item if isinstance(item, type) and issubclass(item, Answer) else None
    raise TypeError(f"answers have no {hint}")
