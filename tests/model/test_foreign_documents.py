"""JSON that is not quite as it should be, and what is read of it."""

import codecs
import json
import time
from typing import Any

import msgspec
import pytest

from waypost.model.foreign_documents import MAX_DEPTH, charset_of, decoded_text, read_document
from waypost.model.foreign_json import UnreadableJsonError, foreign_decoder, json_text

LOOSE: dict[str, tuple[bytes, Any]] = {
    "half a pair": (b'{"a":"x \\ud83d"}', {"a": "x \ufffd"}),
    "the other half": (b'{"a":"\\ude00 x"}', {"a": "\ufffd x"}),
    "a pair": (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
    "half a pair as a name": (b'{"\\ud83d":1}', {"\ufffd": 1}),
    "a half as bytes": (b'{"a":"\xed\xa0\xbd"}', {"a": "\ufffd\ufffd\ufffd"}),
    "no UTF-8": (b'{"a":"Gr\xfc"}', {"a": "Gr\ufffd"}),
    "null": (b'{"a":null,"b":[null,{"c":null}]}', {"b": [None, {}]}),
    "no number": (b'{"a":NaN,"b":-Infinity,"c":1e999,"d":1}', {"d": 1}),
    "a number without end": (b'{"a":' + b"9" * 5000 + b',"d":1}', {"d": 1}),
    "a number beyond 64 bits": (b'{"a":18446744073709551616}', {"a": "18446744073709551616"}),
    "a line break in a text": (b'{"a":"x\ny"}', {"a": "x\ny"}),
}


@pytest.mark.parametrize(("body", "value"), LOOSE.values(), ids=LOOSE)
def test_a_loose_document(body: bytes, value: Any) -> None:
    assert read_document(body) == value
    json_text(value)


@pytest.mark.parametrize("body", [b"", b"{", b"x", b'{"a":1} x', b"\x00\x00\x00", b"[" * 60_000, b'{"a":"x'])
def test_what_is_no_document(body: bytes) -> None:
    with pytest.raises(UnreadableJsonError):
        read_document(body)
    with pytest.raises(UnreadableJsonError):
        foreign_decoder(dict[str, Any])(body)


def test_levels_below_the_deepest_count_as_null() -> None:
    deep = b"[" * 900 + b"]" * 900
    assert read_document(b'{"a":' + deep + b',"b":"[{[","c":{"d":1}}')["c"] == {"d": 1}
    value: Any = read_document(b"[" * (MAX_DEPTH + 5) + b"]" * (MAX_DEPTH + 5))
    levels = 0
    while isinstance(value, list) and value:
        value, levels = value[0], levels + 1
    assert levels == MAX_DEPTH


@pytest.mark.parametrize("piece", [b'\\"', b'"[', b'{"', b"[", b"]", b'"\\'])
def test_no_document_takes_long(piece: bytes) -> None:
    started = time.process_time()
    with pytest.raises(UnreadableJsonError):
        read_document(b'[{"' + b"[" * 99 + piece * (1024 * 1024 // len(piece)))
    assert time.process_time() - started < 2


def test_brackets_without_a_pair_are_no_document() -> None:
    with pytest.raises(UnreadableJsonError):
        read_document(b"{" * 500 + b"}" * 499)


TEXT = '{"a":"Grüße 好"}'
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "nonsense"])
def test_an_evident_encoding_counts_for_more_than_a_declared_one(encoding: str, declared: str) -> None:
    assert read_document(MARKS[encoding] + TEXT.encode(encoding), declared) == {"a": "Grüße 好"}
    assert read_document(TEXT.encode(encoding), declared) == {"a": "Grüße 好"}


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "big5", "shift_jis", "euc_jp"])
def test_a_declared_encoding(encoding: str) -> None:
    assert read_document('{"a":"好"}'.encode(encoding), encoding) == {"a": "好"}


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("application/json", ""),
        ("application/json; charset=ISO-8859-1", "ISO-8859-1"),
        ('text/html; boundary=x; Charset="utf-16"', "utf-16"),
        ("application/json;charset", ""),
        ("", ""),
    ],
)
def test_the_declared_encoding(content_type: str, charset: str) -> None:
    assert charset_of(content_type) == charset


