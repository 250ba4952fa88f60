"""A JSON object as the texts of its members, and back: how a form shows the object in a parameter.

An object is split only where joining its texts makes the same object again; any other stays JSON.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from waypost.model.content.rules import ContentRule, Kind
from waypost.model.foreign_documents import is_too_deep

_MEMBER = re.compile(r"[^\x00-\x1f\x7f]{1,128}")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_MOST_MEMBERS = 50
_JSON_KINDS = (Kind.OBJECT, Kind.LIST)
_NUMBER_KINDS = (Kind.NUMBER, Kind.DEGREES)


def split_object(rule: ContentRule | None, text: str) -> dict[str, str] | None:
    """The members of the object in a text, each as a text; None if it cannot be joined from these.

    Args:
        rule: of the members that are not texts; None if all are texts.
    """
    raw = text.encode("utf-8", "surrogatepass")
    if is_too_deep(raw):
        return None
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except ValueError:
        return None
    if not isinstance(pairs, _Pairs) or not 0 < len(pairs) <= _MOST_MEMBERS:
        return None
    members = {name: _text_of(value) for name, value in pairs}
    is_usable = all(members.values()) and all(_MEMBER.fullmatch(name) for name in members)
    if not is_usable or len(members) != len(pairs):
        return None
    same = json.loads(join_object(rule, members), object_pairs_hook=_Pairs)
    return members if _text_of(same) == _text_of(pairs) else None


def join_object(rule: ContentRule | None, members: Mapping[str, str]) -> str:
    """The object of texts, as JSON without spaces; a number, a flag or JSON where the rule has one."""
    return _encoded({name: _value(rule, name, text) for name, text in members.items()})


class _Pairs(list[tuple[str, Any]]):
    """The members of an object in their order, with those of a repeated name."""


def _value(rule: ContentRule | None, name: str, text: str) -> Any:
    field = rule.by_spelling.get(name) if rule is not None else None
    kind = field.kind if field is not None else Kind.TEXT
    if kind in _NUMBER_KINDS and _INTEGER.fullmatch(text):
        return int(text)
    if kind is Kind.FLAG and text in ("true", "false"):
        return text == "true"
    if kind is Kind.DEGREES or kind in _JSON_KINDS:
        raw = text.encode("utf-8", "surrogatepass")
        try:
            return msgspec.Raw(raw) if not is_too_deep(raw) and _is_json_of(kind, text) else text
        except ValueError:
            return text
    return text


def _is_json_of(kind: Kind, text: str) -> bool:
    """Whether a text is JSON of a kind.

    Raises:
        ValueError: it is no JSON.
    """
    value = json.loads(text)
    if kind is Kind.DEGREES:
        return isinstance(value, float) and abs(value) < float("inf")
    return isinstance(value, dict | list)


def _text_of(value: Any) -> str:
    """A value as a text of its own; one that is no text as JSON, with its members in their order."""
    return value if isinstance(value, str) else _encoded(value)


def _encoded(value: Any) -> str:
    if isinstance(value, _Pairs):
        members = (f"{_encoded(name)}:{_encoded(each)}" for name, each in value)
        return "{" + ",".join(members) + "}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_encoded(name)}:{_encoded(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_encoded, value)) + "]"
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode("utf-8", "surrogatepass")
    return json.dumps(value, ensure_ascii=False)
