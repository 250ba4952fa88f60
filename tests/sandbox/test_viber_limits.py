"""The limits of the partner API at their edges: the last value that is taken and the first that is not.

Sources: as in `waypost.sandbox.viber_rules`.
"""

from typing import Any

import pytest

from tests.sandbox.test_viber_rules import BODY, BUTTON, CARD, CARDS, FILE, FILM, FILM_MEMBERS, LIST, OTP, T
from waypost.sandbox.viber_rules import check

Body = dict[str, Any]
LONG_LINK = "https://" + "x" * 992


def cards(**changes: Any) -> Body:
    return CARDS | {"carousel": {"items": [CARD, CARD | changes]}}


def label(length: int) -> dict[str, str]:
    return {"label": "x" * length, "actionUrl": "https://a/b"}


# Status, the last body that is taken, the first that is refused.
EDGES: dict[str, tuple[int, Body, Body]] = {
    "text of 1,000": (
        3,
        BODY | {"message": {"#txt": "x" * 1000, **T}},
        BODY | {"message": {"#txt": "x" * 1001, **T}},
    ),
    "text of 1,000 characters of four bytes": (
        3,
        BODY | {"message": {"#txt": "\U0001f600" * 1000, **T}},
        BODY | {"message": {"#txt": "\U0001f600" * 1001, **T}},
    ),
    "ttl of 30": (20, BODY | {"ttl": 30}, BODY | {"ttl": 29}),
    "ttl of 14 days": (20, BODY | {"ttl": 1_209_600}, BODY | {"ttl": 1_209_601}),
    "ttl is a whole number": (20, BODY | {"ttl": 60}, BODY | {"ttl": 60.5}),
    "ttl is no boolean": (20, BODY | {"ttl": 30}, BODY | {"ttl": True}),
    "dest of 7": (27, BODY | {"dest": "1234567"}, BODY | {"dest": "123456"}),
    "dest of 15": (27, BODY | {"dest": "1" * 15}, BODY | {"dest": "1" * 16}),
    "dest is text": (27, BODY | {"dest": "1234567"}, BODY | {"dest": 1234567}),
    "caption of 30": (
        6,
        BODY | {"type": 208, "message": BUTTON | {"#caption": "x" * 30}},
        BODY | {"type": 208, "message": BUTTON | {"#caption": "x" * 31}},
    ),
    "picture by https": (
        6,
        BODY | {"type": 207, "message": {"#img": "https://a/i", **T}},
        BODY | {"type": 207, "message": {"#img": "ftp://a/i", **T}},
    ),
    "seq is a whole number": (6, BODY | {"seq": 0}, BODY | {"seq": 1.5}),
    "tag is text": (6, BODY | {"tag": ""}, BODY | {"tag": None}),
    "file name of 25": (
        29,
        FILE | {"message": FILE["message"] | {"#fileName": "x" * 25}},
        FILE | {"message": FILE["message"] | {"#fileName": "x" * 26}},
    ),
    "file type in any case": (28, FILE | {"file_type": "XLSX"}, FILE | {"file_type": "zip"}),
    "thumbnail of 1,000": (
        30,
        FILM | {"message": FILM_MEMBERS | {"#thumbnail": LONG_LINK}},
        FILM | {"message": FILM_MEMBERS | {"#thumbnail": LONG_LINK + "x"}},
    ),
    "film of 200 MiB": (31, FILM | {"file_size": 209_715_200}, FILM | {"file_size": 209_715_201}),
    "film of a byte": (31, FILM | {"file_size": 1}, FILM | {"file_size": 0}),
    "film of 10 minutes": (32, FILM | {"duration": 600}, FILM | {"duration": 601}),
    "film of a second": (32, FILM | {"duration": 1}, FILM | {"duration": 0}),
    "parameter of 125": (
        39,
        OTP | {"templateParams": {"pin": "1" * 125}},
        OTP | {"templateParams": {"pin": "1" * 126}},
    ),
    "parameters are an object": (39, OTP | {"templateParams": {}}, OTP | {"templateParams": ["1"]}),
    "a template's id": (38, OTP | {"templateId": "o"}, OTP | {"templateId": ""}),
    "2 options": (40, LIST | {"survey": {"options": ["a"] * 2}}, LIST | {"survey": {"options": ["a"]}}),
    "10 options": (
        40,
        LIST | {"survey": {"options": ["a"] * 10}},
        LIST | {"survey": {"options": ["a"] * 11}},
    ),
    "option of 50": (
        40,
        LIST | {"survey": {"options": ["a", "x" * 50]}},
        LIST | {"survey": {"options": ["a", "x" * 51]}},
    ),
    "option of 1": (
        40,
        LIST | {"survey": {"options": ["a", "b"]}},
        LIST | {"survey": {"options": ["a", ""]}},
    ),
    "text of a list of 85": (
        40,
        LIST | {"message": {"#txt": "x" * 85, **T}},
        LIST | {"message": {"#txt": "x" * 86, **T}},
    ),
    "2 cards": (41, CARDS, CARDS | {"carousel": {"items": [CARD]}}),
    "5 cards": (41, CARDS | {"carousel": {"items": [CARD] * 5}}, CARDS | {"carousel": {"items": [CARD] * 6}}),
    "title of 2": (41, cards(title="xx"), cards(title="x")),
    "title of 38": (41, cards(title="x" * 38), cards(title="x" * 39)),
    "a card's picture": (41, cards(imageUrl="https://a/i"), cards(imageUrl="")),
    "first button of 10": (41, cards(primaryButton=label(10)), cards(primaryButton=label(11))),
    "first button of 1": (41, cards(primaryButton=label(1)), cards(primaryButton=label(0))),
    "second button of 12": (41, cards(secondaryButton=label(12)), cards(secondaryButton=label(13))),
    "second button's address": (41, cards(secondaryButton=label(2)), cards(secondaryButton={"label": "xx"})),
}


