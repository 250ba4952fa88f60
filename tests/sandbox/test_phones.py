"""What people do with their phones: each provider's own wire form brings it to the customer."""

import json
from typing import Any

import pytest
from alibabacloud_cams20200606 import models

from tests.sdk.callers import FREE, Phones
from tests.sdk.channels import INSTAGRAM, LINE, MESSENGER, TELEGRAM, WHATSAPP, Channel, free
from waypost.testing import Sandbox

VIBER_PHONE = "4915112345678"
UNREAD = "4915112340003"

REPLIES = {
    "whatsapp": free(
        "interactive",
        {
            "type": "button",
            "body": {"text": "Well?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "y1", "title": "Yes"}}]},
        },
    ),
    "messenger": free(
        "buttonTemplate",
        {"text": "Well?", "buttons": [{"type": "postback", "title": "Yes", "payload": "y1"}]},
    ),
    "instagram": free(
        "quickReply",
        {"text": "Well?", "quick_replies": [{"content_type": "text", "title": "Yes", "payload": "y1"}]},
    ),
    "telegram": free(
        "interactive",
        {
            "type": "sendMessage",
            "sendMessage": {
                "text": "Well?",
                "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "y1"}]]},
            },
        },
    ),
    "line": free(
        "buttons",
        {"text": "Well?", "actions": [{"type": "postback", "label": "Yes", "data": "y1"}]},
    ),
}


def send(made: Sandbox, to: str, **params: Any) -> str:
    request = models.SendChatappMessageRequest(**params, to=to)
    return str(made.client.send_chatapp_message(request).body.message_id)


def inbound(made: Sandbox) -> list[dict[str, Any]]:
    return [callback.body for callback in made.callbacks if callback.kind == "ChatAppInbound"]


def converse(made: Sandbox, channel: Channel) -> str:
    """A person who has written, so that everything may be sent to them."""
    person = channel.person(Phones())
    send(made, person, **channel.parameters())
    made.phone(person).reply("hello")
    return person


@pytest.mark.parametrize(
    "channel", [WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM, LINE], ids=lambda channel: channel.name
)
def test_a_tap_is_pushed_with_what_the_button_sends(made: Sandbox, channel: Channel) -> None:
    person = converse(made, channel)
    send(
        made,
        person,
        **channel.parameters()
        | {"template_code": None, "language": None}
        | {"template_params": None}
        | REPLIES[channel.name],
    )
    phone = made.phone(person)
    assert phone.messages[-1].buttons == ["Yes"]
    phone.tap("Yes")
    _, pressed = inbound(made)
    assert pressed["From"] == person
    assert "y1" in json.dumps(pressed)


def test_a_button_of_a_keyboard_sends_its_text(made: Sandbox) -> None:
    person = TELEGRAM.person(Phones())
    markup = {"text": "Well?", "reply_markup": {"keyboard": [[{"text": "Call me"}], ["Later"]]}}
    content = {"type": "sendMessage", "sendMessage": markup}
    send(made, person, **TELEGRAM.parameters() | free("interactive", content))
    made.phone(person).tap("Later")
    assert [(body["Type"], body["Message"]) for body in inbound(made)] == [("TEXT", "Later")]


def test_a_link_and_a_button_that_is_not_there_cannot_be_tapped(made: Sandbox) -> None:
    send(
        made,
        VIBER_PHONE,
        **FREE | free("text_button", {"text": "Well?", "caption": "Look", "action": "https://shop.example"}),
    )
    phone = made.phone(VIBER_PHONE)
    with pytest.raises(AssertionError, match=r"'Look' opens https://shop.example and sends nothing"):
        phone.tap("Look")
    with pytest.raises(AssertionError, match="has a button 'Yes'; there are: 'Look'"):
        phone.tap("Yes")
    assert inbound(made) == []


def test_a_message_is_read_when_the_person_reads_it(made: Sandbox) -> None:
    first = send(made, UNREAD, **FREE)
    made.advance(60)
    assert made.statuses(first) == ["Sent", "Delivered"]
    made.phone(UNREAD).read()
    assert made.statuses(first) == ["Sent", "Delivered", "Read"]
    assert [message.state for message in made.phone(UNREAD).messages] == ["read"]
    made.phone(UNREAD).read()
    assert made.statuses(first) == ["Sent", "Delivered", "Read"]


@pytest.mark.parametrize("channel", [WHATSAPP, MESSENGER, INSTAGRAM], ids=lambda channel: channel.name)
def test_each_channel_that_reports_reading_does_so(made: Sandbox, channel: Channel) -> None:
    person = channel.person(Phones(), "0003")
    message_id = send(made, person, **channel.parameters())
    made.advance(60)
    assert "Read" not in made.statuses(message_id)
    made.phone(person).read()
    assert made.statuses(message_id)[-1] == "Read"


@pytest.mark.parametrize("channel", [TELEGRAM, LINE], ids=lambda channel: channel.name)
def test_a_channel_that_reports_no_reading_refuses_it(made: Sandbox, channel: Channel) -> None:
    person = channel.person(Phones())
    send(made, person, **channel.parameters())
    with pytest.raises(AssertionError, match=f"{channel.name} does not report to senders"):
        made.phone(person).read()


def test_a_sender_that_is_blocked_is_refused_until_it_is_not_any_more(made: Sandbox) -> None:
    phone = made.phone(VIBER_PHONE)
    send(made, VIBER_PHONE, **FREE)
    phone.block()
    blocked = send(made, VIBER_PHONE, **FREE | {"label": "transaction"})
    made.advance(60)
    assert made.statuses(blocked) == ["Failed"]
    last = [callback.body for callback in made.callbacks if callback.message_id == blocked][-1]
    assert last["ErrorCode"] == "SRVC_USER_BLOCKED"
    phone.unblock()
    arrived = send(made, VIBER_PHONE, **FREE | {"label": "transaction"})
    made.advance(60)
    assert made.statuses(arrived)[-1] == "Read"
    assert [message.message_id for message in phone.messages][-1] == arrived


@pytest.mark.parametrize(
    "channel", [WHATSAPP, MESSENGER, INSTAGRAM, TELEGRAM], ids=lambda channel: channel.name
)
def test_each_provider_reports_a_block_in_its_form(made: Sandbox, channel: Channel) -> None:
    person = channel.person(Phones())
    send(made, person, **channel.parameters())
    made.phone(person).block()
    message_id = send(made, person, **channel.parameters())
    made.advance(60)
    assert made.statuses(message_id)[-1] == "Failed"


def test_line_takes_a_message_to_who_has_blocked_it_and_nobody_gets_it(made: Sandbox) -> None:
    person = LINE.person(Phones())
    send(made, person, **LINE.parameters())
    made.phone(person).block()
    send(made, person, **LINE.parameters())
    made.advance(60)
    assert len(made.phone(person).messages) == 1


@pytest.mark.parametrize(("channel", "status"), [(TELEGRAM, "kicked"), (LINE, "unfollow")])
def test_a_provider_that_reports_a_block_by_webhook_does_so(
    made: Sandbox, channel: Channel, status: str
) -> None:
    person = channel.person(Phones())
    send(made, person, **channel.parameters())
    made.phone(person).block()
    assert [(body["Type"], body["Message"]) for body in inbound(made)] == [("SYSTEM", status)]


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda phone: phone.reply("hi"), "an SMS carries no replies"),
        (lambda phone: phone.read(), "an SMS reports no reading"),
        (lambda phone: phone.block(), "an SMS cannot be blocked"),
    ],
)
def test_what_an_sms_cannot_do_is_refused(made: Sandbox, act: Any, sentence: str) -> None:
    person = "4915112340001"
    send(made, person, **FREE, fall_back_id="S_000001")
    made.advance(60)
    with pytest.raises(AssertionError, match=sentence):
        act(made.phone(person))


def test_a_phone_that_nothing_has_reached_can_do_nothing(made: Sandbox) -> None:
    for act in ("read", "block", "unblock"):
        with pytest.raises(AssertionError, match="nobody has written to this phone"):
            getattr(made.phone("4915112345600"), act)()
