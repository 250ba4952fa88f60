"""The sorted query, which is tried first, and the canonical one: the verdict is the same by either."""

import re
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.api.vectors import SECRET
from waypost.api.errors.catalogue import ApiError
from waypost.api.request import Call, decoded_pairs
from waypost.api.signatures import v1, v3
from waypost.api.signatures.canonical import canonical_query, sorted_query

BODY_HASH = "0" * 64
HEADERS = {"host": "h", "x-acs-content-sha256": BODY_HASH}
AUTHORIZATION = v3.Authorization("key", v3.SignedHeaders("host;x-acs-content-sha256"), "")

names = st.sampled_from(["To", "To.1", "To-", "A", "a", "é", "Signatur", "~", "A B", "*"])
values = st.text("aZ09-_.~*+ &=%!'()/é\n\0", max_size=6)
parameters = st.lists(st.tuples(names, values), max_size=5)
ENCODINGS = ("canonical", "lower", "all", "plus", "java", "node")


def encoded(text: str, encoding: str) -> str:
    """A text as some client might send it."""
    if encoding == "all":
        return "".join(f"%{byte:02X}" for byte in text.encode())
    plain = quote(text, safe="")
    if encoding == "lower":
        return re.sub("%..", lambda escape: escape[0].lower(), plain)
    if encoding == "plus":
        return plain.replace("%20", "+")
    if encoding == "java":
        return plain.replace("%20", "+").replace("~", "%7E").replace("%2A", "*")
    if encoding == "node":
        return quote(text, safe="!'()*")
    return plain


@st.composite
def queries(draw: st.DrawFn) -> tuple[list[tuple[str, str]], str]:
    """Parameters, and a query that has them in any order, each name and value encoded in some way."""
    pairs = draw(parameters)
    order = draw(st.permutations(pairs))
    encodings = st.sampled_from(ENCODINGS)
    parts = [f"{encoded(name, draw(encodings))}={encoded(value, draw(encodings))}" for name, value in order]
    return pairs, "&".join(parts)


def canonical(pairs: list[tuple[str, str]]) -> str:
    """The canonical form, independently of the code under test."""
    return "&".join(
        f"{quote(name, safe='')}={value}" for name, value in sorted((n, quote(v, safe="")) for n, v in pairs)
    )


def signed_v3(pairs: list[tuple[str, str]], secret: str = SECRET) -> str:
    lines = "".join(f"{name}:{value}\n" for name, value in HEADERS.items())
    text = f"POST\n/\n{canonical(pairs)}\n{lines}\nhost;x-acs-content-sha256\n{BODY_HASH}"
    return v3.sign(v3.prepare(secret), v3.string_to_sign(text))


def signed_v1(pairs: list[tuple[str, str]]) -> str:
    text = f"POST&%2F&{quote(canonical(pairs), safe='')}"
    return v1.sign(v1.prepare(SECRET), text)


def call(query: str) -> Call:
    return Call("POST", "/", query, HEADERS, b"", "")


@given(queries())
@example(([("To", "a b~*")], "To=a+b%7e*"))
@example(([("To", ""), ("To", "1"), ("To.1", "2")], "To.1=2&To=1&To="))
def test_a_right_signature_agrees_however_its_query_is_encoded(
    made: tuple[list[tuple[str, str]], str],
) -> None:
    pairs, query = made
    right = replace(AUTHORIZATION, signature=signed_v3(pairs))
    assert v3.mismatch(call(query), right, v3.prepare(SECRET)) is None
    with_signature = f"{query}&Signature=x".lstrip("&")
    assert v1.mismatch(call(with_signature), signed_v1(pairs), v1.prepare(SECRET)) is None


@given(queries(), parameters)
@example(([("A", "1&B=2")], "A=1%26B%3D2"), [("A", "1"), ("B", "2")])
@example(([("A", "+")], "A=%2B"), [("A", " ")])
@example(([("A", "%2A")], "A=%252A"), [("A", "*")])
@example(([("To", "1"), ("To", "2")], "To=1&To=2"), [("To", "12")])
def test_a_signature_over_other_parameters_is_refused_with_the_canonical_text(
    made: tuple[list[tuple[str, str]], str], others: list[tuple[str, str]]
) -> None:
    pairs, query = made
    assume(sorted(pairs) != sorted(others))
    expected = v3.string_to_sign(v3.canonical_request(call(query), AUTHORIZATION.signed, BODY_HASH))
    assert canonical_query(query) == canonical(pairs)
    wrong = replace(AUTHORIZATION, signature=signed_v3(others))
    assert v3.mismatch(call(query), wrong, v3.prepare(SECRET)) == expected
    text = v1.string_to_sign("POST", canonical(pairs))
    assert v1.mismatch(call(query), signed_v1(others), v1.prepare(SECRET)) == text


@given(queries())
def test_another_secret_agrees_with_neither_form(made: tuple[list[tuple[str, str]], str]) -> None:
    pairs, query = made
    wrong = replace(AUTHORIZATION, signature=signed_v3(pairs, "another"))
    assert v3.mismatch(call(query), wrong, v3.prepare(SECRET)) is not None


@given(queries())
def test_a_sorted_query_has_the_parameters_of_the_query(made: tuple[list[tuple[str, str]], str]) -> None:
    pairs, query = made
    assert sorted(decoded_pairs(sorted_query(query))) == sorted(pairs)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Type=message&Content=%7B%22a%22%3A1%7D&To=1", "Content=%7B%22a%22%3A1%7D&To=1&Type=message"),
        ("A=a+b", "A=a%20b"),
        ("A=a*b%7Ec", "A=a%2Ab~c"),
        ("", ""),
    ],
)
def test_what_official_clients_send_needs_no_decoding(query: str, expected: str) -> None:
    assert sorted_query(query) == canonical_query(query) == expected


def test_a_query_that_cannot_be_decoded_is_refused_before_its_signature() -> None:
    for query in ("A=\udcff", "A=%", "A=%FF"):
        with pytest.raises(ApiError, match="InvalidParameter"):
            v3.mismatch(call(query), AUTHORIZATION, v3.prepare(SECRET))
        with pytest.raises(ApiError, match="InvalidParameter"):
            v1.mismatch(call(query), "", v1.prepare(SECRET))
