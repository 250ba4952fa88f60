"""The driver of the cases by itself: each channel carries a message out, and a person's words in."""

import pytest

from tests.cases.service import SENDERS, FieldService

PEOPLE = {
    "viber": "4915770000001",
    "messenger": "7000000001",
    "instagram": "7000000002",
    "telegram": "7000000003",
    "line": "U00000000000000000000000000000001",
}


@pytest.mark.parametrize("channel", PEOPLE)
def test_a_message_is_sent_to_the_provider_of_its_channel(service: FieldService, channel: str) -> None:
    if channel in ("messenger", "instagram"):
        event = {
            "sender": {"id": PEOPLE[channel]},
            "recipient": {"id": SENDERS[channel]},
            "timestamp": "NOW_MS",
            "message": {"mid": f"m-{channel}", "text": "hi"},
        }
        kind = "page" if channel == "messenger" else "instagram"
        assert service.post(channel, {"object": kind, "entry": [{"messaging": [event]}]}) == 200
        assert service.inbound(f"m-{channel}")["Message"] == "hi"
    answer = service.send(channel, To=PEOPLE[channel], Label="transaction")
    assert answer["Code"] == "OK", answer
    assert service.status(answer["MessageId"], "Sent")["To"] == PEOPLE[channel]
    service.sent(channel, PEOPLE[channel])
