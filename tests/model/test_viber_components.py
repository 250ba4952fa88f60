"""The components of a Viber template: what they come to, and what is wrong, by code and parameter."""

from typing import Any

import pytest

from waypost.model.identifiers import AccountId
from waypost.model.templates.components import components_of, files_of, read_components
from waypost.model.templates.template import Template

INVALID = "InvalidComponents"
FILE_URL = "InvalidParameter.FileUrlError"
NO_SUCH_HEADER = "InvalidParameter.HeaderTypeNotSupport"
PNG = "https://a.example/i.png"
PDF = "https://a.example/d.pdf"
BODY: dict[str, Any] = {"Type": "BODY", "Text": "Hi $(name)"}
IMAGE: dict[str, Any] = {"Type": "HEADER", "Format": "IMAGE", "Url": PNG}
DOCUMENT: dict[str, Any] = {
    "Type": "HEADER",
    "Format": "DOCUMENT",
    "Url": PDF,
    "FileName": "d.pdf",
    "FileType": "PDF",
}
MP4 = "https://a.example/v.mp4"
VIDEO: dict[str, Any] = {"Type": "HEADER", "Format": "VIDEO", "Url": MP4, "ThumbUrl": PNG, "Duration": 12}
CLIP = {"link": MP4, "fileSize": 1024 * 1024, "thumbnail": PNG, "duration": 12}
URL: dict[str, Any] = {"Type": "URL", "Text": "Open", "Url": "https://a.example/$(id)"}
BUTTONS: dict[str, Any] = {"Type": "BUTTONS", "Buttons": [URL]}


def button(**changes: Any) -> dict[str, Any]:
    return {"Type": "BUTTONS", "Buttons": [URL | changes]}


def faults_of(components: Any) -> list[tuple[str, str]]:
    """Code and parameter, without the `Components` that all of them begin with, of every fault."""
    faults = read_components(components)[1]
    assert all(fault.parameter.startswith("Components") for fault in faults)
    return [(fault.code, fault.parameter.removeprefix("Components").lstrip(".")) for fault in faults]


@pytest.mark.parametrize(
    ("components", "message_type", "content"),
    [
        ([BODY], "text", {"text": "Hi $(name)"}),
        ([{"Type": "body", "Text": "b" * 1000}], "text", {"text": "b" * 1000}),
        ([IMAGE], "image", {"link": PNG}),
        ([DOCUMENT], "document", {"link": PDF, "fileName": "d.pdf", "fileType": "PDF"}),
        ([IMAGE, BODY], "text_image", {"text": "Hi $(name)", "link": PNG}),
        (
            [BODY, BUTTONS],
            "text_button",
            {"text": "Hi $(name)", "caption": "Open", "action": "https://a.example/$(id)"},
        ),
        (
            [BUTTONS, IMAGE, BODY],
            "text_image_button",
            {"text": "Hi $(name)", "link": PNG, "caption": "Open", "action": "https://a.example/$(id)"},
        ),
        ([VIDEO], "video", CLIP),
        ([VIDEO | {"Duration": 0.4}], "video", CLIP | {"duration": 1}),
        ([VIDEO, BODY], "text_video", {"text": "Hi $(name)", **CLIP}),
        (
            [VIDEO, BODY, button(Url="")],
            "text_video_button",
            {"text": "Hi $(name)", **CLIP, "caption": "Open"},
        ),
        # Viber opens the video itself: a URL is passed over.
        (
            [VIDEO, BODY, BUTTONS],
            "text_video_button",
            {"text": "Hi $(name)", **CLIP, "caption": "Open"},
        ),
        (
            [BODY, button(Text="c" * 30, Type="url")],
            "text_button",
            {"text": "Hi $(name)", "caption": "c" * 30, "action": "https://a.example/$(id)"},
        ),
    ],
)
def test_what_the_components_come_to(components: Any, message_type: str, content: dict[str, Any]) -> None:
    assert read_components(components) == ((message_type, content), [])


