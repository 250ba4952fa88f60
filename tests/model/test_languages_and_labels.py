"""The language codes and the labels that a caller may write."""

import pytest

from waypost.model.message.labels import Label, parse_label
from waypost.model.templates.languages import LANGUAGE_CODES, LANGUAGES


def test_there_are_the_68_documented_languages_each_once() -> None:
    assert len(LANGUAGES) == 68
    assert set(LANGUAGES) == LANGUAGE_CODES
    assert len(LANGUAGE_CODES) == 68
    assert LANGUAGES[0] == "af"
    assert LANGUAGES[-1] == "zu"


@pytest.mark.parametrize("code", ["en", "zh_CN", "pt_BR", "fil"])
def test_documented_codes_are_known(code: str) -> None:
    assert code in LANGUAGE_CODES


@pytest.mark.parametrize("code", ["EN", "zh_cn", "zh-CN", "ar_EG", "en_AU", ""])
def test_codes_are_case_sensitive_and_later_ones_of_meta_are_unknown(code: str) -> None:
    assert code not in LANGUAGE_CODES


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("promotion", Label.PROMOTION),
        ("PROMOTION", Label.PROMOTION),
        ("pormotion", Label.PROMOTION),
        ("Pormotion", Label.PROMOTION),
        ("transaction", Label.TRANSACTION),
        ("Transaction", Label.TRANSACTION),
        ("promo", None),
        (" promotion", None),
        ("", None),
        (None, None),
    ],
)
def test_a_label_is_read_in_any_case_and_with_the_official_typo(
    written: str | None, label: Label | None
) -> None:
    assert parse_label(written) is label


def test_a_label_is_written_as_viber_spells_it() -> None:
    assert [str(label) for label in Label] == ["promotion", "transaction"]
