"""What people say and press arrives whole, by a running service (`whole-*`, `bsuid`)."""

import copy
import json
from typing import Any

import pytest

from tests.cases.posts import cases
from tests.cases.service import SENDERS, FieldService

SUPPRESSED = "InvalidParameter.ToSuppressed"


def posted(service: FieldService, name: str, message_id: str) -> dict[str, Any]:
    """Posts a case; the ChatAppInbound of the message with that id."""
    case = cases()[name]
    assert service.post(case.channel, case.post) == 200
    return service.inbound(message_id)


def whatsapp(*messages: dict[str, Any], contacts: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    post = copy.deepcopy(cases()["bsuid"].post)
    [change] = post["entry"][0]["changes"]
    change["value"] |= {"messages": [{"timestamp": "NOW", **message} for message in messages]}
    change["value"]["contacts"] = contacts or []
    return post


def page(event: dict[str, Any]) -> dict[str, Any]:
    event = {
        "sender": {"id": "7301"},
        "recipient": {"id": SENDERS["messenger"]},
        "timestamp": "NOW_MS",
    } | event
    return {"object": "page", "entry": [{"id": SENDERS["messenger"], "messaging": [event]}]}


def test_a_whatsapp_user_without_a_number_is_heard_and_may_be_answered(service: FieldService) -> None:
    came = posted(service, "bsuid", "wamid.bsuid1")
    user_id = "MX.40302010777"
    assert (came["From"], came["FromUserId"], came["FromUserName"]) == (user_id, user_id, "@lupita")
    assert (came["Name"], came["DisplayName"], came["Message"]) == ("Lupita", "Lupita", "buenas")
    answer = service.send("whatsapp", To=user_id, RecipientType="userId", Content='{"text":"to the user"}')
    assert answer["Code"] == "OK", answer
    sent = service.sent("whatsapp", "to the user").body
    assert (sent["recipient"], sent.get("to")) == (user_id, None)


def test_a_user_with_number_and_id_is_one_person(service: FieldService) -> None:
    user_id, number = "DE.40302010778", "4915770003001"
    contact = {"profile": {"name": "Mia", "username": "@mia"}, "wa_id": number, "user_id": user_id}
    message = {"from": number, "from_user_id": user_id, "id": "wamid.both", "type": "text"}
    text = message | {"text": {"body": "STOP"}}
    assert service.post("whatsapp", whatsapp(text, contacts=[contact])) == 200
    came = service.inbound("wamid.both")
    assert (came["From"], came["FromUserId"], came["FromUserName"]) == (number, user_id, "@mia")
    by_id = {"RecipientType": "userId"}
    assert service.send("whatsapp", To=number)["Code"] == "OK"
    assert service.send("whatsapp", To=user_id, **by_id)["Code"] == "OK"
    assert service.promote("whatsapp", number)["Code"] == SUPPRESSED
    assert service.promote("whatsapp", user_id, **by_id)["Code"] == SUPPRESSED
    start = message | {"id": "wamid.both2", "text": {"body": "start"}}
    assert service.post("whatsapp", whatsapp(start, contacts=[contact])) == 200
    assert service.promote("whatsapp", user_id, **by_id)["Code"] == "OK"


def test_the_payload_of_a_button_and_the_message_it_answers_come_back(service: FieldService) -> None:
    came = posted(service, "whole-button-payload", "wamid.but1")
    assert (came["Type"], came["Message"]) == ("BUTTON", "Confirm")
    assert (came["WaypostPayload"], came["WaypostContextMessageId"]) == ("CONFIRM-31", "wamid.asked")


def test_the_message_that_is_answered_is_named_by_its_message_id(service: FieldService) -> None:
    hello = {"from": "4915770003002", "id": "wamid.ctx1", "type": "text", "text": {"body": "hi"}}
    assert service.post("whatsapp", whatsapp(hello)) == 200
    service.providers.answer_next("whatsapp", {"messages": [{"id": "wamid.question"}]})
    question = service.send("whatsapp", To="4915770003002")["MessageId"]
    service.status(question, "Sent")
    reply = {
        "from": "4915770003002",
        "id": "wamid.ctx2",
        "type": "interactive",
        "interactive": {"type": "list_reply", "list_reply": {"id": "ROW-2", "title": "Tuesday"}},
        "context": {"from": SENDERS["whatsapp"], "id": "wamid.question"},
    }
    assert service.post("whatsapp", whatsapp(reply)) == 200
    came = service.inbound("wamid.ctx2")
    assert came["WaypostContextMessageId"] == question
    assert (came["Type"], came["WaypostPayload"], came["WaypostText"]) == ("INTERACTIVE", "ROW-2", "Tuesday")
    assert json.loads(came["Message"]) == reply["interactive"]


def test_a_pressed_button_of_telegram_is_published_and_answered(service: FieldService) -> None:
    came = posted(service, "whole-callback-query", "901")
    assert (came["Type"], came["From"], came["Message"]) == ("BUTTON", "8101", "AGREE")
    assert (came["WaypostPayload"], came["WaypostContextMessageId"]) == ("AGREE", "5")
    assert (came["Name"], "WaypostGroupId" in came) == ("Mia", False)
    answered = service.sent("telegram", "77001")
    assert answered.path.endswith("/answerCallbackQuery")
    assert answered.body == {"callback_query_id": "77001"}


def test_what_stands_on_the_button_is_published_when_telegram_has_it(service: FieldService) -> None:
    post = copy.deepcopy(cases()["whole-callback-query"].post) | {"update_id": 911}
    query = post["callback_query"]
    query["message"]["reply_markup"] = {
        "inline_keyboard": [
            [{"text": "No", "callback_data": "DENY"}, {"text": "I agree", "callback_data": "AGREE"}]
        ]
    }
    assert service.post("telegram", post) == 200
    came = service.inbound("911")
    assert (came["Message"], came["WaypostPayload"]) == ("I agree", "AGREE")


def test_a_caption_is_published_beside_its_media(service: FieldService) -> None:
    came = posted(service, "whole-caption", "902")
    assert (came["Type"], came["WaypostText"]) == ("IMAGE", "it came like this")
    assert json.loads(came["Message"]) == [{"file_id": "p", "width": 1, "height": 1}]


def test_a_group_is_a_member_of_its_own(service: FieldService) -> None:
    came = posted(service, "whole-group", "ev-group")
    assert came["From"] == "U000000000000000000000000000000b"
    assert came["WaypostGroupId"] == "C0000000000000000000000000000000g"
    chat = {"id": -8103, "type": "supergroup", "title": "All"}
    author = {"id": 8103, "first_name": "Mia", "last_name": "Maier", "username": "mia"}
    message = {"message_id": 7, "date": 1795600000, "chat": chat, "from": author, "text": "hello all"}
    assert service.post("telegram", {"update_id": 912, "message": message}) == 200
    came = service.inbound("912")
    assert (came["From"], came["WaypostGroupId"]) == ("-8103", "-8103")
    assert (came["FromUserId"], came["FromUserName"], came["Name"]) == ("8103", "mia", "Mia Maier")


def test_a_postback_of_line_is_a_pressed_button(service: FieldService) -> None:
    event: dict[str, Any] = {
        "type": "postback",
        "mode": "active",
        "timestamp": "NOW_MS",
        "webhookEventId": "ev-postback",
    }
    event |= {"source": {"type": "user", "userId": "U000000000000000000000000000000e"}}
    event |= {"postback": {"data": "action=buy&item=31"}}
    assert service.post("line", {"destination": "U0", "events": [event]}) == 200
    came = service.inbound("ev-postback")
    assert (came["Type"], came["WaypostPayload"]) == ("BUTTON", "action=buy&item=31")


def test_payloads_and_text_beside_attachments_arrive_from_messenger(service: FieldService) -> None:
    image = {"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}
    posts: dict[str, dict[str, Any]] = {
        "m-quick": {"message": {"mid": "m-quick", "text": "Red", "quick_reply": {"payload": "COLOUR-1"}}},
        "m-post": {"postback": {"mid": "m-post", "title": "Start", "payload": "GET_STARTED"}},
        "m-both": {
            "message": {"mid": "m-both", "text": "see", "attachments": [image], "reply_to": {"mid": "m-old"}}
        },
    }
    for event in posts.values():
        assert service.post("messenger", page(event)) == 200
    quick, post, both = (service.inbound(mid) for mid in posts)
    assert (quick["Type"], quick["Message"], quick["WaypostPayload"]) == ("BUTTON", "Red", "COLOUR-1")
    assert (post["Type"], post["Message"], post["WaypostPayload"]) == ("BUTTON", "Start", "GET_STARTED")
    assert (both["Type"], both["Message"], both["WaypostContextMessageId"]) == ("TEXT", "see", "m-old")
    beside = service.inbound("m-both#1")
    assert (beside["Type"], json.loads(beside["Message"])) == ("IMAGE", image["payload"])


def test_text_beside_media_arrives_from_viber(service: FieldService) -> None:
    reply = {
        "message_token": 5001,
        "phone_number": "4915770003003",
        "time": 1795600000,
        "service_id": 20001,
        "message": {"text": "this one", "media": "https://cdn.example/a.png", "tracking_data": "t"},
    }
    assert service.post("viber", reply) == 200
    came = service.inbound("5001")
    assert (came["Type"], came["WaypostText"], came["WaypostTrackingData"]) == ("IMAGE", "this one", "t")


def telegram_photo(caption: str) -> dict[str, Any]:
    post = copy.deepcopy(cases()["whole-caption"].post) | {"update_id": 913}
    post["message"]["chat"]["id"] = 8104
    post["message"]["caption"] = caption
    return post


def pressed(user: str, **button: str) -> dict[str, Any]:
    return {"from": user, "id": f"stop-{user}", "type": "button", "button": button}


STOPS = {
    "a button's title": (
        "whatsapp",
        whatsapp(
            {
                "from": "4915770003011",
                "id": "s1",
                "type": "button",
                "button": {"payload": "P", "text": "Stop"},
            }
        ),
        "4915770003011",
    ),
    "a button's payload": (
        "whatsapp",
        whatsapp(
            {
                "from": "4915770003012",
                "id": "s2",
                "type": "button",
                "button": {"payload": "STOP", "text": "No"},
            }
        ),
        "4915770003012",
    ),
    "the title of a reply": (
        "whatsapp",
        whatsapp(
            {
                "from": "4915770003013",
                "id": "s3",
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "STOP"}},
            }
        ),
        "4915770003013",
    ),
    "a caption": ("telegram", telegram_photo("stop!"), "8104"),
}


@pytest.mark.parametrize("place", STOPS)
def test_stop_counts_wherever_a_person_can_state_it(service: FieldService, place: str) -> None:
    channel, post, person = STOPS[place]
    assert service.post(channel, post) == 200
    assert service.promote(channel, person)["Code"] == SUPPRESSED