@pytest.mark.parametrize(("status", "accepted", "refused"), EDGES.values(), ids=EDGES)
def test_edge(status: int, accepted: Body, refused: Body) -> None:
    assert check(accepted, {1234}) == 0
    assert check(refused, {1234}) == status


TRACKED = [206, 306]
UNTRACKED_PICTURES = [7, 107]


@pytest.mark.parametrize("code", TRACKED)
@pytest.mark.parametrize(("tracking", "status"), [({"#tracking_data": ""}, 0), ({}, 6)])
def test_a_two_way_text_has_tracking_data(code: int, tracking: dict[str, str], status: int) -> None:
    assert check(BODY | {"type": code, "message": {"#txt": "hi", **tracking}}, {1234}) == status


@pytest.mark.parametrize("code", UNTRACKED_PICTURES)
@pytest.mark.parametrize(("tracking", "status"), [({"#tracking_data": ""}, 6), ({}, 0)])
def test_a_one_way_picture_has_none(code: int, tracking: dict[str, str], status: int) -> None:
    assert check(BODY | {"type": code, "message": {"#img": "https://a/i", **tracking}}, {1234}) == status


# The first thing that is wrong is what is answered: in this order, each row with all the later faults too.
PRECEDENCE: list[tuple[int, Body]] = [
    (2, {"service_id": 1}),
    (3, {"message": {"#txt": "x" * 1001}}),
    (5, {"type": 999}),
    (27, {"dest": ""}),
    (18, {"label": "otp"}),
    (20, {"ttl": 1}),
    (6, {"seq": "1"}),
]


@pytest.mark.parametrize("first", range(len(PRECEDENCE)))
def test_of_several_faults_the_first_is_answered(first: int) -> None:
    body = dict(BODY)
    for _, changes in PRECEDENCE[first:]:
        body |= changes
    assert check(body, {1234}) == PRECEDENCE[first][0]
