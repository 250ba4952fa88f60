"""What a person reads of a template that the simulated Meta holds, from the values in a request.

Source: Meta's OpenAPI of the business messaging API (v23.0), `template.components`.
"""

from typing import Any

import pytest

from waypost.model.identifiers import AccountId
from waypost.model.templates.template import Template
from waypost.model.templates.whatsapp_components import read_whatsapp_components
from waypost.sandbox.whatsapp_templates import MismatchError, render_template

LINK = "https://a.example/cat.jpg"
Parts = list[dict[str, Any]]


def template(*components: dict[str, Any], category: str = "MARKETING") -> Template:
    made, faults = read_whatsapp_components(components, category)
    assert faults == []
    return Template(
        code="1",
        name="t",
        language="en",
        account_id=AccountId("1"),
        space_id=None,
        channel="whatsapp",
        message_type=made.message_type,
        content=dict(made.content),
        components=components,
        status="pass",
        category=category,
    )


def body(text: str = "Hello $(name)") -> dict[str, Any]:
    return {"Type": "BODY", "Text": text}


def buttons(*made: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "BUTTONS", "Buttons": list(made)}


def values(kind: str, *texts: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": [{"type": "text", "text": text} for text in texts], **more}


def button_value(place: int, sub_type: str, **parameter: str) -> dict[str, Any]:
    return {"type": "button", "index": str(place), "sub_type": sub_type, "parameters": [parameter]}


def file_value(kind: str, link: str = LINK) -> dict[str, Any]:
    return {"type": "header", "parameters": [{"type": kind, kind: {"link": link}}]}


TEXT = template(body())
TWO = template(body("$(code) is for $(name), $(code)!"))
PLAIN = template(body("Welcome"), {"Type": "FOOTER", "Text": "Bye"})
HEADED = template({"Type": "HEADER", "Format": "TEXT", "Text": "News for $(who)"}, body())
PICTURE = template({"Type": "HEADER", "Format": "IMAGE", "Url": LINK}, body("A cat"))
BUTTONS = template(
    body("Choose"),
    buttons(
        {"Type": "URL", "Text": "Order", "Url": "https://a.example/$(order)"},
        {"Type": "URL", "Text": "Shop", "Url": "https://a.example/"},
        {"Type": "QUICK_REPLY", "Text": "No"},
    ),
)
COUPON = template(body("10 %"), buttons({"Type": "COPY_CODE", "CouponCode": "$(coupon)"}))
ONE_TIME = template(
    {"Type": "BODY"}, buttons({"Type": "COPY_CODE", "Text": "Copy"}), category="AUTHENTICATION"
)
OFFER = template(
    body("Now!"),
    {"Type": "LIMITED_TIME_OFFER", "Text": "Today", "HasExpiration": True},
    buttons({"Type": "URL", "Text": "Order", "Url": "https://a.example/"}),
)
CARD = {
    "CardComponents": [
        {"Type": "HEADER", "Format": "IMAGE", "Url": LINK},
        body("One for $(name)"),
        buttons({"Type": "URL", "Text": "Open", "Url": "https://a.example/$(item)"}),
    ]
}
CAROUSEL = template(body("Look"), {"Type": "CAROUSEL", "Cards": [CARD, CARD]})


def card(place: int, name: str = "Zoe", *, link: str = LINK) -> dict[str, Any]:
    components = [
        file_value("image", link),
        values("body", name),
        button_value(0, "url", text=f"item-{place}"),
    ]
    return {"card_index": place, "components": components}


def carousel(*cards: dict[str, Any]) -> Parts:
    return [{"type": "carousel", "cards": list(cards)}]


OFFER_ENDS = {"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer"}]}

