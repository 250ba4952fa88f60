"""The table of typed requests is that of the official packages."""

import json
import re
import subprocess
from importlib.resources import files

import pytest
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
_NAMES_OF_NODE = """
const Cams = require("@alicloud/cams20200606");
const methods = Cams.default.prototype;
const found = {};
for (const [name, Request] of Object.entries(Cams)) {
  const operation = name.replace(/Request$/, "");
  const method = operation[0].toLowerCase() + operation.slice(1);
  if (name !== operation && method in methods) found[operation] = [Request.names(), Request.types()];
}
console.log(JSON.stringify(found, (key, value) => (typeof value === "function" ? "model" : value)));
"""


def listed(package: str) -> dict[str, dict[str, str]]:
    """The requests of a package in the table: operation, name on the wire, type."""
    return {
        operation: {name: type_ or "string" for name, _, type_ in (member.partition(":") for member in rest)}
        for found, operation, *rest in LINES
        if found == package
    }


def flat(typed: Typed) -> str:
    """A type as the table has it; empty for a model."""
    if typed.kind == "object":
        return "map" if typed.model is None else ""
    return "" if typed.kind == "array" else typed.kind


def test_the_requests_of_python_are_those_of_the_sdk() -> None:
    expected = {}
    for operation in OPERATIONS:
        request = model("cams", f"{operation}Request")
        if request is not None:
            types = {name: flat(typed) for name, typed in members("cams", request).items()}
            expected[operation] = {name: type_ for name, type_ in types.items() if type_}
            for name in _LEFT_OUT:
                expected[operation].pop(name, None)
            assert hasattr(Client, snake_case(operation))
            attributes = {"from_" if name == "From" else snake_case(name) for name in types}
            assert attributes <= vars(request()).keys()
    assert listed("python") == expected


@pytest.mark.long
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
    types = {"integer": '"number"', "boolean": '"boolean"', "string": '"string"'}
    table = listed("node")
    assert table.keys() == found.keys() & set(OPERATIONS)
    for operation, rows in table.items():
        names, kinds = found[operation]
        for name, type_ in rows.items():
            assert names[camel_case(name)] == name
            kind = json.dumps(kinds[camel_case(name)])
            assert kind == types.get(type_, kind), f"{operation}.{name}"
            assert type_ != "texts" or re.search('"array"', kind), f"{operation}.{name}"
