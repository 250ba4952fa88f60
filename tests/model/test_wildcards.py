"""Wildcard patterns, against the plainest matcher there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.policies import matches_naively, matches_resource_naively
from waypost.model.access.wildcards import compile_patterns, compile_resources

PATTERNS = st.lists(st.text("ab*?.[:\n", max_size=8), min_size=1, max_size=3)
TEXTS = st.text("ab.[:\n", max_size=8)
RESOURCES = st.lists(st.text("ab*?", max_size=3), min_size=1, max_size=6).map(":".join)
NAMED_RESOURCES = st.lists(st.text("ab", max_size=3), min_size=4, max_size=6).map(":".join)


LITERALS = TEXTS.map(lambda text: (text, text))
PIECES = (
    LITERALS | TEXTS.map(lambda text: ("*", text)) | st.sampled_from("ab.[:\n").map(lambda char: ("?", char))
)


@given(st.lists(PIECES, max_size=6))
def test_a_text_made_from_a_pattern_matches_it(pieces: list[tuple[str, str]]) -> None:
    pattern = "".join(wildcard for wildcard, _ in pieces)
    assert compile_patterns([pattern]).fullmatch("".join(text for _, text in pieces))


@given(PATTERNS, TEXTS)
def test_compiled_patterns_match_what_the_plain_matcher_matches(patterns: list[str], text: str) -> None:
    expected = any(matches_naively(pattern, text) for pattern in patterns)
    assert (compile_patterns(patterns).fullmatch(text) is not None) is expected


@given(st.lists(RESOURCES, min_size=1, max_size=2), NAMED_RESOURCES)
def test_compiled_resources_match_what_the_plain_matcher_matches(patterns: list[str], resource: str) -> None:
    expected = any(matches_resource_naively(pattern, resource) for pattern in patterns)
    assert (compile_resources(patterns).fullmatch(resource) is not None) is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        ("*", "acs:cams:eu:1001:message/7", True),
        ("acs:cams:*:1001:*", "acs:cams:eu:1001:message/7", True),
        ("acs:cams::1001:*", "acs:cams:eu:1001:message/7", True),
        ("acs:cams:*:*:message/?", "acs:cams:eu:1001:message/7", True),
        ("acs:cams:*:1001:*", "acs:cams:eu:2002:x:1001:y", False),
        ("acs:cams:*:1001:*", "acs:sms:eu:1001:x", False),
        ("acs:cams:*:1001:message/*", "acs:cams:eu:1001:template/7", False),
        ("acs:cams:*:1001:Message/7", "acs:cams:eu:1001:message/7", False),
    ],
)
def test_a_part_of_a_resource_never_reaches_into_the_next(pattern: str, resource: str, matches: bool) -> None:
    assert (compile_resources([pattern]).fullmatch(resource) is not None) is matches


# Plain backtracking would not end in any useful time.
@pytest.mark.timeout(10)
def test_a_pattern_of_many_stars_does_not_take_exponential_time() -> None:
    pattern = compile_patterns(["*a" * 25 + "*b"])
    assert pattern.fullmatch("a" * 2000) is None