SHOWN: dict[str, tuple[Template, Parts, tuple[str, str]]] = {
    "a value": (TEXT, [values("body", "Zoe")], ("Hello Zoe", "")),
    "in the order of first use": (TWO, [values("body", "17", "Zoe")], ("17 is for Zoe, 17!", "")),
    "a value like a variable": (
        TWO,
        [values("body", "$(name)", "Zoe")],
        ("$(name) is for Zoe, $(name)!", ""),
    ),
    "values by name": (
        TWO,
        [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "parameter_name": "name", "text": "Zoe"},
                    {"type": "text", "parameter_name": "code", "text": "17"},
                ],
            }
        ],
        ("17 is for Zoe, 17!", ""),
    ),
    "nothing to fill in": (PLAIN, [], ("Welcome\nBye", "")),
    "a header": (HEADED, [values("header", "Bob"), values("body", "Zoe")], ("News for Bob\nHello Zoe", "")),
    "a picture": (PICTURE, [file_value("image")], ("A cat", LINK)),
    "another picture": (
        PICTURE,
        [file_value("image", "https://b.example/dog")],
        ("A cat", "https://b.example/dog"),
    ),
    "a button's URL": (
        BUTTONS,
        [button_value(0, "url", text="17")],
        ("Choose\n[Order] https://a.example/17", ""),
    ),
    "a coupon": (
        COUPON,
        [button_value(0, "copy_code", type="coupon_code", coupon_code="SAVE10")],
        ("10 %\n[Copy code] SAVE10", ""),
    ),
    "a one-time password": (
        ONE_TIME,
        [values("body", "123456"), button_value(0, "url", text="123456")],
        ("123456\n[Copy] 123456", ""),
    ),
    "an offer": (OFFER, [OFFER_ENDS], ("Now!", "")),
    "cards": (
        CAROUSEL,
        carousel(card(0), card(1, "Bob", link="https://b.example/")),
        (
            "Look\nOne for Zoe\n[Open] https://a.example/item-0\nOne for Bob\n[Open] https://a.example/item-1",
            LINK,
        ),
    ),
}


@pytest.mark.parametrize(("template", "components", "expected"), SHOWN.values(), ids=SHOWN)
def test_a_person_reads(template: Template, components: Parts, expected: tuple[str, str]) -> None:
    assert render_template(template, components) == expected


MISMATCHES: dict[str, tuple[Template, Parts, str]] = {
    "no value": (TEXT, [], "0 values for the 1 variables of the text"),
    "an empty list of values": (TEXT, [values("body")], "0 values for the 1 variables of the text"),
    "one too many": (TEXT, [values("body", "Zoe", "17")], "2 values for the 1 variables of the text"),
    "one too few": (TWO, [values("body", "17")], "1 values for the 2 variables of the text"),
    "a value for a text without variables": (
        PLAIN,
        [values("body", "x")],
        "1 values for the 0 variables of the text",
    ),
    "a value of another name": (
        TEXT,
        [{"type": "body", "parameters": [{"type": "text", "parameter_name": "nam", "text": "Zoe"}]}],
        "the text has the variables name",
    ),
    "no header": (HEADED, [values("body", "Zoe")], "0 values for the 1 variables of the header"),
    "no picture": (PICTURE, [], "the header is image"),
    "a film for a picture": (PICTURE, [file_value("video")], "the header is image"),
    "a picture for none": (PLAIN, [file_value("image")], "the header is no file"),
    "two pictures": (PICTURE, [file_value("image"), file_value("image")], "the header is image"),
    "no button": (BUTTONS, [], "button 0 has no value"),
    "a value for another button": (BUTTONS, [button_value(1, "url", text="17")], "button 0 has no value"),
    "two values for a button": (BUTTONS, [button_value(0, "url", text="17")] * 2, "button 0 has no value"),
    "a coupon as a URL": (COUPON, [button_value(0, "url", text="SAVE10")], "button 0 has no value"),
    "an offer without an end": (OFFER, [], "the offer has no end"),
    "a card too few": (CAROUSEL, carousel(card(0)), "card 1 is not there once"),
    "a card twice": (CAROUSEL, carousel(card(0), card(0), card(1)), "card 0 is not there once"),
    "no cards": (CAROUSEL, [], "card 0 is not there once"),
    "a card without its value": (
        CAROUSEL,
        carousel({"card_index": 0, "components": [file_value("image")]}, card(1)),
        "0 values for the 1 variables of the text",
    ),
}


@pytest.mark.parametrize(("template", "components", "words"), MISMATCHES.values(), ids=MISMATCHES)
def test_other_values_than_the_template_has_places_for(
    template: Template, components: Parts, words: str
) -> None:
    with pytest.raises(MismatchError) as raised:
        render_template(template, components)
    assert str(raised.value) == words
