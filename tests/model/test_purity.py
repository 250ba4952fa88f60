"""The model is pure: it imports the parts of Python that do no I/O, two libraries of values, and itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import waypost.model

ROOT = Path(waypost.model.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
PURE = {
    "array",
    "bisect",
    "codecs",
    "collections",
    "copy",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "hashlib",
    "ipaddress",
    "itertools",
    "json",
    "math",
    "operator",
    "random",
    "re",
    "secrets",
    "string",
    "struct",
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
    "uuid",
}
VALUES = {"msgspec", "phonenumbers"}
# Asking for the time, for files or for the environment is I/O, too, whatever module it hides in.
IMPURE_CALLS = {"now", "utcnow", "open", "print", "input", "getenv", "uuid1"}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports of the model are absolute"
            yield node.module or ""


def _allowed(name: str) -> bool:
    return (
        name in PURE
        or name.split(".")[0] in VALUES | PURE - {"urllib"}
        or name == "waypost.model"
        or name.startswith("waypost.model.")
    )


def _calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            yield called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_of_the_model_does_no_input_or_output(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [name for name in _imports(tree) if not _allowed(name)] == []
    assert IMPURE_CALLS.isdisjoint(_calls(tree))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]


@pytest.mark.parametrize(
    ("source", "fine"),
    [
        ("import asyncio", False),
        ("from urllib.request import urlopen", False),
        ("import waypost.storage.rows", False),
        ("from waypost.modelling import x", False),
        ("from collections.abc import Mapping", True),
        ("from waypost.model.content import check_content", True),
    ],
)
def test_the_rule_itself(source: str, fine: bool) -> None:
    assert all(_allowed(name) for name in _imports(ast.parse(source))) is fine


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 40
