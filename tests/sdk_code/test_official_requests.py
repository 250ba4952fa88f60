"""The table of typed requests is that of the official packages."""

import inspect
import json
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from alibabacloud_cams20200606.client import Client

from tests.interop.official_models import Typed, members, model
from tests.interop.toolchains import NODE, installed
from waypost.api.operations.catalogue import EVERY
from waypost.api.product import CAMS
from waypost.api.sdk_code.official_requests import camel_case, snake_case

LINES = [
    line.split()
    for line in files("waypost.api.sdk_code")
    .joinpath("official_requests.txt")
    .read_text(encoding="utf-8")
    .splitlines()
]
OPERATIONS = [name for name, endpoint in EVERY.items() if endpoint.operation.product is CAMS]
# Of any call, and sent by nobody.
_LEFT_OUT = {"OwnerId", "ResourceOwnerId", "ResourceOwnerAccount"}
_NODE_TYPES = {"integer": "number", "boolean": "boolean", "string": "string", "map": "map"}
_NAMES_OF_NODE = """
const Cams = require("@alicloud/cams20200606");
const methods = Cams.default.prototype;
const found = {};
for (const [name, Class] of Object.entries(Cams)) {
  const operation = name.replace(/Request$/, "");
  const method = operation[0].toLowerCase() + operation.slice(1);
  if (name !== operation && !(method in methods)) continue;
  if (typeof Class.names === "function") found[name] = [Class.names(), Class.types()];
}
console.log(JSON.stringify(found, (key, value) => (typeof value === "function" ? value.name : value)));
"""


def listed(package: str) -> dict[str, dict[str, str]]:
    """The classes of a package in the table: name, name of a member on the wire, type."""
    return {
        class_: {name: type_ or "string" for name, _, type_ in (member.partition(":") for member in rest)}
        for found, class_, *rest in LINES
        if found == package
    }


def classes(name: str, class_: type[Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """A class of the Python package and those within it, as the table has them."""
    assert class_.__name__ == name
    rows = members("cams", class_)
    attributes = {"from_" if wire == "From" else snake_case(wire) for wire in rows}
    assert attributes <= vars(class_()).keys()
    annotations = [str(one.annotation) for one in inspect.signature(class_.__init__).parameters.values()][1:]
    types = {
        wire: flat(typed, annotation)
        for (wire, typed), annotation in zip(rows.items(), annotations, strict=True)
        if wire not in _LEFT_OUT
    }
    yield name, {wire: type_ for wire, type_ in types.items() if type_}
    for wire, typed in rows.items():
        if typed.model is not None:
            yield from classes(name + wire, typed.model)


def flat(typed: Typed, annotation: str) -> str:
    """A type as the table has it; empty for a map of anything."""
    if typed.kind == "array":
        return "models"
    if typed.model is not None:
        return "model"
    if typed.kind == "object":
        return "map" if "Dict[str, str]" in annotation else ""
    return typed.kind


def test_the_requests_of_python_are_those_of_the_sdk() -> None:
    expected: dict[str, dict[str, str]] = {}
    for operation in OPERATIONS:
        request = model("cams", f"{operation}Request")
        if request is not None:
            assert hasattr(Client, snake_case(operation))
            expected |= classes(f"{operation}Request", request)
    assert listed("python") == expected


def test_the_requests_of_node_are_those_of_the_package() -> None:
    done = subprocess.run(
        ("node", "-e", _NAMES_OF_NODE),
        cwd=installed(NODE),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)
    table = listed("node")
    requests = {f"{operation}Request" for operation in OPERATIONS}
    assert table.keys() & requests == found.keys() & requests
    for class_, rows in table.items():
        names, kinds = found[class_]
        for name, type_ in rows.items():
            assert names[camel_case(name)] == name
            kind = kinds[camel_case(name)]
            if type_ == "model":
                assert kind == class_ + name
            elif type_ == "models":
                assert kind == {"type": "array", "itemType": class_ + name}
            elif type_ == "texts":
                assert kind == {"type": "array", "itemType": "string"}
            else:
                assert (kind if type_ != "map" else kind["type"]) == _NODE_TYPES[type_], f"{class_}.{name}"
