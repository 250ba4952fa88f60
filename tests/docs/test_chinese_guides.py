"""The Chinese guides say what the English ones do: the same code, commands, links, headings and tables."""

import re
from collections import Counter
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import CHINESE, ROOT, page

BLOCK = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)]+)\)|<(https?://[^>]+)>")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
# From each text to the other one, and to the text that a Chinese one follows.
BETWEEN_LANGUAGES = re.compile(r"^(?:> .*|\[中文\]\(.*\))$|( ?\(\[中文\]\([^)]*\)\))", re.MULTILINE)

guides = pytest.mark.parametrize("name", CHINESE)


def english_of(name: str) -> str:
    return name.replace(".zh.md", ".md")


def without_code(text: str) -> str:
    return BLOCK.sub("", BETWEEN_LANGUAGES.sub("", text))


def targets(text: str) -> Counter[str]:
    """The links of a text, those to a Chinese guide as those to the English one, without its headings."""
    found = ("".join(groups) for groups in LINK.findall(without_code(text)))
    return Counter(
        re.sub(r"\.zh\.md(#.*)?$|(?<=README\.md)#.*$", "", each).removesuffix(".md") for each in found
    )


@guides
def test_every_block_of_code_is_the_same(name: str) -> None:
    english = BLOCK.findall(page(english_of(name)))
    assert len(english) > 5
    assert BLOCK.findall(page(name)) == english


@guides
def test_commands_and_names_within_sentences_are_the_same(name: str) -> None:
    chinese, english = (
        Counter(INLINE.findall(without_code(page(each)))) for each in (name, english_of(name))
    )
    assert chinese - english == Counter()
    assert english - chinese == Counter()


@guides
def test_links_are_the_same_and_lead_somewhere(name: str) -> None:
    assert targets(page(name)) == targets(page(english_of(name)))
    for link in ("".join(groups) for groups in LINK.findall(without_code(page(name)))):
        path, _, anchor = link.partition("#")
        if urlsplit(link).scheme:
            continue
        target = (ROOT / name).parent / path
        assert target.exists(), link
        if anchor and path.endswith(".zh.md"):
            assert anchor in [
                text.replace(" ", "-").lower() for _, text in HEADING.findall(target.read_text("utf-8"))
            ]


@guides
def test_headings_and_tables_are_those_of_the_english_text(name: str) -> None:
    chinese, english = (without_code(page(each)) for each in (name, english_of(name)))
    assert [level for level, _ in HEADING.findall(chinese)] == [
        level for level, _ in HEADING.findall(english)
    ]
    rows = [
        [line.count("|") for line in text.splitlines() if line.startswith("|")] for text in (chinese, english)
    ]
    assert rows[0] == rows[1]
    lists = [len(re.findall(r"^- ", text, re.MULTILINE)) for text in (chinese, english)]
    assert lists[0] == lists[1]


@guides
def test_each_names_the_other(name: str) -> None:
    english = english_of(name)
    [(_, heading), *_] = HEADING.findall(page(english))
    file = PurePosixPath(english).name
    followed = next(line for line in page(name).splitlines() if line.startswith("> "))
    assert f"[{file}]({file})" in followed
    assert heading in followed
    assert re.search(r"\d{4}-\d{2}-\d{2}", followed)
    assert f"[中文]({PurePosixPath(name).name})" in page(english)
