"""The translations of the pages: gettext catalogues, read as they are written."""

import gettext
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}
"""The languages of the pages by their codes, each with its own name. English stands in the templates."""

_PLACE = re.compile(r"%\((\w+)\)([sdt])")
_ESCAPED_PLACE = re.compile(r"%\\\((\w+)\\\)([sdt])")
# A value, a number, and a text that is translated itself.
_VALUES = {"s": ".+?", "d": r"-?[\d,]+", "t": ".+?"}
# Longer texts are compared with no sentence that has values in it.
_LONGEST = 500
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
        # What has markup is a template's own, which puts the values in itself.
        made = ((english, text) for english, text in texts.items() if "%(" in english and "</" not in english)
        # The longest first, which leave the least to their values.
        longest_first = sorted(made, key=lambda each: len(each[0]), reverse=True)
        self._patterns = [(_pattern(english), text) for english, text in longest_first]

    def gettext(self, message: str) -> str:
        """The translation of a text."""
        return self.texts.get(message) or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The translation of a text about `n` things; Chinese has one form for all numbers."""
        return self.texts.get(msgid1) or super().ngettext(msgid1, msgid2, n)

    def translation(self, sentence: str) -> str | None:
        """The translation of a text that was made in English with its values in it, such as a sentence on a
        signature; None if there is none. Values are taken over as they are, but for those that are texts."""
        found = self.texts.get(sentence)
        if found or len(sentence) > _LONGEST:
            return found
        for pattern, text in self._patterns:
            values = pattern.fullmatch(sentence)
            if values is not None:
                return self._filled(text, values.groupdict())
        return None

    def _filled(self, text: str, values: Mapping[str, str]) -> str:
        def value(place: re.Match[str]) -> str:
            own = values[place[1]]
            return self._part(own) if place[2] == "t" else own

        return _PLACE.sub(value, text)

    def _part(self, text: str) -> str:
        """The translation of a text within a sentence, where it has no full stop; English for none."""
        whole = self.translation(text)
        if whole is not None:
            return whole
        return (self.translation(f"{text}.") or text).removesuffix("。")


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language of `LANGUAGES`: the texts of its files, such as `zh.po` and `zh-*.po`."""
    texts: dict[str, str] = {}
    for text in catalogue_files(language):
        texts |= parse_catalogue(text)
    return Catalogue(texts)


def catalogue_files(language: str) -> list[str]:
    """The text of each `.po` file of a language; English has none."""
    folder = files("waypost.console").joinpath("locale")
    named = sorted(
        (file for file in folder.iterdir() if re.fullmatch(rf"{language}(-\w+)?\.po", file.name)),
        key=lambda file: file.name,
    )
    return [file.read_text(encoding="utf-8") for file in named]


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


def _pattern(english: str) -> re.Pattern[str]:
    """What matches an English text with values in its places: any for `%(name)s` and `%(name)t`, a number for
    `%(name)d`."""
    escaped = re.escape(english)
    return re.compile(_ESCAPED_PLACE.sub(lambda m: f"(?P<{m[1]}>{_VALUES[m[2]]})", escaped), re.DOTALL)


def _unescaped(text: str) -> str:
    return re.sub(r"\\.", lambda found: _ESCAPES.get(found[0], found[0]), text)
