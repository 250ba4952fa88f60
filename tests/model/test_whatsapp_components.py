"""The components of a WhatsApp template: what they come to, and what is wrong, by code and parameter.

Limits: other-operations.md, CreateChatappTemplate; what ChatApp leaves open is Meta's.
"""

from typing import Any

import pytest

from waypost.model.templates.whatsapp_components import check_name, check_terms, read_whatsapp_components

INVALID = "InvalidComponents"
VARIABLES_IN_HEADER = "InvalidParameter.HeaderMoreVarable"
MESSAGE_INVALID = "InvalidParameter.MessageInvalid"
NO_SUCH_HEADER = "InvalidParameter.HeaderTypeNotSupport"
FILE_URL = "InvalidParameter.FileUrlError"
PNG = "https://a.example/i.png"

BODY: dict[str, Any] = {"Type": "BODY", "Text": "Hi $(name)"}
TITLE: dict[str, Any] = {"Type": "HEADER", "Format": "TEXT", "Text": "Hello $(day)"}
IMAGE: dict[str, Any] = {"Type": "HEADER", "Format": "IMAGE", "Url": PNG}
VIDEO: dict[str, Any] = {"Type": "HEADER", "Format": "VIDEO", "Url": "https://a.example/v.mp4"}
FOOTER: dict[str, Any] = {"Type": "FOOTER", "Text": "Acme"}
URL: dict[str, Any] = {"Type": "URL", "Text": "Open", "Url": "https://a.example/$(id)"}
REPLY: dict[str, Any] = {"Type": "QUICK_REPLY", "Text": "Yes"}
BUTTONS: dict[str, Any] = {"Type": "BUTTONS", "Buttons": [URL]}
OFFER: dict[str, Any] = {"Type": "LIMITED_TIME_OFFER", "Text": "Ends soon"}
COPY: dict[str, Any] = {"Type": "BUTTONS", "Buttons": [{"Type": "COPY_CODE", "Text": "Copy"}]}


def card(*components: dict[str, Any]) -> dict[str, Any]:
    return {"CardComponents": list(components)}


CARD_BODY: dict[str, Any] = {"Type": "BODY", "Text": "Only $(price)"}
CARD = card(IMAGE, CARD_BODY)


def carousel(*cards: object) -> dict[str, Any]:
    return {"Type": "CAROUSEL", "Cards": list(cards)}


def faults_of(components: Any, category: str = "MARKETING") -> list[tuple[str, str]]:
    """Code and parameter, without the `Components` that all of them begin with, of every fault."""
    made, faults = read_whatsapp_components(components, category)
    assert not faults or made == ("", {})
    assert all(fault.parameter.startswith("Components") for fault in faults)
    return [(fault.code, fault.parameter.removeprefix("Components").lstrip(".")) for fault in faults]