@pytest.mark.parametrize(
    "name", ["hex", "idna", "punycode", "unicode_escape", "utf-7", "zip", "\0", "é" * 99]
)
def test_a_codec_that_is_no_encoding_of_texts_is_not_used(name: str) -> None:
    assert decoded_text(b"Gr\xfc+AGE-\\u0041", name) == "Gr\ufffd+AGE-\\u0041"


class Part(msgspec.Struct):
    id: str
    size: int = 0


class Form(msgspec.Struct):
    name: str
    count: int = 7
    flag: bool = False
    either: int | str | None = None
    part: Part | None = None
    parts: list[Part] = []
    raw: list[msgspec.Raw] = []
    other: dict[str, Any] = {}


MEANT: dict[str, tuple[dict[str, Any], Form]] = {
    "numbers as text": ({"name": "n", "count": " 5 "}, Form("n", 5)),
    "a whole number with a point": ({"name": "n", "count": "5.0"}, Form("n", 5)),
    "a float": ({"name": 5.0, "count": 5.0}, Form("5", 5)),
    "text as a number": ({"name": 17}, Form("17")),
    "null": ({"name": "n", "count": None, "flag": None, "parts": None, "part": None}, Form("n")),
    "truth as text": ({"name": "n", "flag": "True"}, Form("n", flag=True)),
    "truth as a number": ({"name": "n", "flag": 1}, Form("n", flag=True)),
    "either": ({"name": "n", "either": 5.0}, Form("n", either=5)),
    "either as text": ({"name": 1, "either": "5"}, Form("1", either="5")),
    "inside": ({"name": "n", "parts": [{"id": 1}]}, Form("n", parts=[Part("1")])),
    "unread members": ({"name": 1, "unread": {"a": "\ud83d"}}, Form("1")),
}


@pytest.mark.parametrize(("value", "form"), MEANT.values(), ids=MEANT)
@pytest.mark.parametrize("tolerant", [False, True])
def test_what_means_the_same_is_taken(value: dict[str, Any], form: Form, tolerant: bool) -> None:
    assert foreign_decoder(Form, tolerant=tolerant)(json.dumps(value).encode()) == form


@pytest.mark.parametrize(
    "value",
    [
        {"name": "n", "count": "five"},
        {"name": "n", "count": 5.5},
        {"name": "n", "count": True},
        {"name": "n", "flag": 2},
        {"name": "n", "flag": "yes"},
        {"name": "n", "part": "text"},
        {"name": "n", "part": {"size": 1}},
        {"name": "n", "parts": {"id": "1"}},
        {"name": "n", "other": [1]},
    ],
)
def test_what_means_nothing_is_absent_for_a_tolerant_decoder_alone(value: dict[str, Any]) -> None:
    body = json.dumps(value).encode()
    with pytest.raises(UnreadableJsonError):
        foreign_decoder(Form)(body)
    assert foreign_decoder(Form, tolerant=True)(body) == Form("n")


@pytest.mark.parametrize("value", [{}, {"name": None}, {"name": []}, {"name": True}, [], "x", None, 5])
def test_what_is_required_is_required(value: Any) -> None:
    for tolerant in (False, True):
        with pytest.raises(UnreadableJsonError):
            foreign_decoder(Form, tolerant=tolerant)(json.dumps(value).encode())


def test_an_item_that_is_read_later_costs_the_others_nothing() -> None:
    body = b'{"name":5,"raw":[{"a":"\\ud83d"},1e999,' + b"[" * 70 + b"]" * 70 + b',{"b":1}]}'
    form = foreign_decoder(Form)(body)
    decode = foreign_decoder(dict[str, Any])
    assert decode(form.raw[0]) == {"a": "\ufffd"}
    assert decode(form.raw[3]) == {"b": 1}


def test_an_error_names_the_member_and_no_value() -> None:
    with pytest.raises(UnreadableJsonError, match=r"part\.size") as error:
        foreign_decoder(Form)(b'{"name":"n","part":{"id":"1","size":"secret"}}')
    assert "secret" not in str(error.value)
