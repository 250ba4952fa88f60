"""The translations of the pages: gettext catalogues, read as they are written."""

import gettext
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}
"""The languages of the pages by their codes, each with its own name. English stands in the templates."""

_ENTRY = re.compile(r'^(msgid|msgstr) "(.*)"$|^"(.*)"$')
_ESCAPES = {r"\"": '"', r"\n": "\n", r"\\": "\\"}


class Catalogue(gettext.NullTranslations):
    """The texts of one language by their English ones; a text that it lacks stays English.

    Args:
        texts: translations by the English texts.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self.texts = texts

    def gettext(self, message: str) -> str:
        """The translation of a text."""
        return self.texts.get(message) or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The translation of a text about `n` things; Chinese has one form for all numbers."""
        return self.texts.get(msgid1) or super().ngettext(msgid1, msgid2, n)


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language of `LANGUAGES`."""
    if language == "en":
        return gettext.NullTranslations()
    file = files("waypost.console").joinpath("locale", f"{language}.po")
    return Catalogue(parse_catalogue(file.read_text(encoding="utf-8")))


def parse_catalogue(text: str) -> dict[str, str]:
    """The translations in the text of a `.po` file by their English texts; its head is left out.

    Raises:
        ValueError: a line is neither an entry nor a comment.
    """
    texts: dict[str, str] = {}
    english, is_english = "", True
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        entry = _ENTRY.match(line)
        if entry is None:
            raise ValueError(f"line {number} of a catalogue is no msgid, msgstr or text: {line[:80]!r}")
        keyword, first, further = entry.groups()
        part = _unescaped(first if keyword else further)
        if keyword:
            is_english = keyword == "msgid"
        if is_english:
            english = part if keyword else english + part
        else:
            texts[english] = texts.get(english, "") + part
    texts.pop("", None)
    return texts


def _unescaped(text: str) -> str:
    return re.sub(r"\\.", lambda found: _ESCAPES.get(found[0], found[0]), text)
