"""Messenger and Instagram, end to end: every MessageType on the phone, the 24 hours, what is refused."""

from typing import Any

import pytest
from alibabacloud_cams20200606.models import SendChatappMassMessageRequestSenderList as Recipient

from tests.model.channel_tables import CONTENT
from tests.processes import until
from tests.sdk.callers import Phones, Sandbox
from tests.sdk.channels import INSTAGRAM, MESSENGER, Channel, free
from tests.sdk.operations import call

LINK = "https://a.example/f"
BUTTONS = [{"type": "web_url", "url": LINK, "title": "Go"}]
REPLIES = [{"content_type": "text", "title": "Red", "payload": "r"}]

# MessageType: Content, what the phone shows, its medium.
ROWS: dict[str, tuple[Any, str, str]] = {
    "text": ({"text": "hi"}, "hi", ""),
    "image": ({"link": LINK}, "", LINK),
    "video": ({"link": LINK}, "", LINK),
    "audio": ({"link": LINK}, "", LINK),
    "document": ({"link": LINK}, "", LINK),
    "interactive": ({"attachment": {"type": "image", "payload": {"url": LINK}}}, "", LINK),
    "couponTemplate": ({"title": "10 % off", "coupon_code": "TEN"}, "10 % off", ""),
    "regularTemplate": ({"elements": [{"title": "One", "subtitle": "1"}, {"title": "Two"}]}, "One, Two", ""),
    "quickReply": ({"text": "Which?", "quick_replies": REPLIES}, "Which?", ""),
    "buttonTemplate": ({"text": "Well?", "buttons": BUTTONS}, "Well?", ""),
}
BOTH = pytest.mark.parametrize("channel", [MESSENGER, INSTAGRAM], ids=lambda channel: channel.name)


def open_window(sandbox: Sandbox, channel: Channel, person: str) -> None:
    sandbox.send(**channel.parameters(to=person))
    sandbox.phone(person)
    sandbox.process.post(f"/sandbox/phones/{person}/reply", {"text": "hello"})


def text_to(channel: Channel, person: str, text: str = "free") -> dict[str, Any]:
    return {"channel_type": channel.name, "from_": channel.sender, "to": person} | free(
        "text", {"text": text}
    )


@BOTH
def test_every_message_type_reaches_the_phone(sandbox: Sandbox, phones: Phones, channel: Channel) -> None:
    assert ROWS.keys() == CONTENT[channel.name].keys()
    person = channel.person(phones)
    open_window(sandbox, channel, person)
    for message_type, (content, text, media) in ROWS.items():
        message_id = sandbox.send(**text_to(channel, person) | free(message_type, content))

        def shown(at: str = message_id) -> Any:
            return [message for message in sandbox.shown(person) if message["message_id"] == at]

        (message,) = until(shown, what=message_type)
        assert (message["text"], message["media"]) == (text, media), message_type


@BOTH
def test_free_messages_are_allowed_for_24_hours_and_templates_at_any_time(
    sandbox: Sandbox, phones: Phones, channel: Channel
) -> None:
    person = channel.person(phones)
    assert "never written" in sandbox.refused(**text_to(channel, person)).message
    open_window(sandbox, channel, person)
    sandbox.advance(24 * 3600 - 60)
    sandbox.send(**text_to(channel, person))
    sandbox.advance(120)
    refused = sandbox.refused(**text_to(channel, person))
    assert (refused.status, refused.code) == (400, "InvalidParameter.SessionWindowExpired")
    assert channel.name in refused.message
    sandbox.send(**channel.parameters(to=person))


def test_what_was_read_until_a_moment_is_read_whichever_messages_they_are(
    sandbox: Sandbox, phones: Phones
) -> None:
    """Messenger reports reading by a watermark; the first message's own receipts never come."""
    person = MESSENGER.person(phones)
    open_window(sandbox, MESSENGER, person)
    ids = [sandbox.send(**text_to(MESSENGER, person, text)) for text in ("one", "two", "three")]
    sandbox.advance(10)
    for message_id in ids:
        assert [body["Status"] for body in sandbox.callbacks(message_id)] == ["Sent", "Delivered", "Read"]


@BOTH
def test_one_template_goes_to_many(sandbox: Sandbox, phones: Phones, channel: Channel) -> None:
    people = [channel.person(phones) for _ in range(3)]
    call(
        sandbox,
        "send_chatapp_mass_message",
        channel_type=channel.name,
        from_=channel.sender,
        template_code=f"sandbox_welcome_{channel.name}",
        language="zh_CN",
        sender_list=[
            Recipient(to=person, template_params={"name": f"N{place}", "code": "1"})
            for place, person in enumerate(people)
        ],
    )
    for place, person in enumerate(people):
        assert sandbox.phone(person)[0]["text"] == f"您好 N{place},您的验证码是 1。"


REFUSED: list[tuple[Channel, str, Any, str]] = [
    (MESSENGER, "text", {"text": "x" * 2001}, "at most 2000"),
    (INSTAGRAM, "text", {"text": "é" * 501}, "1002 bytes"),
    (MESSENGER, "interactive", {"quick_replies": REPLIES}, "attachment"),
    (MESSENGER, "interactive", {"text": "x", "attachment": {"type": "image"}}, "not both"),
    (MESSENGER, "interactive", {"attachment": {"type": "hologram"}}, "template"),
    (MESSENGER, "couponTemplate", {"title": "x"}, "coupon_url"),
    (MESSENGER, "regularTemplate", {"elements": [{"subtitle": "x"}]}, "elements[0].title"),
    (INSTAGRAM, "regularTemplate", {"elements": [{"title": "x" * 81}]}, "80"),
    (MESSENGER, "regularTemplate", {"elements": [{"title": "x", "buttons": BUTTONS * 4}]}, "at most 3"),
    (MESSENGER, "quickReply", {"text": "x", "quick_replies": REPLIES * 14}, "at most 13"),
    (MESSENGER, "quickReply", {"text": "x", "quick_replies": [{"content_type": "text"}]}, "title"),
    (MESSENGER, "buttonTemplate", {"text": "x", "buttons": BUTTONS * 4}, "at most 3"),
    (MESSENGER, "buttonTemplate", {"text": "x" * 641, "buttons": BUTTONS}, "640"),
    (MESSENGER, "buttonTemplate", {"text": "x", "buttons": [{"type": "postback", "title": "x" * 21}]}, "20"),
]


@pytest.mark.parametrize(("channel", "kind", "content", "error"), REFUSED)
def test_content_is_refused(
    sandbox: Sandbox, phones: Phones, channel: Channel, kind: str, content: Any, error: str
) -> None:
    params = text_to(channel, channel.person(phones)) | free(kind, content)
    refused = sandbox.refused(**params)
    assert refused.code == "InvalidParameter.ContentError"
    assert error in refused.message


@BOTH
def test_a_recipient_of_another_form_is_refused(sandbox: Sandbox, channel: Channel) -> None:
    refused = sandbox.refused(**channel.parameters(to="+49 151"))
    assert refused.code == "InvalidParameter.PhoneNumberError"
