"""A value of a template can never become syntax, all the way from the call to what a provider is sent.

Whatever the values hold, the request has the same shape as with plain ones, and each value stands in it whole
where the plain one stood.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.connectors.contract import Submission
from waypost.connectors.line.requests import build_messages
from waypost.connectors.meta.pages import requests as page_requests
from waypost.connectors.meta.whatsapp import requests as whatsapp_requests
from waypost.connectors.telegram.connector import build_request as telegram_request
from waypost.model.channels import CHANNELS
from waypost.model.identifiers import AccountId
from waypost.model.templates.calls import template_call
from waypost.model.templates.template import Template, fill, template_variables
from waypost.model.templates.whatsapp_components import read_whatsapp_components

SYNTAX = ["$(a)", "$(b)", "$(code)", "{{1}}", "{{a}}", '"', "\\", "\n", "\r\n", "}]", "$", "$(", ")", "{0}"]
_any = st.text(st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\0"), max_size=3)
values = st.lists(st.sampled_from(SYNTAX) | _any, min_size=1, max_size=4).map("".join).filter(bool)

PICTURE = {"Type": "HEADER", "Format": "IMAGE", "Url": "https://a.example/a.jpg"}
OPEN = {"Type": "URL", "Text": "Open", "Url": "https://a.example/$(b)"}
CARD = {
    "CardComponents": [
        PICTURE,
        {"Type": "BODY", "Text": "One for $(a)"},
        {"Type": "BUTTONS", "Buttons": [OPEN]},
    ]
}
COMPONENTS: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "MARKETING",
        [
            {"Type": "HEADER", "Format": "TEXT", "Text": "News for $(a)"},
            {"Type": "BODY", "Text": "Hello $(a), $(b)$(c)"},
            {"Type": "BUTTONS", "Buttons": [{"Type": "QUICK_REPLY", "Text": "Yes"}, OPEN]},
        ],
    ),
    ("MARKETING", [{"Type": "BODY", "Text": "$(c)"}, {"Type": "CAROUSEL", "Cards": [CARD, CARD]}]),
    (
        "AUTHENTICATION",
        [{"Type": "BODY"}, {"Type": "BUTTONS", "Buttons": [{"Type": "COPY_CODE", "Text": "Copy"}]}],
    ),
]


def template(channel: str, message_type: str, content: dict[str, Any], **more: Any) -> Template:
    return Template(
        code="1",
        name="t",
        language="en",
        account_id=AccountId("1"),
        space_id=None,
        channel=channel,
        message_type=message_type,
        content=content,
        status="pass",
        **more,
    )


def of_whatsapp(category: str, components: list[dict[str, Any]]) -> Template:
    made, faults = read_whatsapp_components(components, category)
    assert faults == []
    return template("whatsapp", made.message_type, dict(made.content), category=category)


TEMPLATES = [
    *(of_whatsapp(*row) for row in COMPONENTS),
    template("whatsapp", "text", {"text": "Hello $(a), $(2)"}),
    template("viber", "text_button", {"text": "$(a) $(b)", "caption": "Go", "action": "https://a.example"}),
    template("messenger", "text", {"text": "Hello $(a), $(b)"}),
    template(
        "instagram",
        "buttonTemplate",
        {"text": "$(a)$(b)", "buttons": [{"type": "postback", "title": "Go", "payload": "$(c)"}]},
    ),
    template("messenger", "regularTemplate", {"elements": [{"title": "T", "subtitle": "$(a)"}]}),
    template("telegram", "text", {"text": "$(a) $(b)"}),
    template("line", "flex", {"contents": {"type": "bubble", "$(a)": ["$(a)"]}, "altText": "$(b)"}),
]


def build_request(one: Template, params: dict[str, str]) -> Any:
    """What the provider is sent."""
    content, faults = fill(one, params)
    assert faults == []
    call = None
    if CHANNELS[one.channel].provider_holds_templates:
        call, faults = template_call(one, params)
        assert faults == []
    submission = Submission(
        reference="m-0-1",
        number=1,
        sender="1",
        recipient="2",
        message_type=one.message_type,
        content=content,
        ttl=60,
        templated=True,
        template=call,
    )
    match one.channel:
        case "whatsapp":
            return whatsapp_requests.build_request(submission)
        case "messenger" | "instagram":
            return page_requests.build_request(submission)
        case "telegram":
            return telegram_request(submission)
        case "line":
            return build_messages(submission)
        case _:
            return content


def replaced(value: Any, marks: dict[str, str]) -> Any:
    """A request with each mark, the plain value of a variable, replaced by what stands for it."""
    match value:
        case str():
            return "".join(marks.get(character, character) for character in value)
        case dict():
            return {name: replaced(inner, marks) for name, inner in value.items()}
        case list() | tuple():
            return type(value)(replaced(inner, marks) for inner in value)
        case _:
            return value


@pytest.mark.parametrize("one", TEMPLATES, ids=lambda one: f"{one.channel}-{one.message_type}")
@given(data=st.data())
def test_a_value_stands_whole_in_its_place(one: Template, data: st.DataObject) -> None:
    names = template_variables(one)
    params = {name: data.draw(values, label=name) for name in names}
    # Characters of private use, which no value here has.
    marks = {name: chr(0xE000 + place) for place, name in enumerate(names)}
    plain = build_request(one, marks)
    assert build_request(one, params) == replaced(plain, {marks[name]: params[name] for name in names})
