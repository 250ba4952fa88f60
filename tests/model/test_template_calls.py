"""The request for a template that the provider itself holds: its name, and each value in its place."""

from typing import Any

import pytest

from waypost.model.identifiers import AccountId
from waypost.model.message.extras import ButtonCall, CardCall, Media, TemplateCall
from waypost.model.templates.calls import template_call
from waypost.model.templates.template import Template

PNG = "https://a.example/i.png"


def template(category: str = "UTILITY", *, registered: str | None = None, **content: Any) -> Template:
    return Template(
        code="1234567890123456789",
        name="greeting",
        language="zh_CN",
        account_id=AccountId("1"),
        space_id=None,
        channel="whatsapp",
        message_type="text",
        content=content,
        status="pass",
        category=category,
        provider_template_id=registered,
    )


def call(**parts: Any) -> TemplateCall:
    return TemplateCall(**({"name": "greeting", "language": "zh_CN"} | parts))


@pytest.mark.parametrize(
    ("one", "params", "expected"),
    [
        (template(text="Hi"), {}, call()),
        (template(text="Hi", registered="greeting_v2"), {}, call(name="greeting_v2")),
        (
            template(text="$(b) and $(a) and $(b)"),
            {"a": "1", "b": "2"},
            call(values=(("b", "2"), ("a", "1"))),
        ),
        (template(text="Hi $(a)"), {"a": "$(a)"}, call(values=(("a", "$(a)"),))),
        (template(text="Hi", header="On $(day)"), {"day": "Monday"}, call(header=(("day", "Monday"),))),
        (
            template(text="Hi", media={"format": "image", "link": "$(picture)"}),
            {"picture": PNG},
            call(media=Media("image", PNG)),
        ),
        (
            template(text="Hi", media={"format": "document", "link": PNG, "fileName": "d.pdf"}),
            {},
            call(media=Media("document", PNG, "d.pdf")),
        ),
        (
            template(
                text="Hi",
                buttons=[
                    {"kind": "URL", "value": "$(id)"},
                    {"kind": "QUICK_REPLY", "value": ""},
                    {"kind": "COPY_CODE", "value": "$(coupon)"},
                    {"kind": "COPY_CODE", "value": "TEN"},
                ],
            ),
            {"id": "42", "coupon": "A1"},
            call(
                buttons=(
                    ButtonCall("URL", "42"),
                    ButtonCall("QUICK_REPLY"),
                    ButtonCall("COPY_CODE", "A1"),
                    ButtonCall("COPY_CODE", "TEN"),
                )
            ),
        ),
        (
            template(
                text="Hi $(name)",
                cards=[
                    {"media": {"format": "image", "link": PNG}, "text": "Only $(price)"},
                    {
                        "media": {"format": "image", "link": "$(picture)"},
                        "text": "Free",
                        "buttons": [{"kind": "URL", "value": "$(id)"}],
                    },
                ],
            ),
            {"name": "Zoe", "price": "5", "picture": "https://a.example/j.png", "id": "9"},
            call(
                values=(("name", "Zoe"),),
                cards=(
                    CardCall(Media("image", PNG), (("price", "5"),)),
                    CardCall(Media("image", "https://a.example/j.png"), (), (ButtonCall("URL", "9"),)),
                ),
            ),
        ),
        (
            template(text="Hi", expiration="$(expiration_time_ms)"),
            {"expiration_time_ms": "1800000000000"},
            call(expires_at=1_800_000_000_000),
        ),
        (
            template("AUTHENTICATION", text="$(code)", buttons=[{"kind": "OTP", "value": "$(code)"}]),
            {"code": "123456"},
            call(values=(("1", "123456"),), buttons=(ButtonCall("OTP", "123456"),)),
        ),
    ],
    ids=[
        "no variables",
        "another name at its provider",
        "in the order of first use, each once",
        "a value is never syntax",
        "a header of text",
        "a header that is a variable",
        "a document's name",
        "buttons",
        "cards",
        "the end of an offer",
        "a one-time password has a numbered variable",
    ],
)
def test_the_call_of_a_template(one: Template, params: dict[str, str], expected: TemplateCall) -> None:
    assert template_call(one, params) == (expected, [])


@pytest.mark.parametrize(
    ("one", "params", "sentences"),
    [
        (
            template(text="$(a) $(b)"),
            {"a": "", "b": "x"},
            ["TemplateParams has an empty value for 'a'; WhatsApp takes none."],
        ),
        (
            template(text="Hi", media={"format": "image", "link": "$(picture)"}),
            {"picture": "i.png"},
            ["With these TemplateParams, `link` is 'i.png'; an http or https URL is needed."],
        ),
        (
            template(text="Hi", buttons=[{"kind": "COPY_CODE", "value": "$(coupon)"}]),
            {"coupon": "TEN OFF"},
            ["a code is 'TEN OFF'; 1 to 15 letters and digits are needed."],
        ),
        (
            template(text="Hi", expiration="$(expiration_time_ms)"),
            {"expiration_time_ms": "tomorrow"},
            ["expiration_time_ms is 'tomorrow'; Unix milliseconds are needed."],
        ),
        (
            template(text="Hi", expiration="$(expiration_time_ms)"),
            {"expiration_time_ms": "١٨"},
            ["expiration_time_ms is '١٨'; Unix milliseconds are needed."],
        ),
        (
            template(
                text="Hi $(name)",
                cards=[
                    {"media": {"format": "image", "link": "$(one)"}, "text": "a"},
                    {
                        "media": {"format": "image", "link": PNG},
                        "text": "b",
                        "buttons": [{"kind": "COPY_CODE", "value": "$(coupon)"}],
                    },
                ],
            ),
            {"name": "", "one": "x", "coupon": "#"},
            [
                "TemplateParams has an empty value for 'name'; WhatsApp takes none.",
                "With these TemplateParams, `link` is 'x'; an http or https URL is needed.",
                "a code is '#'; 1 to 15 letters and digits are needed.",
            ],
        ),
    ],
    ids=["empty", "no URL", "no code", "no time", "no time in ASCII", "all of them, cards too"],
)
def test_values_that_a_provider_would_refuse(
    one: Template, params: dict[str, str], sentences: list[str]
) -> None:
    nothing, faults = template_call(one, params)
    assert nothing == TemplateCall("", "")
    assert {(fault.code, fault.parameter) for fault in faults} == {
        ("InvalidTemplateParams", "TemplateParams")
    }
    assert [fault.message for fault in faults] == sentences