@pytest.mark.parametrize(
    ("category", "components", "content"),
    [
        ("UTILITY", [BODY], {"text": "Hi $(name)"}),
        ("UTILITY", [{"Type": "body", "Text": "Hi"}], {"text": "Hi"}),
        ("MARKETING", [{"Type": "BODY", "Text": "b" * 1024}], {"text": "b" * 1024}),
        ("UTILITY", [TITLE, BODY, FOOTER], {"text": "Hi $(name)", "header": "Hello $(day)"}),
        ("UTILITY", [BODY, TITLE | {"Text": "t" * 60}], {"text": "Hi $(name)", "header": "t" * 60}),
        ("UTILITY", [BODY, FOOTER | {"Text": "f" * 60}], {"text": "Hi $(name)"}),
        ("UTILITY", [BODY, IMAGE], {"text": "Hi $(name)", "media": {"format": "image", "link": PNG}}),
        (
            "UTILITY",
            [BODY, IMAGE | {"Url": "$(picture)"}],
            {"text": "Hi $(name)", "media": {"format": "image", "link": "$(picture)"}},
        ),
        (
            "UTILITY",
            [
                BODY,
                {"Type": "HEADER", "Format": "document", "Url": "HTTP://a.example/d", "FileName": "d.pdf"},
            ],
            {
                "text": "Hi $(name)",
                "media": {"format": "document", "link": "HTTP://a.example/d", "fileName": "d.pdf"},
            },
        ),
        (
            "UTILITY",
            [BODY, {"Type": "HEADER", "Format": "DOCUMENT", "Url": "https://a.example/d", "FileName": ""}],
            {"text": "Hi $(name)", "media": {"format": "document", "link": "https://a.example/d"}},
        ),
        (
            "UTILITY",
            [BODY, BUTTONS],
            {"text": "Hi $(name)", "buttons": [{"kind": "URL", "value": "$(id)"}]},
        ),
        (
            "MARKETING",
            [BODY, OFFER | {"Text": "o" * 16}, BUTTONS],
            {"text": "Hi $(name)", "buttons": [{"kind": "URL", "value": "$(id)"}]},
        ),
        (
            "MARKETING",
            [{"Type": "BODY", "Text": "b" * 600}, OFFER | {"HasExpiration": True}, BUTTONS],
            {
                "text": "b" * 600,
                "expiration": "$(expiration_time_ms)",
                "buttons": [{"kind": "URL", "value": "$(id)"}],
            },
        ),
        (
            "MARKETING",
            [BODY, carousel(CARD, card(IMAGE, {"Type": "BODY", "Text": "b" * 160}))],
            {
                "text": "Hi $(name)",
                "cards": [
                    {"media": {"format": "image", "link": PNG}, "text": "Only $(price)"},
                    {"media": {"format": "image", "link": PNG}, "text": "b" * 160},
                ],
            },
        ),
        (
            "MARKETING",
            [BODY, carousel(*[card(VIDEO, CARD_BODY, {"Type": "BUTTONS", "Buttons": [REPLY]})] * 10)],
            {
                "text": "Hi $(name)",
                "cards": [
                    {
                        "media": {"format": "video", "link": "https://a.example/v.mp4"},
                        "text": "Only $(price)",
                        "buttons": [{"kind": "QUICK_REPLY", "value": ""}],
                    }
                ]
                * 10,
            },
        ),
        (
            "AUTHENTICATION",
            [{"Type": "BODY", "AddSecretRecommendation": True}, COPY],
            {"text": "$(code)", "buttons": [{"kind": "OTP", "value": "$(code)"}]},
        ),
        (
            "AUTHENTICATION",
            [{"Type": "BODY", "Text": ""}, {"Type": "FOOTER", "CodeExpirationMinutes": 90}, COPY],
            {"text": "$(code)", "buttons": [{"kind": "OTP", "value": "$(code)"}]},
        ),
    ],
)
def test_what_the_components_come_to(
    category: str, components: list[dict[str, Any]], content: dict[str, Any]
) -> None:
    assert read_whatsapp_components(components, category) == (("text", content), [])


@pytest.mark.parametrize(
    ("components", "faults"),
    [
        ([], [("MissingComponents", "")]),
        ([FOOTER], [(INVALID, "")]),
        ([7], [(INVALID, "[0]"), (INVALID, "")]),
        ([{"Text": "Hi"}], [("MissingType", "[0].Type"), (INVALID, "")]),
        ([BODY, {"Type": None}], [("MissingType", "[1].Type")]),
        ([BODY, {"Type": "SOUND"}], [(INVALID, "[1].Type")]),
        ([BODY, FOOTER, BODY], [(INVALID, "[2].Type")]),
        ([{"Type": "BODY"}], [("MissingText", "BODY.Text")]),
        ([BODY | {"Text": 7}], [("MissingText", "BODY.Text")]),
        ([BODY | {"Text": "Hi {{1}}"}], [(MESSAGE_INVALID, "BODY.Text")]),
        ([BODY | {"Text": "b" * 1025}], [(INVALID, "BODY.Text")]),
        ([BODY, TITLE | {"Format": "AUDIO"}], [(NO_SUCH_HEADER, "HEADER.Format")]),
        ([BODY, {"Type": "HEADER", "Text": "t"}], [(NO_SUCH_HEADER, "HEADER.Format")]),
        ([BODY, TITLE | {"Text": ""}], [("MissingText", "HEADER.Text")]),
        ([BODY, TITLE | {"Text": "t" * 61}], [(INVALID, "HEADER.Text")]),
        ([BODY, TITLE | {"Text": "$(a) $(b)"}], [(VARIABLES_IN_HEADER, "HEADER.Text")]),
        ([BODY, TITLE | {"Text": "{{1}}"}], [(VARIABLES_IN_HEADER, "HEADER.Text")]),
        ([BODY, IMAGE | {"Url": ""}], [("MissingUrl", "HEADER.Url")]),
        ([BODY, IMAGE | {"Url": [PNG]}], [("MissingUrl", "HEADER.Url")]),
        ([BODY, IMAGE | {"Url": "ftp://a.example/i.png"}], [(FILE_URL, "HEADER.Url")]),
        ([BODY, IMAGE | {"Url": "https://a.example/$(id).png"}], [(FILE_URL, "HEADER.Url")]),
        ([BODY, IMAGE | {"Url": "$(a)$(b)"}], [(VARIABLES_IN_HEADER, "HEADER.Url")]),
        ([BODY, FOOTER | {"Text": ""}], [("MissingText", "FOOTER.Text")]),
        ([BODY, FOOTER | {"Text": ["Acme"]}], [("MissingText", "FOOTER.Text")]),
        ([BODY, FOOTER | {"Text": "$(who)"}], [("InvalidParameter.FooterHaveVariable", "FOOTER.Text")]),
        ([BODY, FOOTER | {"Text": "{{1}}"}], [("InvalidParameter.FooterHaveVariable", "FOOTER.Text")]),
        ([BODY, FOOTER | {"Text": "f" * 61}], [(INVALID, "FOOTER.Text")]),
        ([BODY, {"Type": "BUTTONS"}], [(INVALID, "BUTTONS.Buttons")]),
        ([BODY, {"Type": "BUTTONS", "Buttons": [{}]}], [("MissingType", "BUTTONS.Buttons[0].Type")]),
        (
            [BODY | {"Text": ""}, TITLE | {"Text": ""}, FOOTER | {"Text": ""}],
            [("MissingText", "BODY.Text"), ("MissingText", "HEADER.Text"), ("MissingText", "FOOTER.Text")],
        ),
    ],
)
def test_what_is_wrong_with_the_components(components: Any, faults: list[tuple[str, str]]) -> None:
    assert faults_of(components, "UTILITY") == faults


