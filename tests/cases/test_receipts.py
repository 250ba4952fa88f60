"""Cases of receipts and answers, through a running service."""

import json
from collections import Counter

import pytest

from tests.cases.posts import cases
from tests.cases.service import SENDERS, FieldService


def opened(service: FieldService, channel: str, person: str, id_: str) -> None:
    """The person writes, which opens the window for free messages."""
    message = {"from": person, "id": id_, "timestamp": "NOW", "type": "text", "text": {"body": "hi"}}
    metadata = {"display_phone_number": SENDERS[channel], "phone_number_id": "1001"}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "messages": [message]}
    change = {"field": "messages", "value": value}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    assert service.post(channel, body) == 200
    service.inbound(id_)


def test_a_receipt_with_a_foreign_reference_is_found_by_the_providers_id(service: FieldService) -> None:
    case = cases()["status-foreign-reference"]
    status = case.post["entry"][0]["changes"][0]["value"]["statuses"][0]
    person = status["recipient_id"]
    opened(service, "whatsapp", person, "wamid.before-foreign-reference")
    service.providers.answer_next("whatsapp", {"messages": [{"id": "wamid.foreign-reference"}]})
    message_id = service.send("whatsapp", To=person)["MessageId"]
    service.status(message_id, "Sent")
    post = _with_id(case.post, "wamid.foreign-reference")
    assert service.post("whatsapp", post) == 200
    service.status(message_id, "Delivered")


def _with_id(post: dict[str, object], id_: str) -> object:
    return json.loads(json.dumps(post).replace("<wamid>", id_))


def test_an_error_in_loose_types_has_its_code(service: FieldService) -> None:
    case = cases()["answer-code-as-text"]
    opened(service, "whatsapp", "4915770009001", "wamid.before-code-as-text")
    service.providers.answer_next("whatsapp", case.post, 400)
    message_id = service.send("whatsapp", To="4915770009001")["MessageId"]
    assert service.status(message_id, "Failed")["ErrorCode"] == "131026"


def test_a_group_that_migrated_is_followed(service: FieldService) -> None:
    case = cases()["whole-migrated"]
    service.providers.answer_next("telegram", case.post, 400)
    content = '{"text":"to a group that moved"}'
    message_id = service.send("telegram", To="-7001", Content=content)["MessageId"]
    published = service.status(message_id, "Delivered")
    assert (published["To"], published["WaypostMigratedTo"]) == ("-7001", "-1009876543210")
    chats = [
        sent.body["chat_id"]
        for sent in service.providers.sent["telegram"]
        if sent.body.get("text") == "to a group that moved"
    ]
    assert Counter(map(str, chats)) == {"-7001": 1, "-1009876543210": 1}


@pytest.mark.parametrize(
    ("query", "status"),
    [("status=34", 200), ("status=66", 200), ("status=0", 200), ("status=64", 200), ("status=%25d", 400)],
)
def test_any_number_of_a_gateway_is_answered_200(service: FieldService, query: str, status: int) -> None:
    assert service.get("sms", f"reference=not-ours&id=x&{query}") == status
