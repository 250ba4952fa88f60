"""Whatever a value is, code has exactly that value; it is read back by the language itself."""

import ast
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sdk_code import languages
from waypost.api.sdk_code import literals
from waypost.api.sdk_code.api_call import CallNotWritableError

HOSTILE = [
    "",
    " ",
    "plain",
    "it's",
    'say "hi"',
    "both ' and \"",
    "back\\slash",
    "ends with \\",
    "\\u0041 \\x41 \\n \\",
    "\\\\u0022 + evil() + \\u0022",
    "line\nends\r\nand\ttabs",
    "$HOME ${HOME} $(id) `id` {$x} #{x}",
    "${jndi:ldap://x}",
    "%s %d %% <<key>> <<members>>",
    "*/ // # <!-- --> </script> ?>",
    'a`b` "quoted"',
    "'; drop table; --",
    "é 你好 🎉 \u2028 \u2029 \u202e \ufeff \u200b \xa0",
    "\x01\x07\x08\x0b\x0c\x1b\x7f\x80\x9f",
    "\x011",
    "!history !! ~ * ? [a] {a,b} & | ; < > ( )",
    "=cmd()",
    "-n",
    "\U000e0001\U0010fffd",
]
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Signs of all the languages, much more often than chance would have them.
_TEXTS = st.lists(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("\"'`\\$\n\r\t{}<>#%u0\u2028\x00\x01")
    ),
    max_size=30,
).map("".join)
_LISTS = st.lists(_TEXTS, min_size=20, max_size=60)
_FEW = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))


@given(_TEXTS)
def test_python_reads_back_its_literals(text: str) -> None:
    assert ast.literal_eval(literals.python_text(text)) == text


@pytest.mark.parametrize("text", [*HOSTILE, "nul \0 in it"])
def test_python_reads_back_hostile_texts(text: str) -> None:
    literal = literals.python_text(text)
    assert ast.literal_eval(literal) == text
    assert literal.isprintable()


def check(
    write: Callable[[str], str], evaluate: Callable[[Sequence[str]], list[str]], texts: list[str]
) -> None:
    written = [write(text) for text in texts]
    assert evaluate(written) == texts


@_FEW
@given(_LISTS)
def test_node_reads_back_its_literals(texts: list[str]) -> None:
    needs("node")
    check(literals.typescript_text, languages.evaluated_by_node, [*texts, *HOSTILE, "nul \0"])


@_FEW
@given(_LISTS)
def test_php_reads_back_its_literals(texts: list[str]) -> None:
    needs("php")
    check(literals.php_text, languages.evaluated_by_php, [*texts, *HOSTILE, "nul \0"])


@_FEW
@given(_LISTS)
def test_the_shell_reads_back_its_words(texts: list[str]) -> None:
    check(
        literals.shell_text,
        languages.evaluated_by_shell,
        [text for text in (*texts, *HOSTILE) if not CONTROLS.search(text)],
    )


@pytest.mark.long
def test_java_reads_back_its_literals(tmp_path: Path) -> None:
    needs("java")
    check(
        literals.java_text,
        lambda written: languages.evaluated_by_java(written, tmp_path),
        [*HOSTILE, "\0001", "é" * 70_000, "🎉" * 10_000],
    )


@pytest.mark.long
def test_go_reads_back_its_literals(tmp_path: Path) -> None:
    needs("go")
    check(literals.go_text, lambda written: languages.evaluated_by_go(written, tmp_path), [*HOSTILE, "\0001"])


def test_csharp_escapes_all_that_ends_a_literal_or_cannot_be_seen() -> None:
    assert literals.csharp_text('a"b\\c\nd\0\u2028é🎉\U000e0001') == (
        '"a\\"b\\\\c\\nd\\u0000\\u2028é🎉\\udb40\\udc01"'
    )


@pytest.mark.parametrize("char", ["\0", "\r", "\x1b", "\x7f", "\x9b"])
def test_nothing_that_a_terminal_acts_on_is_pasted(char: str) -> None:
    with pytest.raises(CallNotWritableError, match=f"U\\+{ord(char):04X}"):
        literals.shell_text(f"a{char}b")


def test_nothing_longer_than_an_argument_may_be_is_pasted() -> None:
    assert len(literals.shell_text("é" * 65_000)) > 65_000
    with pytest.raises(CallNotWritableError, match="130000 bytes"):
        literals.shell_text("é" * 65_001)


def test_a_value_that_looks_like_a_marker_is_left_alone() -> None:
    assert literals.filled("<<a>> <<b>>", a="<<b>>", b="<<a>>") == "<<b>> <<a>>"


def needs(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)} here: what needs it is not run")
