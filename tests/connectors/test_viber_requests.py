"""The exact request for each MessageType."""

import asyncio
import json
from typing import Any

import msgspec
import pytest

from tests.connectors.providers import Canned, RecordedRequest, canned
from waypost.connectors.contract import Submission
from waypost.connectors.viber.connector import ViberConnector
from waypost.model.message.failures import SendFailure
from waypost.model.message.outcomes import Accepted, Outcome, Refused
from waypost.outbound.client import HttpClient

IMAGE, VIDEO, THUMB, PAGE = "https://a/i.png", "https://a/v.mp4", "https://a/t.png", "https://a/page"
FILM: dict[str, str | int | float] = {"link": VIDEO, "thumbnail": THUMB, "fileSize": "1024", "duration": 30}
FILM_FACTS = {"file_size": 1024, "duration": 30}

SUBMISSION = Submission(
    reference="2023071910220142000000001-0-1",
    number=123456,
    sender="1234",
    recipient="380501112233",
    message_type="text",
    content={"text": "hi"},
    label="promotion",
    ttl=60,
    tag="SaleCamp 12",
    tracking_data="tracking_id:100035",
)
ENVELOPE = {
    "service_id": 1234,
    "dest": "380501112233",
    "seq": 123456,
    "ttl": 60,
    "label": "promotion",
    "tag": "SaleCamp 12",
}
TRACKED = {"#tracking_data": "tracking_id:100035"}

ROWS: dict[str, tuple[dict[str, str | int | float], int, dict[str, Any], dict[str, str]]] = {
    # MessageType: content, type, further top-level members, message members beside the tracking data
    "text": ({"text": "hi"}, 225, {}, {"#txt": "hi"}),
    "image": ({"link": IMAGE}, 207, {}, {"#img": IMAGE}),
    "text_image": (
        {"text": "hi", "link": IMAGE},
        208,
        {},
        {"#txt": "hi", "#img": IMAGE, "#caption": "", "#action": ""},
    ),
    "text_button": (
        {"text": "hi", "caption": "Go", "action": PAGE},
        209,
        {},
        {"#txt": "hi", "#caption": "Go", "#action": PAGE},
    ),
    "text_image_button": (
        {"text": "hi", "link": IMAGE, "caption": "Go", "action": PAGE},
        208,
        {},
        {"#txt": "hi", "#img": IMAGE, "#caption": "Go", "#action": PAGE},
    ),
    "video": ({**FILM}, 230, FILM_FACTS, {"#thumbnail": THUMB, "#action": VIDEO}),
    "text_video": (
        {**FILM, "text": "hi"},
        231,
        FILM_FACTS,
        {"#txt": "hi", "#thumbnail": THUMB, "#action": VIDEO},
    ),
    "text_video_button": (
        {**FILM, "text": "hi", "caption": "Go", "action": PAGE},
        233,
        FILM_FACTS,
        {"#txt": "hi", "#thumbnail": THUMB, "#caption": "Go", "#media": VIDEO, "#action": PAGE},
    ),
    "document": (
        {"link": "https://a/d.pdf", "fileName": "d.pdf", "fileType": "pdf"},
        220,
        {"file_type": "pdf"},
        {"#action": "https://a/d.pdf", "#fileName": "d.pdf"},
    ),
}


def send(submission: Submission, **settings: Any) -> tuple[Outcome, list[RecordedRequest]]:
    async def main() -> tuple[Outcome, list[RecordedRequest]]:
        reply = Canned(body='{"status":0,"seq":123456,"message_token":"5379697806260881548"}')
        async with canned(reply) as provider, HttpClient() as client:
            url = provider.url + "/vibersrvc/1/send_message"
            return await ViberConnector("viber-1", client, url=url, **settings).send(
                submission
            ), provider.requests

    return asyncio.run(main())


def varied(**changes: Any) -> Submission:
    return msgspec.structs.replace(SUBMISSION, **changes)


