"""Error codes found by words of their texts."""

import pytest

from waypost.api.reference.markdown import ERROR_GROUPS
from waypost.console.error_search import LONGEST_SEARCH, Piece, pieces, search, similar_codes


def found(query: str) -> list[str]:
    return [entry.code for _, entries in search(ERROR_GROUPS, query) for entry in entries]


def test_all_words_must_be_in_the_text_of_a_code() -> None:
    nonces = found("NONCE retries")
    assert nonces == ["SignatureNonceUsed"]
    assert "SignatureNonceUsed" in found("nonce")
    assert found("nonce balloon") == []
    assert len(found("")) == sum(len(entries) for _, entries in ERROR_GROUPS)


def test_a_group_without_a_match_is_left_out() -> None:
    assert [heading for heading, _ in search(ERROR_GROUPS, "SignatureNonceUsed")] == ["Signatures"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("SignatureDoesntMatch", "SignatureDoesNotMatch"),
        ("signaturenonceuse", "SignatureNonceUsed"),
        ("LimitControl", "System."),
    ],
)
def test_a_typing_error_is_answered_with_what_is_similar(written: str, code: str) -> None:
    assert any(each.startswith(code) for each in similar_codes(written))


def test_what_resembles_nothing_has_no_similar_codes() -> None:
    assert similar_codes("qqqqqqqqqqqqqq") == []


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("The Signature is wrong", ["signature"], ["Signature"]),
        ("a.b and aXb", ["a.b"], ["a.b"]),
        ("signatures", ["sign", "signature"], ["signature"]),
        ("nothing", ["else"], []),
        ("all", [], []),
    ],
)
def test_the_words_are_marked_and_no_text_is_lost(text: str, words: list[str], marked: list[str]) -> None:
    parts = list(pieces(text, words))
    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.is_match] == marked
    assert all(isinstance(part, Piece) for part in parts)


def test_a_long_search_is_cut() -> None:
    assert found("nonce " + " " * LONGEST_SEARCH + "balloon") == found("nonce")