@pytest.mark.parametrize(
    ("components", "faults"),
    [
        ([BODY, OFFER | {"Text": ""}, BUTTONS], [("MissingText", "LIMITED_TIME_OFFER.Text")]),
        ([BODY, OFFER | {"Text": "o" * 17}, BUTTONS], [(INVALID, "LIMITED_TIME_OFFER.Text")]),
        ([BODY | {"Text": "b" * 601}, OFFER, BUTTONS], [(INVALID, "BODY.Text")]),
        ([BODY, OFFER], [(INVALID, "LIMITED_TIME_OFFER")]),
        ([BODY, OFFER, BUTTONS, FOOTER], [(INVALID, "FOOTER")]),
    ],
)
def test_what_is_wrong_with_a_limited_time_offer(components: Any, faults: list[tuple[str, str]]) -> None:
    assert faults_of(components) == faults


@pytest.mark.parametrize("component", [OFFER, carousel(CARD, CARD)], ids=["LIMITED_TIME_OFFER", "CAROUSEL"])
@pytest.mark.parametrize("category", ["UTILITY", "MARKETING"])
def test_offers_and_carousels_are_for_marketing_alone(component: dict[str, Any], category: str) -> None:
    beside = [BUTTONS] if component is OFFER else []
    expected = [] if category == "MARKETING" else [(INVALID, component["Type"])]
    assert faults_of([BODY, component, *beside], category) == expected


CARDS = "CAROUSEL.Cards"
REPLIES: dict[str, Any] = {"Type": "BUTTONS", "Buttons": [REPLY]}
TWO_BUTTONS: dict[str, Any] = {"Type": "BUTTONS", "Buttons": [REPLY, URL]}
AT_ONE = f"{CARDS}[1].CardComponents"


@pytest.mark.parametrize(
    ("cards", "faults"),
    [
        ([], [(INVALID, CARDS)]),
        ([CARD], [(INVALID, CARDS)]),
        ([CARD] * 11, [(INVALID, CARDS)]),
        ([CARD, 7], [(INVALID, AT_ONE), (INVALID, AT_ONE)]),
        ([CARD, card()], [(INVALID, AT_ONE), (INVALID, AT_ONE)]),
        ([CARD, {"CardComponents": {}}], [(INVALID, AT_ONE), (INVALID, AT_ONE)]),
        ([CARD, card(IMAGE)], [(INVALID, AT_ONE)]),
        ([CARD, card(CARD_BODY)], [(INVALID, AT_ONE)]),
        ([CARD, card(IMAGE, CARD_BODY, FOOTER)], [(INVALID, f"{AT_ONE}[2].Type")]),
        ([CARD, card(TITLE, CARD_BODY)], [(NO_SUCH_HEADER, f"{AT_ONE}.HEADER.Format")]),
        (
            [CARD, card({"Type": "HEADER", "Format": "DOCUMENT", "Url": PNG}, CARD_BODY)],
            [(NO_SUCH_HEADER, f"{AT_ONE}.HEADER.Format")],
        ),
        ([CARD, card(IMAGE, {"Type": "BODY", "Text": "b" * 161})], [(INVALID, f"{AT_ONE}.BODY.Text")]),
        ([CARD, card(VIDEO, CARD_BODY)], [(INVALID, CARDS)]),
        ([CARD, card(IMAGE, CARD_BODY, REPLIES)], [(INVALID, CARDS)]),
        ([card(IMAGE, CARD_BODY, REPLIES), card(IMAGE, CARD_BODY, BUTTONS)], [(INVALID, CARDS)]),
        ([card(IMAGE, CARD_BODY, TWO_BUTTONS)] * 2, []),
        (
            [CARD, card(IMAGE, CARD_BODY, {"Type": "BUTTONS", "Buttons": [REPLY] * 3})],
            [(INVALID, f"{AT_ONE}.BUTTONS.Buttons")],
        ),
    ],
    ids=ascii,
)
def test_what_is_wrong_with_a_carousel(cards: list[Any], faults: list[tuple[str, str]]) -> None:
    assert faults_of([BODY, carousel(*cards)]) == faults


