"""The translations: every text of the translated pages has one, and no other text stands there."""

import html
import re
from functools import cache
from importlib.resources import files

import pytest

from tests.console.shown_texts import SENTENCES, TEXTS
from waypost.console.catalogue import LANGUAGES, Catalogue, catalogue, catalogue_files, parse_catalogue
from waypost.console.explorer.explorer_pages import NOTICES
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
OF_THE_LAYOUT = (
    *("layout.html", "sandbox_layout.html", "explorer_fields.html"),
    *("contents.html", "copy.html", "entry.html", "refused_call.html"),
)
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
    *NOTICES.values(),
    *(words for form in FORMS.values() for words in form.kinds.values()),
}
# Names, units and signs, which are the same in every language.
SAME = {
    *("Waypost", "OpenAPI", "OK", "UTC", "Ctrl K", "C", "Esc", "min", "h", "V", "ms"),
    *("data", "HTTP", "AccessKeyId", "MessageId", "RequestId"),
}
WORDS = re.compile(r"[A-Za-z][A-Za-z ]*")


def texts_of(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for text in catalogue_files(language):
        texts |= parse_catalogue(text)
    return texts


@cache
def texts_of_all() -> set[str]:
    return TABLES | TEXTS | {text for source in TEMPLATES.values() for text in template_texts(source)}


OTHERS = pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])


@OTHERS
def test_every_text_is_translated(language: str) -> None:
    texts = texts_of(language)
    assert sorted(text for text in texts_of_all() if not texts.get(text)) == []
    assert sorted(text for text in SENTENCES if catalogue(language).translation(text) is None) == []


@OTHERS
def test_no_translation_is_left_over(language: str) -> None:
    texts = texts_of(language)
    made = [
        english
        for english, text in texts.items()
        if english not in texts_of_all()
        and not any(Catalogue({english: text}).translation(sentence) for sentence in SENTENCES)
    ]
    assert made == []


@OTHERS
def test_no_text_is_translated_in_two_places(language: str) -> None:
    found = [text for file in catalogue_files(language) for text in parse_catalogue(file)]
    assert sorted({text for text in found if found.count(text) > 1}) == []


@OTHERS
def test_a_translation_has_the_values_of_its_text(language: str) -> None:
    def values(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)[sd]|<[^>]+>", text))

    texts = texts_of(language)
    assert {text for text, translation in texts.items() if values(text) != values(translation)} == set()


def untranslated(source: str) -> set[str]:
    """The words of a template that stand outside of what is translated."""
    without = re.sub(r"\{%-? *trans\b.*?endtrans.*?%\}", "", source, flags=re.DOTALL)
    without = re.sub(r"<pre\b.*?</pre>|\{% call .*?endcall %\}", "", without, flags=re.DOTALL)
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


def test_a_sentence_with_values_is_translated_with_them() -> None:
    texts = Catalogue({"%(low)d to %(high)d": "%(low)d 到 %(high)d", "No %(what)s here.": "没有 %(what)s。"})
    assert texts.translation("30 to 1,200") == "30 到 1,200"
    assert texts.translation("No %(what)s <b> here.") == "没有 %(what)s <b>。"
    assert texts.translation("to be to have") is None
    assert texts.translation(f"No {'x' * 600} here.") is None


def test_of_two_sentences_that_fit_the_longer_one_counts() -> None:
    texts = Catalogue({"%(n)s days": "短", "at most %(n)s days": "长"})
    assert texts.translation("at most 3 days") == "长"


def test_a_catalogue_is_read_in_pieces_and_with_its_escapes() -> None:
    text = '# c\nmsgid ""\nmsgstr "head"\n\nmsgid "a \\"b\\""\n" c"\nmsgstr "x\\n"\n"y"\n'
    assert parse_catalogue(text) == {'a "b" c': "x\ny"}


def test_a_line_that_is_none_of_a_catalogue_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 2 of a catalogue"):
        parse_catalogue('msgid "a"\nmsgstr b\n')
