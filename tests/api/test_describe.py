"""A text with a greatest length: read, refused and described by its row alone."""

import pytest

from waypost.api.description import Kind, Operation, Parameter
from waypost.api.reference import operation_rows
from waypost.api.reference.openapi import openapi_document

NOTE = Parameter("Note", Kind.STRING, "Kept.", longest=5)
NAME = Parameter("Name", Kind.STRING, "Its name.", longest=5, one_line=True)
KEEP = Operation("Keep", "Keeps.", (NOTE, NAME), (), (), "")


@pytest.mark.parametrize("text", ["12345", "a\nb", "一二三四五", "a\tb"])
def test_a_text_that_fits(text: str) -> None:
    assert KEEP.read({"Note": text}) == ({"Note": text}, {}, [])


@pytest.mark.parametrize("text", ["123456", "a\x00b"])
def test_one_that_does_not(text: str) -> None:
    texts, _, [fault] = KEEP.read({"Note": text})
    assert (texts, fault.code, fault.parameter) == ({}, "InvalidNote", "Note")
    assert fault.message == f"{text!r} is not allowed; at most 5 characters are, none of them NUL."


@pytest.mark.parametrize("text", ["123456", "a\nb", "a\x00b", "a\u2028b"])
def test_one_that_is_not_on_one_line(text: str) -> None:
    _, _, [fault] = KEEP.read({"Name": text})
    assert fault.message == f"{text!r} is not allowed; at most 5 printable characters are."


def test_the_reference_says_so() -> None:
    note, name = operation_rows.parameter_rows(KEEP)
    assert (note.allowed, note.codes) == ("at most 5 characters", ("InvalidNote",))
    assert name.allowed == "at most 5 printable characters"


def test_the_openapi_document_says_so() -> None:
    form = openapi_document("http://127.0.0.1:1")["paths"]["/#CreateInstance"]["post"]["requestBody"]
    schema = form["content"]["application/x-www-form-urlencoded"]["schema"]
    assert schema["properties"]["InstanceName"]["maxLength"] == 128
