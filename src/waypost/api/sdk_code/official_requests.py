"""The typed requests of the official packages: which members they have, and of which types.

`official_requests.txt` has a line for each class: `python` (of alibabacloud_cams20200606 5.3.1) or `node` (of
@alicloud/cams20200606 1.4.2), its name, and the names on the wire of its members, each with its type unless
that is a text: `integer`, `boolean`, `map` (of texts), `texts`, `model` or `models`. The class of a model is
named by the class that it is in and the member. Members of any type are not listed: code for a call with one
of these is written without the typed request.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple, Union

from waypost.model.foreign_documents import is_too_deep

Package = Literal["python", "node"]
Value = Union[str, int, bool, dict[str, str], list[str], "Model", list["Model"]]


class Model(NamedTuple):
    """An object of a class of a package.

    Attributes:
        name: the class.
        values: the values of its members, by their names on the wire.
    """

    name: str
    values: dict[str, Value]


_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Larger ones are not exact in JavaScript.
_LARGEST = 2**53 - 1


def typed_request(package: Package, operation: str, parameters: Mapping[str, str]) -> Model | None:
    """The typed request of a call.

    None if the package has no request for the operation, or a parameter has no member or a value that its
    type cannot have: a typed request would send something else, or nothing.
    """
    name = f"{operation}Request"
    types = _classes().get((package, name))
    if types is None or not parameters.keys() <= types.keys():
        return None
    typing = _Typing(package)
    try:
        return Model(
            name, {key: typing.of_text(types[key], text, name + key) for key, text in parameters.items()}
        )
    except _NotTypedError:
        return None


def snake_case(name: str) -> str:
    """A name as the Python packages spell it: `FallBackId` is `fall_back_id`."""
    return _WORD_START.sub("_", name).lower()


def camel_case(name: str) -> str:
    """A name as the Node packages spell it: `FallBackId` is `fallBackId`."""
    return name[:1].lower() + name[1:]


class _NotTypedError(Exception):
    """A value is not of the type of its member."""


class _Typing(NamedTuple):
    """Converts values to the types of a package; each method raises `_NotTypedError`."""

    package: Package

    def of_text(self, type_: str, text: str, class_: str) -> Value:
        """The value of a parameter, whose text is JSON if it is of more than one level."""
        match type_:
            case "string":
                return text
            case "integer" if _INTEGER.fullmatch(text):
                return int(text)
            case "boolean" if text in ("true", "false"):
                return text == "true"
            case "map" | "texts" | "model" | "models":
                return self.of_json(type_, _decoded(text), class_)
        raise _NotTypedError

    def of_json(self, type_: str, value: Any, class_: str) -> Value:
        """A decoded value as a member of that type; `class_` is that of a model."""
        match type_:
            case "string" if isinstance(value, str):
                return value
            case "boolean" if isinstance(value, bool):
                return value
            case "integer" if type(value) is int and abs(value) <= _LARGEST:
                return value
            case "map" if isinstance(value, dict) and _all_texts(tuple(value.values())):
                return value
            case "texts" if isinstance(value, list) and _all_texts(value):
                return value
            case "model" if isinstance(value, dict):
                return self._model(value, class_)
            case "models" if isinstance(value, list):
                return [self._model(one, class_) for one in value]
        raise _NotTypedError

    def _model(self, value: Any, class_: str) -> Model:
        types = _classes()[self.package, class_]
        if not isinstance(value, dict) or not value.keys() <= types.keys():
            raise _NotTypedError
        return Model(
            class_, {name: self.of_json(types[name], inner, class_ + name) for name, inner in value.items()}
        )


def _all_texts(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _decoded(text: str) -> Any:
    if is_too_deep(text.encode()):
        raise _NotTypedError
    try:
        return json.loads(text, object_pairs_hook=_distinct)
    except ValueError:
        raise _NotTypedError from None


def _distinct(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object; of a repeated one a typed request would keep one."""
    found = dict(members)
    if len(found) < len(members):
        raise _NotTypedError
    return found


@cache
def _classes() -> dict[tuple[str, str], dict[str, str]]:
    text = files("waypost.api.sdk_code").joinpath("official_requests.txt").read_text(encoding="utf-8")
    classes = {}
    for line in text.splitlines():
        package, name, *members = line.split()
        types = {member: type_ or "string" for member, _, type_ in (one.partition(":") for one in members)}
        classes[package, name] = types
    return classes
