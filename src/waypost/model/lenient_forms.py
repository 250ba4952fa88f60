"""Reads decoded JSON into a documented form by what it means: a number that is written as text is the number,
and the other way round.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from waypost.model.foreign_documents import UnreadableJsonError

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}(?:\.0+)?")
_BOOLEANS: dict[object, bool] = {"true": True, "1": True, 1: True, "false": False, "0": False, 0: False}

_encode = msgspec.json.Encoder().encode

T = TypeVar("T")


def lenient_form(form: type[T], *, tolerant: bool) -> Callable[[Any], T]:
    """Returns a reader of decoded JSON into a form.

    Args:
        tolerant: whether a member that has a default, or an item of a list, counts as absent if it cannot be
            read.

    The reader raises:
        UnreadableJsonError: the value is not of the form; the message names the member, never a value.
    """
    kind = inspect.type_info(form)

    def read(value: Any) -> T:
        try:
            return msgspec.convert(_read(value, kind, tolerant, "$"), form)
        except msgspec.ValidationError as error:
            raise UnreadableJsonError(str(error)[:200]) from None

    return read


def _read(value: Any, kind: inspect.Type, tolerant: bool, place: str) -> Any:
    """The value as the type has it.

    Raises:
        UnreadableJsonError: it does not mean any.
    """
    read: object
    match kind:
        case inspect.StructType():
            return _members(value, kind, tolerant, place)
        case inspect.ListType() if isinstance(value, list):
            return _items(value, kind.item_type, tolerant, place)
        case inspect.UnionType():
            return _one_of(value, kind, tolerant, place)
        case inspect.RawType():
            return msgspec.Raw(_encode(value))
        case inspect.StrType():
            read = _text(value)
        case inspect.IntType():
            read = _integer(value)
        case inspect.BoolType():
            read = _boolean(value)
        case inspect.DictType() if isinstance(value, dict):
            return value
        case inspect.AnyType():
            return value
        case _:
            read = None
    if read is None:
        raise UnreadableJsonError(f"not the expected type - at `{place}`")
    return read


def _members(value: Any, kind: inspect.StructType, tolerant: bool, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableJsonError(f"not an object - at `{place}`")
    read = {}
    for field in kind.fields:
        name = field.encode_name
        if value.get(name) is None:
            if field.required:
                raise UnreadableJsonError(f"missing - at `{place}.{name}`")
            continue
        try:
            read[name] = _read(value[name], field.type, tolerant, f"{place}.{name}")
        except UnreadableJsonError:
            if field.required or not tolerant:
                raise
    return read


def _items(value: list[Any], kind: inspect.Type, tolerant: bool, place: str) -> list[Any]:
    read = []
    for index, item in enumerate(value):
        try:
            read.append(_read(item, kind, tolerant, f"{place}[{index}]"))
        except UnreadableJsonError:
            if not tolerant:
                raise
    return read


def _one_of(value: Any, kind: inspect.UnionType, tolerant: bool, place: str) -> Any:
    if isinstance(value, str) and any(isinstance(each, inspect.StrType) for each in kind.types):
        return value
    reason = f"no value - at `{place}`"
    for each in kind.types:
        if isinstance(each, inspect.NoneType):
            continue
        try:
            return _read(value, each, tolerant, place)
        except UnreadableJsonError as unreadable:
            reason = str(unreadable)
    raise UnreadableJsonError(reason)


def _text(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value.strip().partition(".")[0])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return _BOOLEANS.get(value.strip().lower())
    return _BOOLEANS.get(value) if isinstance(value, int) else None
