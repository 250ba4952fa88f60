"""A parameter that holds JSON is read into an object or a list of objects, and any other text is refused."""

import pytest

from waypost.api.json_decoders import list_decoder, object_decoder

NO_JSON = ["", "zz", "{'a': 1}", '{"a":1', '"\\ud800"', "[" * 100_000]


@pytest.mark.parametrize(
    ("text", "value"), [("{}", {}), ('{"a":[1,null]}', {"a": [1, None]}), (' {"a":"\\u0000"}', {"a": "\0"})]
)
def test_an_object_is_read(text: str, value: object) -> None:
    assert object_decoder("Record")(text) == (value, ())


@pytest.mark.parametrize(("text", "value"), [("[]", []), ('[{"a":1},{}]', [{"a": 1}, {}])])
def test_a_list_of_objects_is_read(text: str, value: object) -> None:
    assert list_decoder("Rows")(text) == (value, ())


@pytest.mark.parametrize("text", [*NO_JSON, "[]", "null", "1", '"{}"'])
def test_another_text_is_no_object(text: str) -> None:
    _, [fault] = object_decoder("Record")(text)
    assert (fault.code, fault.parameter, fault.value) == ("InvalidRecord", "Record", text)
    assert fault.message.endswith("is not allowed; the JSON text of an object is needed.")


@pytest.mark.parametrize("text", [*NO_JSON, "{}", "null", "[1]", "[{},[]]"])
def test_another_text_is_no_list_of_objects(text: str) -> None:
    _, [fault] = list_decoder("Rows", "InvalidParameter.Rows")(text)
    assert (fault.code, fault.parameter, fault.value) == ("InvalidParameter.Rows", "Rows", text)
    assert fault.message.endswith("is not allowed; the JSON text of a list of objects is needed.")
