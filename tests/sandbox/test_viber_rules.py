"""Each limit of the partner API and the status that answers for it."""

from typing import Any

import pytest

from waypost.sandbox.viber_rules import check

T = {"#tracking_data": ""}
TEXT = {"#txt": "hi", **T}
BODY: dict[str, Any] = {
    "service_id": 1234,
    "dest": "380501112233",
    "seq": 1,
    "type": 206,
    "label": "transaction",
    "ttl": 60,
    "message": TEXT,
}
FILE = {
    **BODY,
    "type": 220,
    "file_type": "pdf",
    "message": {"#action": "https://a/d", "#fileName": "d.pdf", **T},
}
FILM_MEMBERS = {"#action": "https://a/v", "#thumbnail": "https://a/t", **T}
FILM = {**BODY, "type": 230, "file_size": 1, "duration": 1, "message": FILM_MEMBERS}
OTP = {
    **BODY,
    "type": 1702,
    "templateId": "otp",
    "templateLang": "en",
    "templateParams": {"pin": "123"},
    "message": {},
}
LIST = {**BODY, "type": 801, "survey": {"list_message_ui_type": 1, "options": ["a", "b"]}}
CARD = {
    "title": "Shoes",
    "imageUrl": "https://a/i",
    "primaryButton": {"label": "Buy", "actionUrl": "https://a/b"},
}
CARDS = {**BODY, "type": 901, "carousel": {"items": [CARD, CARD]}, "message": T}
BUTTON = {"#txt": "hi", "#img": "https://a/i", "#caption": "Go", "#action": "https://a/g", **T}


def without(member: str, body: dict[str, Any] = BODY) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != member}


FINE: dict[str, dict[str, Any]] = {
    "text": BODY,
    "1000 characters": {**BODY, "message": {"#txt": "x" * 1000, **T}},
    "no ttl": without("ttl"),
    "no seq": without("seq"),
    "the longest ttl": {**BODY, "ttl": 1_209_600},
    "promotion": {**BODY, "label": "promotion", "type": 225},
    "legacy text without tracking": {**BODY, "type": 106, "message": {"#txt": "hi"}},
    "image": {**BODY, "type": 207, "message": {"#img": "https://a/i", **T}},
    "image without tracking": {**BODY, "type": 107, "message": {"#img": "https://a/i"}},
    "button": {**BODY, "type": 208, "message": BUTTON},
    "an empty button": {**BODY, "type": 208, "message": {**BUTTON, "#caption": "", "#action": ""}},
    "file": FILE,
    "film": FILM,
    "template": OTP,
    "list": LIST,
    "carousel": CARDS,
}

BAD: dict[str, tuple[object, int]] = {
    "not an object": ([], 3),
    "message no object": ({**BODY, "message": "hi"}, 3),
    "a member that is no text": ({**BODY, "message": {"#txt": 5, **T}}, 3),
    "1001 characters": ({**BODY, "message": {"#txt": "x" * 1001, **T}}, 3),
    "no service": (without("service_id"), 2),
    "a stranger's service": ({**BODY, "service_id": 1}, 2),
    "a service as text": ({**BODY, "service_id": "1234"}, 2),
    "no type": (without("type"), 5),
    "unheard-of type": ({**BODY, "type": 999}, 5),
    "true for a type": ({**BODY, "type": True}, 5),
    "no text": ({**BODY, "message": T}, 6),
    "an empty text": ({**BODY, "message": {"#txt": "", **T}}, 6),
    "tracking data missing": ({**BODY, "message": {"#txt": "hi"}}, 6),
    "tracking data unwanted": ({**BODY, "type": 107, "message": {"#img": "https://a/i", **T}}, 6),
    "a caption without action": ({**BODY, "type": 208, "message": {**BUTTON, "#action": ""}}, 6),
    "a caption too long": ({**BODY, "type": 208, "message": {**BUTTON, "#caption": "x" * 31}}, 6),
    "a picture not by https": ({**BODY, "type": 208, "message": {**BUTTON, "#img": "http://a/i"}}, 6),
    "an empty button without picture": (
        {**BODY, "type": 209, "message": {**TEXT, "#caption": "", "#action": ""}},
        6,
    ),
    "seq as text": ({**BODY, "seq": "1"}, 6),
    "a tag that is no text": ({**BODY, "tag": 1}, 6),
    "no label": (without("label"), 18),
    "another label": ({**BODY, "label": "otp"}, 18),
    "a ttl too short": ({**BODY, "ttl": 29}, 20),
    "a ttl too long": ({**BODY, "ttl": 1_209_601}, 20),
    "a ttl as text": ({**BODY, "ttl": "60"}, 20),
    "no dest": (without("dest"), 27),
    "a dest with a plus": ({**BODY, "dest": "+380501112233"}, 27),
    "a dest too short": ({**BODY, "dest": "123456"}, 27),
    "a dest in other digits": ({**BODY, "dest": "٣٨٠٥٠١١١٢٢٣٣"}, 27),
    "a program": ({**FILE, "file_type": "exe"}, 28),
    "no file type": (without("file_type", FILE), 28),
    "a file name too long": ({**FILE, "message": {**FILE["message"], "#fileName": "x" * 26}}, 29),
    "no thumbnail": ({**FILM, "message": without("#thumbnail", FILM_MEMBERS)}, 30),
    "a thumbnail too long": (
        {**FILM, "message": {**FILM_MEMBERS, "#thumbnail": "https://" + "x" * 1000}},
        30,
    ),
    "a film too big": ({**FILM, "file_size": 200 * 1024 * 1024 + 1}, 31),
    "no film size": (without("file_size", FILM), 31),
    "a film too long": ({**FILM, "duration": 601}, 32),
    "no film duration": (without("duration", FILM), 32),
    "no template": (without("templateId", OTP), 38),
    "a parameter too long": ({**OTP, "templateParams": {"pin": "1" * 126}}, 39),
    "a parameter that is no text": ({**OTP, "templateParams": {"pin": 1}}, 39),
    "no options": (without("survey", LIST), 40),
    "one option": ({**LIST, "survey": {"options": ["a"]}}, 40),
    "an option too long": ({**LIST, "survey": {"options": ["a", "x" * 51]}}, 40),
    "a list text too long": ({**LIST, "message": {"#txt": "x" * 86, **T}}, 40),
    "one card": ({**CARDS, "carousel": {"items": [CARD]}}, 41),
    "a title too short": ({**CARDS, "carousel": {"items": [CARD, {**CARD, "title": "x"}]}}, 41),
    "no first button": ({**CARDS, "carousel": {"items": [CARD, without("primaryButton", CARD)]}}, 41),
}


@pytest.mark.parametrize("body", FINE.values(), ids=FINE)
def test_fine(body: dict[str, Any]) -> None:
    assert check(body, {1234}) == 0


@pytest.mark.parametrize(("body", "status"), BAD.values(), ids=BAD)
def test_refused(body: object, status: int) -> None:
    assert check(body, {1234}) == status
