"""Templates: their variables, the values a caller gives, and what comes out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.model.identifiers import AccountId
from waypost.model.templates.template import (
    Template,
    fill,
    parse_params,
    render,
    template_variables,
    variables,
)

CODE = "InvalidTemplateParams"
NAME = st.text(st.sampled_from("abcXYZ_0变量-."), min_size=1, max_size=8)
VALUE = (
    st.text(max_size=30)
    | NAME.map(lambda name: f"$({name})")
    | st.sampled_from(["$(", "$", ")", r"\1", r"\g<0>"])
)
PLAIN = st.text(st.characters(exclude_characters="$", exclude_categories=["Cs"]), max_size=20)


def template(message_type: str = "text", **content: str | int) -> Template:
    return Template(
        code="744c4b5c",
        name="greeting",
        language="en",
        account_id=AccountId("1001"),
        space_id=None,
        channel="viber",
        message_type=message_type,
        content=content,
        status="pass",
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hi $(name), your code is $(code)", ("name", "code")),
        ("$(b)$(a)$(b)", ("b", "a")),
        ("no variables, $5, $ (x), (y), $(", ()),
        ("$()", ()),
        ("$(a b)", ()),
        ("$($(a))", ("a",)),
        ("$(姓名)", ("姓名",)),
    ],
)
def test_variables_are_listed_once_in_order(text: str, names: tuple[str, ...]) -> None:
    assert variables(text) == names


def test_a_templates_variables_are_those_of_all_its_fields() -> None:
    one = template(
        "text_video", text="$(b) $(a)", link="https://x.example/$(id)", duration=3, thumbnail="$(a)"
    )
    assert template_variables(one) == ("b", "a", "id")


@given(st.lists(st.tuples(PLAIN, NAME)), PLAIN, st.dictionaries(NAME, VALUE), st.data())
def test_every_variable_is_replaced_once_and_a_value_is_never_syntax(
    pieces: list[tuple[str, str]], tail: str, others: dict[str, str], data: st.DataObject
) -> None:
    names = {name for _, name in pieces}
    params = others | {name: data.draw(VALUE) for name in sorted(names)}
    text = "".join(f"{plain}$({name})" for plain, name in pieces) + tail
    assert render(text, params) == "".join(plain + params[name] for plain, name in pieces) + tail


@given(PLAIN, st.dictionaries(NAME, VALUE))
def test_a_text_without_variables_is_unchanged(text: str, params: dict[str, str]) -> None:
    assert render(text, params) == text


@given(st.text(), st.dictionaries(NAME, VALUE))
def test_values_that_no_variable_asks_for_are_ignored(text: str, params: dict[str, str]) -> None:
    used = {name: params[name] for name in variables(text) if name in params}
    assert render(text, params) == render(text, used)


def test_a_variable_without_a_value_stays_as_written() -> None:
    assert render("$(a) and $(b)", {"a": "1"}) == "1 and $(b)"


@pytest.mark.parametrize(
    ("raw", "params"),
    [
        (None, {}),
        ("", {}),
        ("  ", {}),
        ("{}", {}),
        ('{"a":"b"}', {"a": "b"}),
        ('{ "a" : "\\u4f60\\n" }', {"a": "你\n"}),
        ('{"a":""}', {"a": ""}),
        (
            '{"a":12,"b":1.10,"c":true,"d":false,"e":-1e3}',
            {"a": "12", "b": "1.10", "c": "true", "d": "false", "e": "-1e3"},
        ),
        ('{"order":1234567890123456789012345}', {"order": "1234567890123456789012345"}),
        ('{"a":null,"b":"null"}', {"b": "null"}),
        ('{"a":"1","a":"2"}', {"a": "2"}),
    ],
)
def test_params_are_read_as_text(raw: str | None, params: dict[str, str]) -> None:
    assert parse_params(raw) == (params, [])


@pytest.mark.parametrize(
    "raw",
    [
        "[object Object]",
        "a=b",
        "[]",
        '["a"]',
        '"a"',
        "12",
        "null",
        '{"a":"b"',
        "{'a':'b'}",
        '{"a":{"b":"c"}}',
        '{"a":["b"]}',
        '{"a":"\\ud83d"}',
        '{"a":"\ud83d"}',
        '{"a":"\\u0000"}',
        '{"a":' * 5000,
    ],
    ids=lambda raw: ascii(raw[:16]),
)
def test_params_that_are_no_object_of_texts_are_refused(raw: str) -> None:
    params, (fault,) = parse_params(raw)
    assert (params, fault.code, fault.parameter) == ({}, CODE, "TemplateParams")


def test_every_wrong_value_is_named_and_the_right_ones_are_kept() -> None:
    params, faults = parse_params('{"a":[],"b":"x","c":{}}')
    assert params == {"b": "x"}
    assert [fault.message for fault in faults] == [
        "TemplateParams has no text for 'a'; a string is needed.",
        "TemplateParams has no text for 'c'; a string is needed.",
    ]


def test_a_map_that_was_never_turned_into_json_is_recognised() -> None:
    _, (fault,) = parse_params("[object Object]")
    assert "never turned into JSON" in fault.message


@given(st.dictionaries(NAME, VALUE.filter(lambda value: "\x00" not in value)))
def test_params_survive_their_json(params: dict[str, str]) -> None:
    assert parse_params(json.dumps(params)) == (params, [])
    assert parse_params(json.dumps(params, ensure_ascii=False)) == (params, [])


def test_a_template_is_filled() -> None:
    one = template(
        "text_video",
        text="$(a), $(b)",
        link="https://x.example/$(a)",
        thumbnail="https://x.example/t",
        fileSize=9,
        duration=3,
    )
    content, faults = fill(one, {"a": "1", "b": "$(a)", "c": "unused"})
    assert faults == []
    assert content == {
        "text": "1, $(a)",
        "link": "https://x.example/1",
        "thumbnail": "https://x.example/t",
        "fileSize": 9,
        "duration": 3,
    }


def test_every_missing_value_is_named_with_all_that_the_template_needs() -> None:
    content, faults = fill(template(text="$(a) $(b) $(c)"), {"b": "x"})
    message = "TemplateParams has no value for 'a', 'c'; template '744c4b5c' needs 'a', 'b', 'c'."
    assert (content, [(fault.code, fault.parameter, fault.message) for fault in faults]) == (
        {},
        [(CODE, "TemplateParams", message)],
    )


def test_an_empty_value_is_a_value() -> None:
    assert fill(template(text="Hi$(title)!"), {"title": ""}) == ({"text": "Hi!"}, [])


@pytest.mark.parametrize(
    ("one", "params", "named"),
    [
        (template(text="$(a)"), {"a": "x" * 1001}, "`text` has 1001 characters"),
        (template(text="$(a)"), {"a": ""}, "`text` is missing or empty"),
        (template("image", link="https://x.example/$(a)"), {"a": "b c"}, "an https URL"),
        (template("image", link="$(a)"), {"a": "javascript:alert(1)"}, "an https URL"),
    ],
)
def test_the_limits_hold_after_the_values_are_in(one: Template, params: dict[str, str], named: str) -> None:
    _, (fault,) = fill(one, params)
    assert (fault.code, fault.parameter) == (CODE, "TemplateParams")
    assert named in fault.message


@pytest.mark.parametrize(
    ("one", "faults"),
    [
        (template(text="hi"), []),
        (
            template("image", link="https://x.example/i.png"),
            [("InvalidParameter.MessageTypeNotSupport", "Label")],
        ),
    ],
)
def test_a_transaction_from_a_template_is_text_alone(one: Template, faults: list[Any]) -> None:
    assert [(fault.code, fault.parameter) for fault in fill(one, {}, "transaction")[1]] == faults
    assert fill(one, {}, "promotion")[1] == []


def test_variables_are_found_and_filled_in_however_deep_they_are() -> None:
    button = {"type": "web_url", "title": "$(what)", "url": "https://a.example/$(path)"}
    deep = Template(
        code="1",
        name="deep",
        language="en",
        account_id=AccountId("1"),
        space_id=None,
        channel="messenger",
        message_type="buttonTemplate",
        content={"text": "Hello $(name)", "buttons": [button]},
        status="pass",
    )
    assert template_variables(deep) == ("name", "what", "path")
    content, faults = fill(deep, {"name": "Zoe", "what": "$(path)", "path": "a"})
    assert faults == []
    assert content == {
        "text": "Hello Zoe",
        "buttons": [{"type": "web_url", "title": "$(path)", "url": "https://a.example/a"}],
    }
    _, faults = fill(deep, {"name": "Zoe", "what": "x" * 21, "path": "a"})
    assert [fault.code for fault in faults] == ["InvalidTemplateParams"]
