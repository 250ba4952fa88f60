"""A parameter's row alone says how it is read, refused and described."""

from enum import Enum
from typing import Annotated, Any

import pytest

from waypost.api.description import Decoded, Kind, Operation, Parameter, Params, without_effect
from waypost.api.members import Answer, Member, member, members_of
from waypost.api.reference import operation_rows
from waypost.api.reference.openapi import openapi_document
from waypost.model.faults import Fault


class Colour(Enum):
    RED = "Red"
    BLUE = "Blue"


def read_pair(text: str) -> Decoded:
    left, comma, right = text.partition(",")
    return ((left, right), ()) if comma else (None, [Fault("InvalidPair", "Pair", "is no pair", value=text)])


class KeepParams(Params, frozen=True):
    note: Annotated[str, Parameter("Note", "Kept.", longest=5)] = ""
    name: Annotated[str, Parameter("Name", "Its name.", longest=5, one_line=True)] = ""
    colour: Annotated[Colour | None, Parameter("Colour", "Its colour.")] = None
    bold: Annotated[bool, Parameter("Bold", "Whether it is bold.")] = False
    size: Annotated[int | None, Parameter("Size", "How large.", minimum=1, maximum=9, required=True)] = None
    pair: Annotated[tuple[str, str] | None, Parameter("Pair", "Two.", decode=read_pair, kind=Kind.JSON)] = (
        None
    )
    why: Annotated[str, Parameter("Why", "Why red.", required_when=("Colour", "Red"))] = ""


class Kept(Answer, frozen=True):
    note_id: Annotated[str, member("The note.", "n1")]


class KeepAnswer(Answer, frozen=True):
    total: Annotated[int, member("How many.")]
    kept: Annotated[list[Kept], member("All of them.")]
    tags: Annotated[list[str], member("Words.")] = []
    latest: Annotated[Kept | None, member("The last one.")] = None
    details: Annotated[dict[str, Any], member("Of the customer's choice.")] = {}


KEEP = Operation("Keep", "Keeps.", KeepParams, KeepAnswer, ignored=without_effect("Owner"))


def message(texts: dict[str, str]) -> tuple[str, str, str]:
    _, [fault] = KEEP.read({"Size": "3", **texts})
    return fault.code, fault.parameter, fault.message


@pytest.mark.parametrize(
    ("texts", "field", "value"),
    [
        ({"Note": "12345"}, "note", "12345"),
        ({"Note": "a\nb"}, "note", "a\nb"),
        ({"Note": "一二三四五"}, "note", "一二三四五"),
        ({"Name": "12345"}, "name", "12345"),
        ({"Colour": "bLUE"}, "colour", Colour.BLUE),
        ({"Bold": "TRUE"}, "bold", True),
        ({"Bold": "false"}, "bold", False),
        ({"Size": "+9"}, "size", 9),
        ({"Pair": "a,b"}, "pair", ("a", "b")),
        ({"Note": ""}, "note", ""),
        ({"Unknown": "x"}, "note", ""),
        ({"Owner": "x"}, "note", ""),
    ],
)
def test_a_value_is_read_into_its_type(texts: dict[str, str], field: str, value: object) -> None:
    params, faults = KEEP.read({"Size": "3", **texts})
    assert (getattr(params, field), faults) == (value, [])


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        (
            {"Note": "123456"},
            ("InvalidNote", "Note", "'123456' is not allowed; at most 5 characters are, none of them NUL."),
        ),
        (
            {"Note": "a\x00b"},
            ("InvalidNote", "Note", "'a\\x00b' is not allowed; at most 5 characters are, none of them NUL."),
        ),
        (
            {"Name": "a\nb"},
            ("InvalidName", "Name", "'a\\nb' is not allowed; at most 5 printable characters are."),
        ),
        (
            {"Colour": "green"},
            ("InvalidColour", "Colour", "'green' is not allowed; allowed are Red, Blue."),
        ),
        ({"Bold": "yes"}, ("InvalidBold", "Bold", "'yes' is not allowed; allowed are true, false.")),
        (
            {"Size": "10"},
            ("InvalidSize", "Size", "'10' is not allowed; it must be a whole number from 1 to 9."),
        ),
        (
            {"Size": "1.5"},
            ("InvalidSize", "Size", "'1.5' is not allowed; it must be a whole number from 1 to 9."),
        ),
        ({"Size": ""}, ("MissingSize", "Size", "it is missing; every call needs it.")),
        ({"Pair": "a"}, ("InvalidPair", "Pair", "'a' is no pair.")),
        ({"Colour": "red"}, ("MissingWhy", "Why", "it is missing; Colour=Red needs it.")),
    ],
)
def test_a_fault_names_the_value_and_what_is_allowed(
    texts: dict[str, str], fault: tuple[str, str, str]
) -> None:
    assert message(texts) == fault


def test_faults_are_named_in_the_order_of_the_table_wherever_in_a_parameter_they_are() -> None:
    faults = [Fault("c", name, "") for name in ("Other", "Pair[3].Left", "Bold", "Note", "Colour.x")]
    assert [fault.parameter for fault in KEEP.in_order(faults)] == [
        "Note",
        "Colour.x",
        "Bold",
        "Pair[3].Left",
        "Other",
    ]


def test_the_reference_shows_rows_as_their_types_complete_them() -> None:
    rows = {row.name: row for row in operation_rows.parameter_rows(KEEP)}
    assert (rows["Note"].allowed, rows["Note"].codes) == ("at most 5 characters", ("InvalidNote",))
    assert rows["Name"].allowed == "at most 5 printable characters"
    assert (rows["Colour"].allowed, rows["Bold"].allowed) == ("Red, Blue", "true, false")
    assert (rows["Size"].kind, rows["Size"].allowed) == ("integer", "1 to 9")
    assert (rows["Pair"].kind, rows["Why"].required) == ("JSON", "for Colour=Red")


def test_members_are_read_from_the_answers_type() -> None:
    kept = (Member("NoteId", "The note.", "n1"),)
    assert members_of(KeepAnswer) == (
        Member("Total", "How many.", "", "integer"),
        Member("Kept", "All of them.", "", "array", kept),
        Member("Tags", "Words.", "", "texts"),
        Member("Latest", "The last one.", "", "object", kept),
        Member("Details", "Of the customer's choice.", "", "object"),
    )


def test_a_member_without_a_description_is_refused() -> None:
    class Undescribed(Answer, frozen=True):
        note_id: str

    with pytest.raises(TypeError, match="NoteId"):
        members_of(Undescribed)


def test_the_openapi_document_has_the_greatest_length_of_a_text() -> None:
    form = openapi_document("http://127.0.0.1:1")["paths"]["/#CreateInstance"]["post"]["requestBody"]
    schema = form["content"]["application/x-www-form-urlencoded"]["schema"]
    assert schema["properties"]["InstanceName"]["maxLength"] == 128


class ResumeParams(Params, frozen=True):
    token: Annotated[int, Parameter("Token", "Where to go on.", decode=lambda text: (int(text, 36), ()))] = 0


def test_a_parameter_with_a_reader_of_its_own_is_described_as_text_even_when_it_becomes_a_number() -> None:
    resume = Operation("Resume", "Goes on.", ResumeParams, KeepAnswer)
    (row,) = resume.parameters
    assert row.kind is Kind.STRING
    assert resume.read({"Token": "zz"}) == (ResumeParams(token=1295), [])
