"""A call is the same after it was a form: for every operation, and whatever its values are."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waypost.api.description import CALL_PARAMETERS, Kind, Parameter
from waypost.api.forms.example_values import content_example, example_parameters
from waypost.api.forms.form_fields import Control, FormField, form_fields
from waypost.api.forms.form_values import fields_of_call, is_parameter_name, parameters_of_form
from waypost.api.operations.catalogue import EVERY
from waypost.model.channels import CHANNELS
from waypost.model.content.check import check_content
from waypost.model.content.rules import Kind as MemberKind

SEND = EVERY["SendChatappMessage"].operation
FREE = {"ChannelType": "viber", "Type": "message", "MessageType": "text"}
# Forms have their line ends as \n, and no halves of characters.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    sorted(
        {
            field.name
            for channel in CHANNELS.values()
            for rule in channel.content.values()
            for field in rule.fields
        }
    )
)
OBJECTS = st.dictionaries(MEMBERS | TEXTS, JSON | TEXTS, max_size=4).map(json.dumps)


def values_of(row: Parameter) -> st.SearchStrategy[str]:
    if row.name == "MessageType":
        return st.sampled_from(sorted({kind for channel in CHANNELS.values() for kind in channel.content}))
    if row.allowed:
        return st.sampled_from(row.allowed) | TEXTS
    if row.kind in (Kind.JSON, Kind.OBJECT, Kind.LIST):
        return OBJECTS | JSON.map(json.dumps) | TEXTS
    return TEXTS


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    name = draw(st.sampled_from(["SendChatappMessage", *EVERY]))
    rows = EVERY[name].operation.parameters
    chosen = draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    if name == SEND.name and draw(st.booleans()):
        content = next(row for row in rows if row.name == "Content")
        chosen = [*chosen, content] if content not in chosen else chosen
        return name, {row.name: draw(values_of(row)) for row in chosen} | FREE
    return name, {row.name: draw(values_of(row)) for row in chosen}


def plain(name: str, text: str) -> Any:
    """A value for comparing: JSON in any spelling."""
    operation_of_maps = {"Content"} | {each for one in EVERY.values() for each in one.operation.maps}
    if name not in operation_of_maps:
        return text
    try:
        return json.dumps(json.loads(text, object_pairs_hook=list))
    except ValueError:
        return text


@given(calls())
@settings(max_examples=400, deadline=None)
def test_form_and_back_is_the_same_call(call: tuple[str, dict[str, str]]) -> None:
    name, parameters = call
    operation = EVERY[name].operation
    fields = fields_of_call(operation, parameters)
    again = parameters_of_form(operation, fields)
    assert {each: plain(each, text) for each, text in again.items()} == {
        each: plain(each, text) for each, text in parameters.items()
    }
    assert fields_of_call(operation, again) == fields


def shown(fields: list[FormField]) -> dict[str, str]:
    """What the fields of a form hold, by their names."""
    values: dict[str, str] = {}
    for field in fields:
        if field.members or field.is_open:
            values |= {member.name: member.value for member in field.members if member.value}
        elif field.value:
            values[field.name] = field.value
    return values


@given(calls())
@settings(max_examples=200, deadline=None)
def test_a_form_shows_all_that_a_call_has(call: tuple[str, dict[str, str]]) -> None:
    operation = EVERY[call[0]].operation
    parameters = parameters_of_form(operation, fields_of_call(operation, call[1]))
    assert shown(form_fields(operation, parameters)) == fields_of_call(operation, parameters)


def test_an_object_is_split_only_if_it_is_the_same_again() -> None:
    for content in ('{"text":""}', '{"text":"a","text":"b"}', '{"text":["a"]}', "[1]", "{", '{"text":1e400}'):
        assert fields_of_call(SEND, FREE | {"Content": content})["Content"] == content
    assert fields_of_call(SEND, FREE | {"Content": '{ "text" : "a" }'}) == FREE | {"Content/text": "a"}


def test_members_are_numbers_flags_and_objects_where_the_rule_has_them() -> None:
    video = {"ChannelType": "viber", "Type": "message", "MessageType": "video"}
    content = '{"link":"https://h/v.mp4","fileSize":12,"duration":3}'
    fields = fields_of_call(SEND, video | {"Content": content})
    assert {name for name in fields if name.startswith("Content")} <= {
        "Content/link",
        "Content/fileSize",
        "Content/duration",
        "Content",
    }
    assert json.loads(parameters_of_form(SEND, fields)["Content"]) == json.loads(content)


def test_a_variable_is_added_by_its_name_and_value() -> None:
    added = {"+TemplateParams/name": "code", "+TemplateParams/value": "1234", "TemplateParams/name": "Zoe"}
    assert parameters_of_form(SEND, added) == {"TemplateParams": '{"code":"1234","name":"Zoe"}'}
    assert parameters_of_form(SEND, {"+TemplateParams/name": "code"}) == {}


def test_what_belongs_to_a_signature_or_to_the_form_is_no_parameter() -> None:
    names = [*CALL_PARAMETERS, "secret", "token", "own-key", "key", "lang", "", "A b", "A" * 100]
    assert [name for name in names if is_parameter_name(name)] == []
    assert parameters_of_form(SEND, dict.fromkeys(names, "x")) == {}
    assert is_parameter_name("SenderList.1.To")


def by_name(parameters: dict[str, str]) -> dict[str, FormField]:
    return {field.name: field for field in form_fields(SEND, parameters)}


def test_type_channel_and_message_type_decide_which_fields_show() -> None:
    template, free = by_name(FREE | {"Type": "template"}), by_name(FREE)
    assert "TemplateCode" in template
    assert "Content" not in template
    assert "TemplateCode" not in free
    assert [member.label for member in free["Content"].members] == ["text"]
    assert "Label" in free
    assert free["Label"].is_required
    assert "Payload" not in free
    assert "Payload" in by_name(FREE | {"ChannelType": "whatsapp"})
    image = by_name(FREE | {"ChannelType": "WhatsApp", "MessageType": "image"})
    assert "link" in [member.label for member in image["Content"].members]
    assert all(by_name(FREE)[name].decides for name in FREE)


def test_a_value_in_any_case_decides() -> None:
    operation = EVERY["UpdateAccountWebhook"].operation
    for value, is_required in (("Y", True), ("y", True), ("N", False)):
        fields = {field.name: field for field in form_fields(operation, {"HttpFlag": value})}
        assert fields["StatusCallbackUrl"].is_required is is_required
    template = by_name({"ChannelType": "Messenger", "Type": "MESSAGE", "MessageType": "COUPONTEMPLATE"})
    assert template["Content"].members


def test_what_was_filled_in_is_not_hidden_when_it_has_no_effect() -> None:
    fields = by_name(FREE | {"Type": "template", "Content": '{"text":"hello"}'})
    assert fields["Content"].value == '{"text":"hello"}'
    assert not fields["Content"].has_effect
    other = by_name(FREE | {"MessageType": "image", "Content": '{"text":"hello"}'})["Content"]
    assert [(member.label, member.value, member.has_effect) for member in other.members if member.value] == [
        ("text", "hello", False)
    ]


def test_the_message_types_are_those_of_the_channel() -> None:
    for name, channel in CHANNELS.items():
        if channel.content:
            choices = by_name({"Type": "message", "ChannelType": name})["MessageType"].choices
            assert tuple(choices) == channel.message_types


def test_a_value_that_is_not_allowed_is_a_choice_too() -> None:
    assert "news" in by_name(FREE | {"Type": "news"})["Type"].choices


def test_a_text_of_several_lines_has_a_field_that_keeps_them() -> None:
    fields = by_name(FREE | {"Tag": "one\ntwo"})
    assert fields["Tag"].control is Control.LINES
    assert by_name(FREE)["Tag"].control is Control.LINE


@pytest.mark.parametrize("name", EVERY)
def test_the_examples_of_an_operation_have_all_that_it_needs(name: str) -> None:
    operation = EVERY[name].operation
    examples = example_parameters(operation, {}, {})
    fields = form_fields(operation, examples)
    assert [field.name for field in fields if field.is_required and not (field.value or field.members)] == []
    assert all(field.row is not None for field in fields)


def test_examples_leave_what_is_filled_in_and_prefer_what_a_service_takes() -> None:
    examples = example_parameters(SEND, {"To": "7"}, {"From": "8", "Nothing": "9", "TemplateCode": "t"})
    assert (examples["To"], examples["From"], examples["TemplateCode"]) == ("7", "8", "t")
    assert "Nothing" not in examples
    assert example_parameters(SEND, {"Type": "message"}, {})["Content"] == '{"text":"hello"}'


@pytest.mark.parametrize(
    ("channel", "message_type"),
    [(name, kind) for name, channel in CHANNELS.items() for kind in channel.content],
)
def test_the_example_of_a_content_has_what_its_rule_needs(channel: str, message_type: str) -> None:
    kind = {"ChannelType": channel, "Type": "message", "MessageType": message_type}
    rule = CHANNELS[channel].content[message_type]
    content = json.loads(example_parameters(SEND, kind, {})["Content"])
    assert {field.name for field in rule.fields[: rule.required]} <= content.keys()
    _, faults = check_content(channel, message_type, content_example(rule), None)
    # What members have to be beside each other, or in an object, an example cannot know.
    needs_more = rule.check is not None or any(
        field.kind in (MemberKind.OBJECT, MemberKind.LIST) for field in rule.fields
    )
    assert faults == [] or needs_more
