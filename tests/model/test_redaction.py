"""What stays of a message and of a callback without content and addresses."""

import msgspec
import pytest

from tests.model.messages import fallback, message
from waypost.model.message.extras import Extras
from waypost.model.redaction import is_redacted_callback, redacted_callback, redacted_message

FULL = message(
    fallback=fallback(60),
    tracking_data="order of Ada",
    tag="autumn",
    task_id="7",
    template_code="welcome",
    fault="To 380501112233 is not allowed",
    extras=Extras(context_message_id="wamid.1"),
)


def test_nothing_of_the_person_stays_in_a_message() -> None:
    redacted = redacted_message(FULL)
    stored = msgspec.json.encode(redacted).decode()
    for private in (FULL.recipient, "hello", "Ada", "wamid"):
        assert private in msgspec.json.encode(FULL).decode()
        assert private not in stored
    assert redacted.redacted
    assert redacted_message(redacted) == redacted


def test_what_lists_and_bills_need_stays() -> None:
    redacted = redacted_message(FULL)
    for name in ("message_id", "account_id", "space_id", "sender", "channel", "label", "tag", "task_id"):
        assert getattr(redacted, name) == getattr(FULL, name)
    assert redacted.template_code == "welcome"
    assert redacted.fallback is not None
    assert redacted.fallback.wait_after(0) == 60


@pytest.mark.parametrize("text", ["otp 5212221234567", "522221234567", "via 380501112299"])
def test_a_tag_with_an_address_in_any_spelling_goes(text: str) -> None:
    steps = (msgspec.structs.replace(fallback().steps[0], recipient="380501112299"),)
    stepped = msgspec.structs.replace(fallback(), steps=steps)
    redacted = redacted_message(message(recipient="5212221234567", fallback=stepped, tag=text, task_id=text))
    assert (redacted.tag, redacted.task_id) == ("", "")


@pytest.mark.parametrize(
    ("body", "redacted"),
    [
        ('{"To":"380","Status":"Read","TaskId":"7"}', '{"Status":"Read","WaypostRedacted":true}'),
        ('{"From":"380","Message":"hi"}', '{"WaypostRedacted":true}'),
        ("[", '{"WaypostRedacted":true}'),
    ],
)
def test_of_a_callback_its_status_stays(body: str, redacted: str) -> None:
    assert redacted_callback(body) == redacted
    assert redacted_callback(redacted) == redacted
    assert (is_redacted_callback(body), is_redacted_callback(redacted)) == (False, True)
