"""Files are opened as UTF-8, whatever the locale is: `open` by the linter (PLW1514), the rest here."""

import ast

from tests.structure.source import BENCH_FILES, FILES, TEST_FILES, tree

_TEXT = {"read_text": 0, "write_text": 1}
"""Methods that open a file as text, with the number of arguments before the encoding."""


def test_texts_are_read_and_written_as_utf_8() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in (*FILES, *TEST_FILES, *BENCH_FILES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _TEXT
        and len(node.args) <= _TEXT[node.func.attr]
        and not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]
    assert found == []
