"""The translations: every text of the translated pages has one, and no other text stands there."""

import html
import re
from importlib.resources import files

import pytest

from waypost.console.catalogue import LANGUAGES, catalogue, parse_catalogue
from waypost.console.finding import TAKES
from waypost.console.rendering import template_texts
from waypost.sandbox.disruption_forms import FORMS
from waypost.sandbox.record_pages import FINDS
from waypost.sandbox.view_columns import CHANNEL_NOTES

PACKAGES = ("waypost.console", "waypost.sandbox")
TEMPLATES = {
    file.name: file.read_text(encoding="utf-8")
    for package in PACKAGES
    for file in files(package).joinpath("templates").iterdir()
}
OF_THE_LAYOUT = {"layout.html", "sandbox_layout.html"}
PARTS = tuple(name for name in TEMPLATES if name.endswith(("_macros.html", "_live.html", "_forms.html")))
TRANSLATED = sorted(
    name
    for name, text in TEMPLATES.items()
    if name in (*OF_THE_LAYOUT, *PARTS) or "set translated = true" in text
)
TABLES = {
    *CHANNEL_NOTES.values(),
    *FINDS,
    *TAKES,
    *(words for form in FORMS.values() for words in form.kinds.values()),
}
# Names, units and signs, which are the same in every language.
SAME = {"Waypost", "OpenAPI", "OK", "UTC", "Ctrl K", "C", "Esc", "min", "h", "data"}
WORDS = re.compile(r"[A-Za-z][A-Za-z ]*")


def po_of(language: str) -> str:
    return files("waypost.console").joinpath("locale", f"{language}.po").read_text(encoding="utf-8")


def texts_of_all() -> set[str]:
    return TABLES | {text for source in TEMPLATES.values() for text in template_texts(source)}


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_text_is_translated_and_no_translation_is_left_over(language: str) -> None:
    texts = parse_catalogue(po_of(language))
    assert texts.keys() - texts_of_all() == set()
    assert sorted(text for text in texts_of_all() if not texts.get(text)) == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_translation_has_the_values_of_its_text(language: str) -> None:
    def values(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)s|<[^>]+>", text))

    texts = parse_catalogue(po_of(language))
    assert {text for text, translation in texts.items() if values(text) != values(translation)} == set()


def untranslated(source: str) -> set[str]:
    """The words of a template that stand outside of what is translated."""
    without = re.sub(r"\{%-? *trans\b.*?endtrans.*?%\}", "", source, flags=re.DOTALL)
    without = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", without, flags=re.DOTALL)
    shown = re.findall(r'(?:placeholder|title|aria-label)="([^"]*)"', without)
    shown += re.sub(r"<[^>]*>", "\n", without).splitlines()
    words = {found.strip() for text in shown for found in WORDS.findall(html.unescape(text))}
    return words - SAME - {""}


@pytest.mark.parametrize("name", TRANSLATED)
def test_no_text_of_a_translated_page_stands_there_untranslated(name: str) -> None:
    assert untranslated(TEMPLATES[name]) == set()


def test_an_untranslated_text_is_found() -> None:
    assert untranslated('<p title="A hint">{{ _("Sent") }} and more</p>') == {"A hint", "and more"}
    assert {"view_live.html", "view.html", "message.html", "phone.html", "call.html"} < set(TRANSLATED)


def test_a_text_that_a_catalogue_lacks_stays_english() -> None:
    assert catalogue("zh").gettext("Calls") == "调用"
    assert catalogue("zh").gettext("nowhere") == "nowhere"
    assert catalogue("en").gettext("Calls") == "Calls"


def test_a_catalogue_is_read_in_pieces_and_with_its_escapes() -> None:
    text = '# c\nmsgid ""\nmsgstr "head"\n\nmsgid "a \\"b\\""\n" c"\nmsgstr "x\\n"\n"y"\n'
    assert parse_catalogue(text) == {'a "b" c': "x\ny"}


def test_a_line_that_is_none_of_a_catalogue_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 2 of a catalogue"):
        parse_catalogue('msgid "a"\nmsgstr b\n')
