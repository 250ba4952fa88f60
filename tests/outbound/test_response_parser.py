"""The parser of responses: the cuts between reads change nothing, and a part is never a whole."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.outbound.servers import response
from tests.outbound.test_responses import BROKEN, CHUNKED, CLOSED_AFTER, KEPT_ALIVE
from waypost.model.message.outcomes import Unknown
from waypost.outbound.reply import Reply
from waypost.outbound.response_parser import MAX_HEAD_BYTES, ResponseParser

# What follows a response in another read belongs to no request; the connection closes on it.
_WITH_MORE = {"two answers", "an answer and a byte", "a length that is too short", "101"}
WHOLE = {name: row[0] for name, row in (KEPT_ALIVE | CLOSED_AFTER).items() if name not in _WITH_MORE}


def parse(pieces: list[bytes]) -> tuple[Reply | Unknown, bool]:
    """The result of a response in these pieces, and whether the connection can be used again."""
    parser = ResponseParser()
    parser.begin(has_no_body=False)
    for piece in pieces:
        if (result := parser.feed(piece)) is not None:
            return result, parser.is_reusable
    return parser.end(is_clean=True), parser.is_reusable


@st.composite
def cut(draw: st.DrawFn, data: st.SearchStrategy[bytes]) -> tuple[bytes, list[bytes]]:
    whole = draw(data)
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(whole) - 1)), max_size=12)))
    edges = [0, *cuts, len(whole)]
    return whole, [whole[start:end] for start, end in pairwise(edges) if start < end]


@st.composite
def chunked(draw: st.DrawFn) -> bytes:
    parts = draw(st.lists(st.binary(min_size=1, max_size=40), max_size=8))
    extension = draw(st.sampled_from([b"", b";a=b", b';x="y"']))
    chunks = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
    return CHUNKED + chunks + b"0\r\n" + draw(st.sampled_from([b"", b"T: 1\r\n"])) + b"\r\n"


@settings(max_examples=500)
@given(cut(st.sampled_from(sorted(WHOLE.values())) | chunked()))
def test_a_response_cut_at_any_places_is_the_same_reply(case: tuple[bytes, list[bytes]]) -> None:
    whole, pieces = case
    result, _ = parse([whole])
    assert isinstance(result, Reply)
    assert parse(pieces) == parse([whole])


@settings(max_examples=500)
@given(cut(st.sampled_from([row[0] for row in BROKEN.values()])))
def test_a_broken_response_cut_at_any_places_is_unknown(case: tuple[bytes, list[bytes]]) -> None:
    whole, pieces = case
    assert isinstance(parse(pieces)[0], Unknown)
    assert parse(pieces) == parse([whole])


@settings(max_examples=500)
@given(st.sampled_from([KEPT_ALIVE["a length"][0], KEPT_ALIVE["100 first"][0]]) | chunked(), st.data())
def test_the_first_part_of_a_response_is_never_a_reply(whole: bytes, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, len(whole) - 1))
    result, is_reusable = parse([whole[:size]])
    assert isinstance(result, Unknown)
    assert not is_reusable


def test_only_the_fields_of_its_head_are_headers_of_a_reply() -> None:
    trailer = CHUNKED + b"3\r\nabc\r\n0\r\nContent-Encoding: gzip\r\n\r\n"
    interim = b"HTTP/1.1 103 Early Hints\r\nContent-Encoding: gzip\r\n\r\n"
    surplus = response(b"xyz", "Content-Encoding: gzip")
    for data in (trailer, interim + response(b"abc"), response(b"abc") + surplus):
        result, _ = parse([data])
        assert isinstance(result, Reply)
        assert (result.body, result.header("Content-Encoding")) == (b"abc", "")


def test_a_surplus_that_begins_where_a_part_of_a_large_read_ends() -> None:
    head = len(response(b"x" * 60_000)) - 60_000
    whole = response(b"x" * (MAX_HEAD_BYTES - head))
    assert len(whole) == MAX_HEAD_BYTES
    assert parse([whole])[1]
    result, is_reusable = parse([whole + b"x"])
    assert isinstance(result, Reply)
    assert not is_reusable


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(1, 50))
def test_no_bytes_make_the_parser_fail(data: bytes, size: int) -> None:
    for start in (b"", b"HTTP/1.1 200 OK\r\n", CHUNKED):
        whole = start + data
        parse([whole[at : at + size] for at in range(0, len(whole), size)])
