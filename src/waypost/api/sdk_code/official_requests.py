"""Which parameters the typed requests of the official packages have, and of which types.

`official_requests.txt` has a line for each request of a package: `python` (alibabacloud_cams20200606 5.3.1)
or `node` (@alicloud/cams20200606 1.4.2), the operation, and the names on the wire of the members that have a
type of one level, with that type unless it is a text. Members that are models of their own are not listed:
code for a call with one of these is written without the typed request.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

Package = Literal["python", "node"]
Value = str | int | bool | dict[str, str] | list[str]

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def typed_values(package: Package, operation: str, parameters: Mapping[str, str]) -> dict[str, Value] | None:
    """The values of a call as the typed request of its operation takes them, by their names on the wire.

    None if the package has no request for the operation, or a parameter has no member or a value that its
    type cannot have: a typed request would send something else, or nothing.
    """
    types = _requests().get((package, operation))
    if types is None:
        return None
    values: dict[str, Value] = {}
    for name, text in parameters.items():
        value = _typed_value(types[name], text) if name in types else None
        if value is None:
            return None
        values[name] = value
    return values


def snake_case(name: str) -> str:
    """A name as the Python packages spell it: `FallBackId` is `fall_back_id`."""
    return _WORD_START.sub("_", name).lower()


def camel_case(name: str) -> str:
    """A name as the Node packages spell it: `FallBackId` is `fallBackId`."""
    return name[:1].lower() + name[1:]


def _typed_value(type_: str, text: str) -> Value | None:
    match type_:
        case "integer":
            return int(text) if _INTEGER.fullmatch(text) else None
        case "boolean":
            return {"true": True, "false": False}.get(text)
        case "map":
            return _decoded_map(text)
        case "texts":
            return _decoded_list(text)
        case _:
            return text


def _decoded_map(text: str) -> dict[str, str] | None:
    try:
        members = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError:
        return None
    # Of a repeated name the typed request would keep one. The object is flat, so this cannot nest.
    return members if len(json.loads(text, object_pairs_hook=list)) == len(members) else None


def _decoded_list(text: str) -> list[str] | None:
    try:
        return msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError:
        return None


@cache
def _requests() -> dict[tuple[str, str], dict[str, str]]:
    text = files("waypost.api.sdk_code").joinpath("official_requests.txt").read_text(encoding="utf-8")
    requests = {}
    for line in text.splitlines():
        package, operation, *members = line.split()
        types = {name: type_ or "string" for name, _, type_ in (member.partition(":") for member in members)}
        requests[package, operation] = types
    return requests
