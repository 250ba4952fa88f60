"""Parsing of a call's parameters, from the query and the body."""

from urllib.parse import parse_qsl, quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.api.vectors import vector
from waypost.api.errors.catalogue import ApiError
from waypost.api.http_messages import HttpRequest
from waypost.api.request import Call, _joined_headers, decoded_pairs, parameters

FORM = {"content-type": "application/x-www-form-urlencoded"}


def call(query: str = "", body: bytes = b"", headers: dict[str, str] | None = None) -> Call:
    return Call("POST", "/", query, headers or {}, body, "")


def received(
    headers: list[tuple[bytes, bytes]], query: bytes = b"", peer: str = "", body: bytes = b""
) -> Call:
    return Call.from_request(HttpRequest("GET", "/", query, headers, peer, body=body))


def test_takes_over_what_the_server_gives() -> None:
    made = received([(b"Host", b" a:1 ")], b"A=%41", "192.0.2.7", b"body")
    assert made == Call("GET", "/", "A=%41", {"host": "a:1"}, b"body", "192.0.2.7")


def test_peer_can_be_unknown() -> None:
    assert received([]).peer == ""


def test_repeated_headers_are_sorted_and_joined() -> None:
    fields = [(b"x-acs-b", b"2 "), (b"host", b"h"), (b"x-acs-b", b"1")]
    assert received(fields).headers == {"x-acs-b": "1,2", "host": "h"}


@pytest.mark.parametrize("sent", ["Zoë".encode(), "Zoë".encode("latin-1")])
def test_header_text_may_be_utf8_or_latin1(sent: bytes) -> None:
    assert received([(b"user-agent", sent)]).headers == {"user-agent": "Zoë"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"Host", b"host", b"x-acs-a", b"X-\xff"]),
            st.one_of(st.binary(max_size=6), st.sampled_from([b"", b" 1\t", b"a\nb", b"\n", b"\xc3\xa9 "])),
        ),
        max_size=5,
    )
)
def test_headers_decoded_at_once_are_those_decoded_one_by_one(fields: list[tuple[bytes, bytes]]) -> None:
    assert received(fields).headers == _joined_headers(fields)


def test_vector_a() -> None:
    params = parameters(vector("a").call)
    assert params["FallBackContent"] == "你好 fallback"
    assert params["TemplateParams"] == '{"name":"Zoë & Co","code":"a+b c*~"}'
    assert params["TrackingData"] == "tracking_id:123456"
    assert len(params) == 16


def test_vector_c_has_content_in_the_query_and_the_rest_in_the_body() -> None:
    assert parameters(vector("c").call) == {
        "Content": '{"text":"hi!\'()* ~ + & é"}',
        "ChannelType": "viber",
        "From": "20009",
        "Label": "promotion",
        "MessageType": "text",
        "To": "8613900000000",
        "Type": "message",
    }


@pytest.mark.parametrize(
    ("query", "body", "headers", "expected"),
    [
        ("", b"", {}, {}),
        ("A=1", b"", {}, {"A": "1"}),
        ("A=", b"", {}, {"A": ""}),
        ("A", b"", {}, {"A": ""}),
        ("A=1&&B=2&", b"", {}, {"A": "1", "B": "2"}),
        ("A=x=y", b"", {}, {"A": "x=y"}),
        ("A=%3D%0A+", b"", {}, {"A": "=\n "}),
        ("%41=%c3%A9", b"", {}, {"A": "é"}),
        ("A=é+é", b"", {}, {"A": "é é"}),
        ("A=1&A=2", b"", {}, {"A": "2"}),
        ("A=1", b"A=2", FORM, {"A": "2"}),
        ("", b"A=1", {"content-type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8"}, {"A": "1"}),
        ("", b"A=1&B=%20", {}, {"A": "1", "B": " "}),
        ("", b"A", FORM, {"A": ""}),
        ("", b"A=%0a%3D=\r\n", FORM, {"A": "\n==\r\n"}),
        ("B=1", b"A", {}, {"B": "1"}),
        ("B=1", b'{"A":"="}', {}, {"B": "1"}),
        ("B=1", b"\xff=", {}, {"B": "1"}),
        ("B=1", b"A=1", {"content-type": "application/json"}, {"B": "1"}),
    ],
)
def test_query_and_form_are_merged(
    query: str, body: bytes, headers: dict[str, str], expected: dict[str, str]
) -> None:
    assert parameters(call(query, body, headers)) == expected


@pytest.mark.parametrize(
    "broken", ["%", "%4", "%zz", "%%41", "a%2", "%=", "%\n", "%\r\n41", "%FF", "%C3", "%u1234"]
)
@pytest.mark.parametrize("place", ["query", "body"])
def test_broken_escapes_are_refused_and_named(broken: str, place: str) -> None:
    sent = f"Ok=%41&Bad={broken}"
    received = call(sent) if place == "query" else call("", sent.encode(), FORM)
    with pytest.raises(ApiError) as refused:
        parameters(received)
    assert refused.value.code == "InvalidParameter"
    assert '"Bad"' in refused.value.message


@pytest.mark.parametrize(
    "sent",
    [received([], b"A=\xff"), call("", b"A=\xff", FORM), call("%FF=1"), call("%=1")],
)
def test_bytes_that_are_not_utf8_are_refused(sent: Call) -> None:
    with pytest.raises(ApiError, match="InvalidParameter"):
        parameters(sent)


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(names, values, max_size=6), st.sampled_from([quote, quote_plus]))
@example({"A": "=\r\n%", "B": "%25"}, quote)
def test_what_was_encoded_is_decoded(params: dict[str, str], encode: object) -> None:
    assert callable(encode)
    raw = "&".join(f"{encode(name, safe='')}={encode(value, safe='')}" for name, value in params.items())
    assert parameters(call(raw)) == params
    assert parameters(call("", raw.encode(), FORM)) == params
    assert dict(decoded_pairs(raw)) == params


@given(st.text("Aé%4c3a2=&+\r\n", max_size=24))
def test_decodes_as_the_standard_library_or_refuses(raw: str) -> None:
    try:
        found = parameters(call(raw))
    except ApiError:
        return
    assert found == dict(parse_qsl(raw, keep_blank_values=True, errors="strict"))
