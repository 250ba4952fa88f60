"""The documents, taken apart: fenced blocks with their language."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDES = (
    "README.md",
    "docs/sandbox.md",
    "docs/access.md",
    "docs/sending.md",
    "docs/operating.md",
    "docs/callbacks.md",
    "docs/isv.md",
)

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def page(name: str) -> str:
    """A document's text."""
    return (ROOT / name).read_text()


def blocks(name: str, language: str) -> list[str]:
    """The blocks of one language, in their order."""
    return [text for found, text in _BLOCK.findall(page(name)) if found == language]


def links(name: str) -> list[str]:
    """The relative links."""
    return _LINK.findall(page(name))