@pytest.mark.parametrize("message_type", ROWS)
def test_request(message_type: str) -> None:
    content, code, top, message = ROWS[message_type]
    outcome, requests = send(varied(message_type=message_type, content=content))
    assert outcome == Accepted("5379697806260881548")
    assert len(requests) == 1
    request = requests[0]
    assert (request.method, request.path, request.query) == ("POST", "/vibersrvc/1/send_message", {})
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {**ENVELOPE, **top, "type": code, "message": {**message, **TRACKED}}


def test_a_transaction_text_has_its_own_type() -> None:
    _, requests = send(varied(label="transaction"))
    assert json.loads(requests[0].body) == {
        **ENVELOPE,
        "label": "transaction",
        "type": 206,
        "message": {"#txt": "hi", **TRACKED},
    }


def test_a_video_button_without_an_address_opens_the_video() -> None:
    content: dict[str, str | int | float] = {**FILM, "text": "hi", "caption": "Go"}
    _, requests = send(varied(message_type="text_video_button", content=content))
    body = json.loads(requests[0].body)
    assert body["type"] == 232
    assert body["message"] == {
        "#txt": "hi",
        "#thumbnail": THUMB,
        "#caption": "Go",
        "#action": VIDEO,
        **TRACKED,
    }


def test_tracking_data_is_sent_even_when_empty_and_tag_is_not() -> None:
    _, requests = send(varied(tracking_data="", tag=""))
    body = json.loads(requests[0].body)
    assert body["message"] == {"#txt": "hi", "#tracking_data": ""}
    assert "tag" not in body


def test_a_type_without_tracking_carries_none() -> None:
    content: dict[str, str | int | float] = {"link": IMAGE}
    _, requests = send(varied(message_type="image", content=content), type_codes={"image": 107})
    assert json.loads(requests[0].body)["message"] == {"#img": IMAGE}


def test_type_codes_can_be_laid_over_by_label() -> None:
    _, requests = send(SUBMISSION, type_codes={"text/promotion": 206})
    assert json.loads(requests[0].body)["type"] == 206


def test_extra_headers_are_sent() -> None:
    _, requests = send(SUBMISSION, extra_headers={"X-Relay-Key": "k"})
    assert requests[0].headers["X-Relay-Key"] == "k"


@pytest.mark.parametrize(("ttl", "sent"), [(1, 30), (30, 30), (1_209_600, 1_209_600), (1_209_601, 1_209_600)])
def test_ttl_stays_within_vibers_bounds(ttl: int, sent: int) -> None:
    _, requests = send(varied(ttl=ttl))
    assert json.loads(requests[0].body)["ttl"] == sent


BAD: dict[str, tuple[dict[str, Any], str, SendFailure]] = {
    "a sender that is no number": ({"sender": "Shop"}, "SRVC_BAD_SERVICE_ID", SendFailure.NOT_CONFIGURED),
    "an unknown type": ({"message_type": "sticker"}, "SRVC_BAD_MESSAGE_TYPE", SendFailure.BAD_REQUEST),
    "no label": ({"label": ""}, "SRVC_BAD_LABEL", SendFailure.BAD_REQUEST),
    "no text": ({"content": {}}, "SRVC_BAD_PARAMETERS", SendFailure.BAD_REQUEST),
    "no link": ({"message_type": "image"}, "SRVC_BAD_PARAMETERS", SendFailure.BAD_REQUEST),
    "a size that is no number": (
        {"message_type": "video", "content": {**FILM, "fileSize": "big"}},
        "SRVC_BAD_PARAMETERS",
        SendFailure.BAD_REQUEST,
    ),
    "an endless duration": (
        {"message_type": "video", "content": {**FILM, "duration": "inf"}},
        "SRVC_BAD_PARAMETERS",
        SendFailure.BAD_REQUEST,
    ),
}


@pytest.mark.parametrize(("changes", "code", "failure"), BAD.values(), ids=BAD)
def test_what_viber_has_no_form_for_is_never_sent(
    changes: dict[str, Any], code: str, failure: SendFailure
) -> None:
    outcome, requests = send(varied(**changes))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.failure) == (code, failure)
    assert requests == []
