"""What a template's components come to, whatever texts they hold; the faults are in tests/sdk."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.channel_tables import MESSAGE_TYPES
from waypost.model.identifiers import AccountId
from waypost.model.templates.components import components_of, read_components
from waypost.model.templates.review import audit_object, review_of, reviewed
from waypost.model.templates.template import Template, fill, template_variables

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda text: "{" not in text and "$" not in text
)
names = st.text("abcxyz", min_size=1, max_size=5)
bodies = st.builds("{} $({}) {}".format, words, names, words).map(lambda text: {"Type": "BODY", "Text": text})
IMAGE = {"Type": "HEADER", "Format": "IMAGE", "Url": "https://a.example/a.jpg"}
DOCUMENT = {
    "Type": "HEADER",
    "Format": "DOCUMENT",
    "Url": "https://a.example/a.pdf",
    "FileName": "a.pdf",
    "FileType": "pdf",
}
buttons = st.builds(
    lambda text, name: {
        "Type": "BUTTONS",
        "Buttons": [{"Type": "URL", "Text": text, "Url": f"https://a.example/$({name})"}],
    },
    words,
    names,
)


def template(message_type: str, content: Any, **more: Any) -> Template:
    values = {"name": "offer", "status": "unaudit"} | more
    return Template(
        code="1",
        language="en",
        account_id=AccountId("1"),
        space_id=None,
        channel="viber",
        message_type=message_type,
        content=dict(content),
        **values,
    )


@given(body=st.none() | bodies, header=st.sampled_from([None, IMAGE, DOCUMENT]), button=st.none() | buttons)
def test_what_is_accepted_can_be_sent_and_shown_again(body: Any, header: Any, button: Any) -> None:
    made, faults = read_components([part for part in (body, header, button) if part])
    if faults:
        assert not (body and header is not DOCUMENT)
        return
    assert made.message_type in MESSAGE_TYPES["viber"]
    one = template(made.message_type, made.content)
    content, wrong = fill(one, dict.fromkeys(template_variables(one), "x"))
    assert (wrong, content.keys()) == ([], made.content.keys())
    assert read_components(components_of(one)) == (made, [])


@pytest.mark.parametrize("odd", [[], [{}], [{"Type": 7}], [{"Type": "BUTTONS", "Buttons": [7]}]])
def test_odd_components_are_faults(odd: Any) -> None:
    assert read_components(odd)[1]


def test_a_video_that_the_operator_declared_is_shown() -> None:
    content = {"link": "https://a.example/a.mp4", "thumbnail": "https://a.example/t.jpg", "duration": 3}
    (header,) = components_of(template("video", content))
    assert (header["Format"], header["ThumbUrl"], header["Duration"]) == (
        "VIDEO",
        content["thumbnail"],
        3,
    )


@pytest.mark.parametrize(("name", "status"), [("offer", "pass"), ("reject_offer", "fail")])
def test_the_automatic_review(name: str, status: str) -> None:
    one = template("text", {"text": "hello"}, name=name)
    after = reviewed(one, *review_of(one), 7)
    assert (after.status, after.updated_at) == (status, 7)
    assert ("Reason" in audit_object(after)) == (status == "fail")