@pytest.mark.parametrize(
    ("components", "faults"),
    [
        ([], [("MissingComponents", "")]),
        ([{"Text": "Hi"}], [("MissingType", "[0].Type")]),
        ([BODY, {"Type": "FOOTER", "Text": "Acme"}], [(INVALID, "[1].Type")]),
        ([BODY, {"Type": "CAROUSEL"}], [(INVALID, "[1].Type")]),
        ([BODY, {"Type": "LIMITED_TIME_OFFER"}], [(INVALID, "[1].Type")]),
        ([BODY, BODY], [(INVALID, "[1].Type")]),
        ([{"Type": "BODY"}], [("MissingText", "BODY.Text")]),
        ([BODY | {"Text": 7}], [("MissingText", "BODY.Text")]),
        ([BODY | {"Text": "Hi {{1}}"}], [("InvalidParameter.MessageInvalid", "BODY.Text")]),
        ([BODY | {"Text": "b" * 1001}], [(INVALID, "BODY.Text")]),
        ([{"Type": "HEADER", "Format": "TEXT", "Text": "t"}], [(NO_SUCH_HEADER, "HEADER.Format")]),
        ([{"Type": "HEADER", "Url": PNG}], [(NO_SUCH_HEADER, "HEADER.Format")]),
        ([IMAGE | {"Url": ""}], [("MissingUrl", "HEADER.Url")]),
        ([IMAGE | {"Url": None}], [("MissingUrl", "HEADER.Url")]),
        ([IMAGE | {"Url": "https://a.example/$(id)"}], [(FILE_URL, "HEADER.Url")]),
        ([IMAGE | {"Url": "a.example/i.png"}], [(FILE_URL, "HEADER.Url")]),
        ([DOCUMENT | {"FileName": "n" * 26}], [(INVALID, "HEADER.FileName")]),
        ([DOCUMENT | {"FileName": ""}], [(INVALID, "HEADER.FileName")]),
        ([DOCUMENT | {"FileType": "exe"}], [(INVALID, "HEADER.FileType")]),
        ([VIDEO | {"ThumbUrl": ""}], [(INVALID, "HEADER.ThumbUrl")]),
        ([VIDEO | {"ThumbUrl": "i.png"}], [(INVALID, "HEADER.ThumbUrl")]),
        ([VIDEO | {"Duration": None}], [(INVALID, "HEADER.Duration")]),
        ([VIDEO | {"Duration": 601}], [(INVALID, "HEADER.Duration")]),
        ([VIDEO | {"Duration": "long"}], [(INVALID, "HEADER.Duration")]),
        ([VIDEO, button(Url="")], [(INVALID, "")]),
        ([VIDEO, BODY, button(Text="", Url="")], [("MissingText", "BUTTONS.Buttons[0].Text")]),
        ([IMAGE | {"Url": "http://a.example/i.png"}], [(FILE_URL, "HEADER.Url")]),
        ([BODY, button(Url="")], [("MissingUrl", "BUTTONS.Buttons[0].Url")]),
        ([BUTTONS], [(INVALID, "")]),
        ([DOCUMENT, BODY], [(INVALID, "")]),
        ([DOCUMENT, BUTTONS], [(INVALID, "")]),
        ([IMAGE, BUTTONS], [(INVALID, "")]),
        ([BODY, {"Type": "BUTTONS"}], [(INVALID, "BUTTONS.Buttons")]),
        ([BODY, {"Type": "BUTTONS", "Buttons": []}], [(INVALID, "BUTTONS.Buttons")]),
        ([BODY, {"Type": "BUTTONS", "Buttons": [URL, URL]}], [(INVALID, "BUTTONS.Buttons")]),
        ([BODY, {"Type": "BUTTONS", "Buttons": ["URL"]}], [(INVALID, "BUTTONS.Buttons")]),
        ([BODY, button(Type="QUICK_REPLY")], [(INVALID, "BUTTONS.Buttons[0].Type")]),
        ([BODY, button(Type=None)], [(INVALID, "BUTTONS.Buttons[0].Type")]),
        (
            [BODY, button(Text="", Url=7)],
            [("MissingText", "BUTTONS.Buttons[0].Text"), ("MissingUrl", "BUTTONS.Buttons[0].Url")],
        ),
        (
            [BODY, button(Text="Hi $(name)")],
            [("InvalidParameter.ButtonTextHaveVariable", "BUTTONS.Buttons[0].Text")],
        ),
        (
            [BODY, button(Url="https://a.example/$(a)/$(b)")],
            [("InvalidParameter.UrlMoreVarable", "BUTTONS.Buttons[0].Url")],
        ),
        ([BODY, button(Text="c" * 31)], [(INVALID, "BUTTONS.Buttons[0].Text")]),
        ([BODY, button(Url="tel:10086")], [(INVALID, "BUTTONS.Buttons[0].Url")]),
    ],
)
def test_what_is_wrong_with_the_components(components: Any, faults: list[tuple[str, str]]) -> None:
    assert faults_of(components) == faults


