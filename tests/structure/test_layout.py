"""The layout: lengths of files, no import cycles, and each wire code written once."""

import ast
import re
from pathlib import Path
from statistics import median

import grimp
import pytest

from tests.structure.source import FILES, SOURCE, tree
from waypost.api.errors.catalogue import ERRORS
from waypost.api.operations.catalogue import EVERY
from waypost.model import codes
from waypost.model.channels import CHANNELS

LONGEST = 400
MEDIAN = 150


def test_files_are_short() -> None:
    lengths = {
        str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert median(lengths.values()) < MEDIAN


def test_imports_make_no_circle() -> None:
    graph = grimp.build_graph("waypost")
    modules = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    while free := [module for module, imports in modules.items() if not imports & modules.keys()]:
        for module in free:
            del modules[module]
    assert modules == {}


# Provider codes, wire names of other protocols and the queue service's own codes live in these.
_ELSEWHERE = ("connectors/", "sandbox/", "api/queues/", "model/codes.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_wire_code_is_written_once(path: Path) -> None:
    if str(path.relative_to(SOURCE)).startswith(_ELSEWHERE):
        return
    literals = {node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)}
    assert sorted(str(literal) for literal in literals if literal in ERRORS) == []


def test_every_constant_of_the_codes_is_in_the_catalogue() -> None:
    written = {value for name, value in vars(codes).items() if name.isupper()}
    assert written == set(ERRORS)


def test_every_code_that_an_operation_names_is_in_the_catalogue_or_of_a_family() -> None:
    family = re.compile(r"(Missing|Invalid)[A-Z]\w*|InvalidParameter\.\w+\.(InvalidChars|Length|Format)")
    named = {code for endpoint in EVERY.values() for code in endpoint.operation.all_errors()}
    assert [code for code in sorted(named) if code not in ERRORS and not family.fullmatch(code)] == []


# What a channel is stands in its record; its provider and its simulator know it by name, of course.
_BY_NAME = ("connectors/", "sandbox/", "demo/")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_branches_on_the_name_of_a_channel(path: Path) -> None:
    if str(path.relative_to(SOURCE)).startswith(_BY_NAME):
        return
    found = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Compare | ast.MatchValue)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and part.value in CHANNELS
    ]
    assert found == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_sentence_of_a_fault_is_built_in_one_place(path: Path) -> None:
    """A fault has a problem, what is allowed and a value; only `Fault.message` makes a sentence of them."""
    parts = [
        ast.unparse(argument)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault"
        for argument in node.args[2:4]
    ]
    assert [part for part in parts if part.endswith((".'", '."')) or "quoted(" in part] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_api_and_the_rules_quote_in_one_way(path: Path) -> None:
    if not str(path.relative_to(SOURCE)).startswith(("api/", "model/")):
        return
    assert [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FormattedValue) and node.conversion == ord("r")
    ] == []