@pytest.mark.parametrize("beside", [TITLE, FOOTER, BUTTONS], ids=lambda part: part["Type"])
def test_beside_a_carousel_there_is_a_body_alone(beside: dict[str, Any]) -> None:
    assert faults_of([BODY, beside, carousel(CARD, CARD)]) == [(INVALID, "CAROUSEL")]


@pytest.mark.parametrize(
    ("components", "faults"),
    [
        ([{"Type": "BODY"}], [(INVALID, "")]),
        ([BODY, COPY], [(MESSAGE_INVALID, "BODY.Text")]),
        ([{"Type": "BODY"}, FOOTER, COPY], [(MESSAGE_INVALID, "FOOTER.Text")]),
        ([{"Type": "BODY"}, TITLE, COPY], [(NO_SUCH_HEADER, "HEADER")]),
        ([{"Type": "BODY"}, OFFER, COPY], [(INVALID, "LIMITED_TIME_OFFER")]),
        ([{"Type": "BODY"}, carousel(CARD, CARD), COPY], [(INVALID, "CAROUSEL")]),
        ([{"Type": "BODY"}, BUTTONS], [(INVALID, "BUTTONS.Buttons[0].Type")]),
        ([BODY, TITLE], [(MESSAGE_INVALID, "BODY.Text"), (NO_SUCH_HEADER, "HEADER"), (INVALID, "")]),
    ],
)
def test_what_is_wrong_with_the_template_of_a_one_time_password(
    components: Any, faults: list[tuple[str, str]]
) -> None:
    assert faults_of(components, "AUTHENTICATION") == faults


@pytest.mark.parametrize(
    ("minutes", "fine"),
    [
        (None, True),
        ("", True),
        (1, True),
        ("90", True),
        (0, False),
        (91, False),
        (-1, False),
        ("soon", False),
        (1.5, False),
        ("٣", False),
        ("9" * 10, False),
        (True, False),
    ],
)
def test_how_long_a_one_time_password_may_hold(minutes: object, fine: bool) -> None:
    footer = {"Type": "FOOTER", "CodeExpirationMinutes": minutes}
    expected = [] if fine else [(INVALID, "FOOTER.CodeExpirationMinutes")]
    assert faults_of([{"Type": "BODY"}, footer, COPY], "AUTHENTICATION") == expected


@pytest.mark.parametrize(
    ("category", "ttl", "code"),
    [
        ("AUTHENTICATION", None, None),
        ("AUTHENTICATION", 29, "InvalidMessageSendTtlSeconds"),
        ("AUTHENTICATION", 30, None),
        ("AUTHENTICATION", 900, None),
        ("AUTHENTICATION", 901, "InvalidMessageSendTtlSeconds"),
        ("UTILITY", 29, "InvalidMessageSendTtlSeconds"),
        ("UTILITY", 30, None),
        ("UTILITY", 43_200, None),
        ("UTILITY", 43_201, "InvalidMessageSendTtlSeconds"),
        ("MARKETING", None, None),
        ("MARKETING", 1, "InvalidMessageSendTtlSeconds"),
        ("MARKETING", 30, "InvalidMessageSendTtlSeconds"),
        ("utility", None, "InvalidCategory"),
        ("text", 30, "InvalidCategory"),
        ("", None, "InvalidCategory"),
    ],
)
def test_category_and_time_to_live(category: str, ttl: int | None, code: str | None) -> None:
    faults = check_terms(category, ttl)
    assert [(fault.code, fault.parameter) for fault in faults] == (
        [(code, code.removeprefix("Invalid"))] if code else []
    )


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("order_2027", True),
        ("n" * 512, True),
        ("n" * 513, False),
        ("", False),
        ("Order", False),
        ("order-1", False),
        ("order 1", False),
        ("bestätigung", False),
        ("order\n", False),
    ],
    ids=ascii,
)
def test_a_name_is_metas_too(name: str, fine: bool) -> None:
    faults = [(fault.code, fault.parameter) for fault in check_name(name)]
    assert faults == ([] if fine else [("InvalidName", "Name")])