def declared(message_type: str, content: dict[str, Any], *components: dict[str, Any]) -> Template:
    return Template(
        code="1",
        name="n",
        language="en",
        account_id=AccountId("1"),
        space_id=None,
        channel="viber",
        message_type=message_type,
        content=content,
        components=components,
        status="pass",
    )


@pytest.mark.parametrize(
    ("message_type", "content", "components"),
    [
        ("text", {"text": "Hi"}, [{"Type": "BODY", "Text": "Hi"}]),
        ("image", {"link": PNG}, [IMAGE]),
        (
            "document",
            {"link": PDF, "fileName": "d.pdf", "fileType": "pdf"},
            [{**DOCUMENT, "FileType": "pdf"}],
        ),
        (
            "text_video_button",
            {"text": "Hi", "link": "https://a.example/v", "thumbnail": PNG, "duration": 3, "caption": "Open"},
            [
                {
                    "Type": "HEADER",
                    "Format": "VIDEO",
                    "Url": "https://a.example/v",
                    "ThumbUrl": PNG,
                    "Duration": 3,
                },
                {"Type": "BODY", "Text": "Hi"},
                {"Type": "BUTTONS", "Buttons": [{"Type": "URL", "Text": "Open", "Url": ""}]},
            ],
        ),
        (
            "text_image_button",
            {"text": "Hi", "link": PNG, "caption": "Open", "action": "https://a.example"},
            [
                IMAGE,
                {"Type": "BODY", "Text": "Hi"},
                {"Type": "BUTTONS", "Buttons": [{"Type": "URL", "Text": "Open", "Url": "https://a.example"}]},
            ],
        ),
    ],
)
def test_the_components_of_a_template_that_the_operator_declared(
    message_type: str, content: dict[str, Any], components: list[dict[str, Any]]
) -> None:
    assert components_of(declared(message_type, content)) == components


def test_the_components_of_a_call_are_shown_as_they_came_and_are_a_copy() -> None:
    part = {"Type": "BODY", "Text": "Hi", "Odd": True}
    shown = components_of(declared("text", {"text": "Hi"}, part))
    assert shown == [part]
    shown[0]["Text"] = "changed"
    assert part["Text"] == "Hi"


@pytest.mark.parametrize(
    ("content", "links"),
    [
        ({"text": "Hi"}, []),
        ({"link": PNG}, [PNG]),
        ({"media": {"format": "image", "link": PNG}}, [PNG]),
        ({"media": {"format": "image", "link": "$(picture)"}}, []),
        (
            {"cards": [{"media": {"link": PNG}}, {"media": {"link": PDF}}, {"media": {"link": PNG}}]},
            [PNG, PDF],
        ),
    ],
)
def test_the_files_that_are_the_same_for_every_message(content: dict[str, Any], links: list[str]) -> None:
    assert files_of(content) == links
