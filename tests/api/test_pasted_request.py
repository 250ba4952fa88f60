"""Requests as people paste them: raw, as curl commands, as signed URLs."""

import shlex
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.api.doctor.examination import LONGEST_EXAMINED
from waypost.api.doctor.pasted_request import PastedRequestError, parse_pasted_request
from waypost.api.request import Call

FORM = "application/x-www-form-urlencoded"
HOST = "127.0.0.1:8080"

_text = st.text(st.characters(codec="utf-8"), max_size=12)
_queries = st.lists(st.tuples(_text, _text), max_size=4).map(
    lambda pairs: "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
)
_names = st.from_regex(r"x-acs-[a-z0-9]{1,8}", fullmatch=True)
_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20).map(
    lambda value: f"v{value.strip()}"
)
_headers = st.dictionaries(_names, _values, max_size=4)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Calls as clients make them, with a form body or none."""
    headers = {"host": HOST, **draw(_headers)}
    body = draw(_queries).encode() if draw(st.booleans()) else b""
    if body:
        headers |= {"content-type": FORM, "content-length": str(len(body))}
    return Call("POST" if body else "GET", "/", draw(_queries), headers, body, "")


def target(call: Call) -> str:
    return f"/?{call.raw_query}" if call.raw_query else "/"


def as_wire(call: Call, end: str) -> str:
    lines = [f"{call.method} {target(call)} HTTP/1.1", *(f"{n}: {v}" for n, v in call.headers.items()), ""]
    return end.join([*lines, call.body.decode()])


def as_curl(call: Call) -> str:
    words = ["curl", "-sS", "-X", call.method]
    for name, value in call.headers.items():
        words += ["-H", f"{name}: {value}"]
    if call.body:
        words += ["--data-raw", call.body.decode()]
    return " \\\n  ".join(shlex.quote(word) for word in [*words, f"http://{HOST}{target(call)}"])


@given(calls(), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n", "\r\n\r\n"]))
def test_a_raw_request_is_read_as_it_was_sent(call: Call, end: str, more: str) -> None:
    assert parse_pasted_request(as_wire(call, end) + more) == call


@given(calls())
def test_a_curl_command_is_read_as_curl_sends_it(call: Call) -> None:
    assert parse_pasted_request(as_curl(call)) == call


@given(_queries)
def test_a_signed_url_is_read_as_a_get(query: str) -> None:
    call = parse_pasted_request(f" http://{HOST}/?{query}\n")
    assert call == Call("GET", "/", query, {"host": HOST}, b"", "")


@given(st.text(max_size=200))
def test_no_text_fails_without_a_reason(text: str) -> None:
    for pasted in (text, f"curl {text}", f"http://{text}", f"POST / HTTP/1.1\n{text}"):
        with suppress(PastedRequestError):
            assert parse_pasted_request(pasted).path.startswith("/")


@pytest.mark.parametrize(
    ("command", "method", "query", "body"),
    [
        (f"$ curl http://{HOST}/ -d a=1 -d b=2", "POST", "", b"a=1&b=2"),
        (f"curl -G http://{HOST}/?x=0 -d a=1 --data-urlencode 'b=c d&'", "GET", "x=0&a=1&b=c%20d%26", b""),
        (f"curl -XPUT -H'x-acs-a: 1' --url {HOST}/?q=1", "PUT", "q=1", b""),
        (f"curl -sSv -o /dev/null {HOST} -m 3", "GET", "", b""),
        (f"curl -I '{HOST}/?a=1#part'", "HEAD", "a=1", b""),
        (f"curl {HOST} --data-raw @not-a-file", "POST", "", b"@not-a-file"),
    ],
)
def test_the_options_of_curl(command: str, method: str, query: str, body: bytes) -> None:
    call = parse_pasted_request(command)
    assert (call.method, call.raw_query, call.body) == (method, query, body)
    assert call.headers["host"] == HOST
    assert call.headers.get("content-type", "") == (FORM if body else "")


def test_a_usual_port_is_no_part_of_the_host() -> None:
    assert parse_pasted_request("curl https://example.com:443/").headers["host"] == "example.com"
    assert parse_pasted_request("https://example.com:80/?a=1").headers["host"] == "example.com:80"


def test_a_body_with_line_ends_is_that_which_has_the_length() -> None:
    pasted = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\na\r\nb"
    assert parse_pasted_request(pasted.format(4)).body == b"a\r\nb"
    assert parse_pasted_request(pasted.format(3)).body == b"a\nb"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "paste a raw HTTP request"),
        ("hello", "paste a raw HTTP request"),
        ("POST / HTTP/1.1\nno header", "no header, Name: value: 'no header'"),
        ("curl", "paste a raw HTTP request"),
        ("curl -s", "has no URL"),
        ("curl 'http://a", "cannot be read"),
        ("curl http://a -H", "-H of the curl command has no value"),
        ("curl http://a --upload-file x", "'--upload-file' of curl is not known here"),
        ("curl http://a -d @body.json", "in the file 'body.json'"),
        ("curl http://a --data-urlencode a@body", "names a file"),
        ("curl http://a:port/", "URL cannot be read"),
        ("http://a/?b=c d", "without blanks"),
        ("x" * (LONGEST_EXAMINED + 1), "longer than 64 KiB"),
    ],
)
def test_what_cannot_be_read_has_a_reason(text: str, reason: str) -> None:
    with pytest.raises(PastedRequestError) as caught:
        parse_pasted_request(text)
    assert reason in str(caught.value)
