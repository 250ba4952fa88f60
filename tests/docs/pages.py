"""The documents, parsed into fenced code blocks with their language."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDES = (
    "README.md",
    "docs/sandbox.md",
    "docs/testing.md",
    "docs/testing-other-languages.md",
    "docs/access.md",
    "docs/sending.md",
    "docs/operating.md",
    "docs/callbacks.md",
    "docs/isv.md",
    "docs/contributing.md",
    "docs/security.md",
    "deploy/README.md",
)

CHINESE = ("README.zh.md", "docs/testing.zh.md")
"""Each has the code of an English guide, which is run from there."""

GENERATED = ("docs/reference.md", "docs/errors.md", "docs/coverage.md")

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_ANCHOR = re.compile(r"\]\(([^)#:]*)#([^)]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def page(name: str) -> str:
    """A document's text."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The blocks of one language, in their order."""
    return [text for found, text in _BLOCK.findall(page(name)) if found == language]


def links(name: str) -> list[str]:
    """The relative links."""
    return _LINK.findall(page(name))


def anchors(name: str) -> list[tuple[str, str]]:
    """The links to a heading: the page, empty for this one, and the heading's anchor."""
    return _ANCHOR.findall(page(name))


@cache
def headings(name: str) -> frozenset[str]:
    """The anchors of a page's headings, as those who show Markdown make them."""
    texts = _HEADING.findall(_BLOCK.sub("", page(name)))
    return frozenset(re.sub(r"[^a-z0-9_ -]", "", text.lower()).replace(" ", "-") for text in texts)
