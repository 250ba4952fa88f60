"""Converts the tables of the settings to their types, each value by itself: every wrong one is found.

A value that is wrong is replaced by a stand-in, for the other checks to go on with.
"""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from waypost.config.mistakes import Mistake, Place, listed, nearest_of

S = TypeVar("S", bound=msgspec.Struct)

_NEEDED: dict[Any, str] = {
    str: "a text is needed",
    int: "a whole number is needed",
    float: "a number is needed",
    bool: "true or false is needed",
}
_STAND_INS: dict[Any, Any] = {str: "", int: 0, float: 0.0, bool: False, tuple: (), dict: {}}


class Conversion:
    """Converts tables, and collects what is wrong with them.

    Attributes:
        mistakes: those found so far.
        wrong: the places whose values are stand-ins.
    """

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.wrong: list[Place] = []

    def convert(self, kind: type[S], table: Mapping[str, Any], place: Place, defaults: Any = None) -> S:
        """Converts a table to a struct.

        Args:
            place: where the table is.
            defaults: valid values of the keys, as stand-ins for wrong ones; None for those of their types.
        """
        fields = _fields(kind)
        names = [field.name for field in fields]
        misspelled = set()
        for key in table:
            if key not in names:
                near = nearest_of(key, names)
                misspelled.add(near)
                self.note(Mistake((*place, key), "is no key here", _keys(names, near), nearest=near))
        values = {}
        for field in fields:
            at = (*place, field.name)
            default = defaults.get(field.name) if isinstance(defaults, dict) else None
            if field.name in table:
                values[field.name] = self._value(field.type, table[field.name], at, default)
            elif field.required:
                if field.name in misspelled:
                    self.wrong.append(at)
                else:
                    self.note(Mistake(at, "is missing", _needed(field.type)))
                values[field.name] = _stand_in(field.type, default)
        return kind(**values)

    def tables_of(self, value: Any, place: Place) -> dict[str, Mapping[str, Any]]:
        """The tables in a table, by their names; empty ones for what is none."""
        return {key: self._table(each, (*place, key)) for key, each in self._table(value, place).items()}

    def _value(self, kind: Any, value: Any, place: Place, default: Any) -> Any:
        parameters = get_args(kind)
        if _is_struct(kind):
            return self.convert(kind, self._table(value, place), place, default)
        if get_origin(kind) is dict and parameters[1] is not Any:
            table = self._table(value, place)
            return {key: self._value(parameters[1], each, (*place, key), None) for key, each in table.items()}
        if get_origin(kind) is tuple and isinstance(value, list):
            return tuple(
                self._value(parameters[0], each, (*place, number), None) for number, each in enumerate(value)
            )
        return self._leaf(kind, value, place, default)

    def _leaf(self, kind: Any, value: Any, place: Place, default: Any) -> Any:
        try:
            return msgspec.convert(value, kind, strict=False)
        except msgspec.ValidationError:
            choices = _choices(kind)
            near = nearest_of(value, choices) if isinstance(value, str) else ""
            self.note(Mistake(place, "is {value}", _needed(kind), value, near))
            return _stand_in(kind, default)

    def _table(self, value: Any, place: Place) -> Mapping[str, Any]:
        """The value if it is a table, else an empty one, whose keys are not missed."""
        if isinstance(value, dict):
            return value
        self.note(Mistake(place, "is {value}", "a table is needed", value))
        return _NO_TABLE

    def note(self, mistake: Mistake) -> None:
        """Adds a mistake, whose value is a stand-in from now on, unless it follows from another one."""
        # What is in a table that is none is missing for that reason.
        if not any(wrong == mistake.place[: len(wrong)] for wrong in self.wrong):
            self.mistakes.append(mistake)
            self.wrong.append(mistake.place)


_NO_TABLE: Mapping[str, Any] = {}
# Reads the annotations anew each time.
_fields = cache(msgspec.structs.fields)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _keys(names: list[str], near: str) -> str:
    return "" if near else f"the keys are {listed(names)}"


def _choices(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [member.value for member in kind]
    return []


def _needed(kind: Any) -> str:
    """What a value has to be, in words."""
    if choices := _choices(kind):
        return f"one of {listed(choices)} is needed"
    if isinstance(kind, UnionType):
        return _needed(get_args(kind)[0])
    if get_origin(kind) is tuple:
        item = _needed(get_args(kind)[0]).removesuffix(" is needed")
        return f"a list is needed, each item {item}"
    if get_origin(kind) is dict or kind is dict:
        return "a table is needed"
    return _NEEDED.get(getattr(kind, "__supertype__", kind), "another value is needed")


def _stand_in(kind: Any, default: Any) -> Any:
    if default is not None:
        return msgspec.convert(default, kind, strict=False)
    if _is_struct(kind):
        return Conversion().convert(kind, {}, ())
    if choices := _choices(kind):
        return choices[0]
    if isinstance(kind, UnionType):
        return None
    return _STAND_INS.get(get_origin(kind) or getattr(kind, "__supertype__", kind))
