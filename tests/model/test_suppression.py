"""Which replies count as a STOP word."""

import pytest

from tests.delivery.stages import DEFAULTS
from waypost.model.message.suppression import matched_stop_word

WORDS = DEFAULTS.delivery.stop_words


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP", "STOP"),
        (" stop.\n", "STOP"),
        ("«Stop!»", "STOP"),
        ("ＳＴＯＰ", "STOP"),
        ("退订", "退订"),
        ("退订。", "退订"),
        ("td", "TD"),
        ("stop it", ""),
        ("nonstop", ""),
        ("S T O P", ""),
        ("", ""),
        ("!?", ""),
    ],
)
def test_the_word_alone_in_any_dress(text: str, word: str) -> None:
    assert matched_stop_word(text, WORDS) == word


def test_without_stop_words_or_text_nothing_matches() -> None:
    assert matched_stop_word("STOP", ()) == ""
    assert matched_stop_word("", ("",)) == ""
