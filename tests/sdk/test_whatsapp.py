"""WhatsApp, end to end: every MessageType, the 24 hours, templates and what goes beside them."""

from typing import Any

import pytest

from tests.model.channel_tables import CONTENT
from tests.processes import until
from tests.sdk.callers import Phones, Sandbox
from tests.sdk.channels import WHATSAPP, free

LINK = "https://a.example/f"
# MessageType: Content, what the phone shows, its medium. A typing indicator shows no message.
SHOWN: dict[str, tuple[Any, str, str]] = {
    "text": ({"text": "hi", "previewUrl": "true"}, "hi", ""),
    "image": ({"link": LINK, "caption": "look"}, "look", LINK),
    "video": ({"link": LINK}, "", LINK),
    "audio": ({"link": LINK}, "", LINK),
    "document": ({"link": LINK, "filename": "a.pdf"}, "a.pdf", LINK),
    "interactive": (
        {
            "type": "button",
            "body": {"text": "Well?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Yes"}}]},
        },
        "Well?",
        "",
    ),
    "location": ({"longitude": "13.4", "latitude": 52.5, "name": "Berlin"}, "Berlin (52.5, 13.4)", ""),
    "contacts": ([{"name": {"formatted_name": "Zoe Z", "first_name": "Zoe"}}], "Zoe Z", ""),
    "reaction": ({"messageId": "wamid.1", "emoji": "👍"}, "👍", ""),
    "sticker": ({"link": LINK}, "", LINK),
    "typing_indicator": ({"messageId": "wamid.1"}, "", ""),
    "pin": ({"messageId": "wamid.1"}, "[pin wamid.1]", ""),
    "carousel": ({"body": {"text": "Pick"}, "action": {"cards": [{"card_index": 0}]}}, "Pick", ""),
}


def open_window(sandbox: Sandbox, person: str) -> None:
    sandbox.send(**WHATSAPP.parameters(to=person))
    sandbox.phone(person)
    sandbox.process.post(f"/sandbox/phones/{person}/reply", {"text": "hello"})


def text_to(person: str, **more: Any) -> dict[str, Any]:
    return {"channel_type": "whatsapp", "from_": WHATSAPP.sender, "to": person, **more} | free(
        "text", {"text": "free"}
    )


def test_every_message_type_reaches_the_phone(sandbox: Sandbox, phones: Phones) -> None:
    assert SHOWN.keys() == CONTENT["whatsapp"].keys()
    person = phones.new()
    open_window(sandbox, person)
    for message_type, (content, text, media) in SHOWN.items():
        parameters = text_to(person) | free(message_type, content)
        message_id = sandbox.send(**parameters)
        if message_type == "typing_indicator":
            sandbox.advance(0)
            assert sandbox.story(message_id)["state"] == "delivered"
            continue

        def shown(at: str = message_id) -> Any:
            return [message for message in sandbox.shown(person) if message["message_id"] == at]

        (message,) = until(shown, what=message_type)
        assert (message["text"], message["media"]) == (text, media), message_type


def test_a_template_is_filled_in_by_the_provider(sandbox: Sandbox, phones: Phones) -> None:
    person = phones.new()
    sandbox.send(**WHATSAPP.parameters(to=person, language="zh_CN"))
    (shown,) = sandbox.phone(person)
    assert shown["text"] == "您好 Zoe,您的验证码是 1234。"


def test_a_free_message_is_refused_to_whoever_never_wrote(sandbox: Sandbox, phones: Phones) -> None:
    refused = sandbox.refused(**text_to(phones.new()))
    assert (refused.status, refused.code) == (400, "InvalidParameter.SessionWindowExpired")
    assert "never written" in refused.message


def test_free_messages_are_allowed_for_24_hours_and_templates_at_any_time(
    sandbox: Sandbox, phones: Phones
) -> None:
    person = phones.new()
    open_window(sandbox, person)
    sandbox.advance(24 * 3600 - 60)
    sandbox.send(**text_to(person))
    sandbox.advance(120)
    refused = sandbox.refused(**text_to(person))
    assert refused.code == "InvalidParameter.SessionWindowExpired"
    assert "24.0 hours ago" in refused.message
    sandbox.send(**WHATSAPP.parameters(to=person))
    sandbox.process.post(f"/sandbox/phones/{person}/reply", {"text": "again"})
    sandbox.send(**text_to(person))


def test_the_window_is_of_one_sender(sandbox: Sandbox, phones: Phones) -> None:
    person = phones.new()
    open_window(sandbox, person)
    refused = sandbox.refused(key="neighbour", **text_to(person) | {"from_": "15550100002"})
    assert refused.code == "InvalidParameter.SessionWindowExpired"


def test_what_goes_beside_a_template_is_taken(sandbox: Sandbox, phones: Phones) -> None:
    person = phones.new()
    sandbox.send(
        **WHATSAPP.parameters(
            to=person, payload=["yes", "no"], context_message_id="wamid.1", recipient_type="individual"
        )
    )
    assert sandbox.phone(person)


@pytest.mark.parametrize(
    ("parameters", "code", "error"),
    [
        ({"to": "15550"}, "InvalidParameter.PhoneNumberError", "phone number"),
        ({"to": "+15550100009"}, "InvalidParameter.ToOnlyNumeric", "digits"),
        ({"to": "a group", "recipient_type": "group"}, "InvalidParameter.PhoneNumberError", "group"),
        (
            {"to": "US.1", "recipient_type": "userId", "fall_back_id": "S_000001"},
            "InvalidParameter.SendSmsNotSupport",
            "FallBackTo",
        ),
        ({"payload": ["1", "2", "3", "4"]}, "InvalidPayload", "at most 3"),
        ({"recipient_type": "crowd"}, "InvalidRecipientType", "individual"),
        (free("text_button", {"text": "x"}), "InvalidParameter.MessageTypeNotSupport", "whatsapp"),
        (free("interactive", {"type": "list"}), "InvalidParameter.ContentError", "action"),
        (free("location", {"longitude": 181, "latitude": 0}), "InvalidParameter.ContentError", "180"),
    ],
)
def test_refusals(
    sandbox: Sandbox, phones: Phones, parameters: dict[str, Any], code: str, error: str
) -> None:
    params = WHATSAPP.parameters(to=phones.new()) | parameters
    refused = sandbox.refused(**params)
    assert refused.code == code
    assert error in refused.message
