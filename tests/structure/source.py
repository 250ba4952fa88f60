"""The parsed source code: its files, the names they define, and its log events."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "waypost"
# Revisions of the schema keep the words of their time.
FILES = sorted(path for path in SOURCE.rglob("*.py") if "versions" not in path.parts)
TESTS = ROOT / "tests"
# The data of an older release is kept as that release's tests wrote it.
TEST_FILES = sorted(path for path in TESTS.rglob("*.py") if TESTS / "data" not in path.parents)
BENCH_FILES = sorted((ROOT / "bench").glob("*.py"))

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class Definition(NamedTuple):
    """A name that a file defines.

    Attributes:
        place: `src/waypost/model/faults.py:12`.
        kind: `module`, `function`, `class`, `argument`, `variable` or `attribute`.
    """

    place: str
    kind: str
    name: str

    @property
    def words(self) -> set[str]:
        """Its parts in small letters: `front`, `door` of `FrontDoor` and of `front_door`."""
        return {part.lower() for part in _PARTS.findall(self.name)}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def definitions(files: Iterable[Path]) -> Iterator[Definition]:
    """The name of each file, and every name that it defines."""
    for path in files:
        place = path.relative_to(ROOT)
        yield Definition(f"{place}:1", "module", path.stem)
        for node in ast.walk(tree(path)):
            for kind, name in _names(node):
                yield Definition(f"{place}:{node.lineno}", kind, name)  # type: ignore[attr-defined]


def _names(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield "function", name
        case ast.ClassDef(name=name):
            yield "class", name
        case ast.arg(arg=name):
            yield "argument", name
        case ast.Name(id=name, ctx=ast.Store()):
            yield "variable", name
        case ast.Attribute(attr=name, ctx=ast.Store()):
            yield "attribute", name
        case ast.ExceptHandler(name=str(name)):
            yield "variable", name


LEVELS = ("debug", "info", "warning", "error", "exception")


def log_events(*levels: str) -> Iterator[tuple[str, str]]:
    """Where an event is logged, and its name; of every level unless some are named."""
    for path in FILES:
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in (levels or LEVELS)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("log", "_log")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", str(node.args[0].value)
