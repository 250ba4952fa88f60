"""Cases of odd items, through a running service: what is meant is taken, what is not understood is kept."""

import json
from typing import Any

import pytest

from tests.cases.posts import cases
from tests.cases.service import SENDERS, FieldService
from tests.processes import run_waypost


def whatsapp(*messages: Any, statuses: Any = None) -> dict[str, Any]:
    metadata = {"display_phone_number": SENDERS["whatsapp"], "phone_number_id": "1001"}
    value = {"metadata": metadata, "messages": list(messages), "statuses": statuses}
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


@pytest.mark.parametrize("name", ["item-null-errors", "item-number-timestamp"])
def test_a_status_is_taken_as_it_is_meant(service: FieldService, name: str) -> None:
    case = cases()[name]
    statuses = case.post["entry"][0]["changes"][0]["value"]["statuses"]
    person = statuses[0]["recipient_id"]
    id_ = f"wamid.opens-{name}"
    message = {"from": person, "id": id_, "timestamp": "NOW", "type": "text", "text": {"body": "hi"}}
    assert service.post("whatsapp", whatsapp(message)) == 200
    service.inbound(id_)
    sent = []
    for number, status in enumerate(statuses):
        provider_id = f"wamid.{name}-{number}"
        service.providers.answer_next("whatsapp", {"messages": [{"id": provider_id}]})
        sent.append(service.send("whatsapp", To=person)["MessageId"])
        service.status(sent[-1], "Sent")
        status["id"] = provider_id
    assert service.post("whatsapp", case.post) == 200
    for message_id in sent:
        service.status(message_id, "Delivered")


def test_null_attachments(service: FieldService) -> None:
    case = cases()["item-null-attachments"]
    assert service.post("messenger", case.post) == 200
    mid = case.post["entry"][0]["messaging"][0]["message"]["mid"]
    assert service.inbound(mid)["Message"] == "hello there"


def test_half_a_surrogate_pair(service: FieldService) -> None:
    case = cases()["item-lone-surrogate"]
    [message] = case.post["entry"][0]["changes"][0]["value"]["messages"]
    assert service.post("whatsapp", case.post) == 200
    assert service.inbound(message["id"])["Message"] == "ok \ufffd"


def test_an_item_that_is_not_understood_is_kept_shown_and_replayed(service: FieldService) -> None:
    case = cases()["item-text-without-body"]
    odd, good = case.post["entry"][0]["changes"][0]["value"]["messages"]
    assert service.post("whatsapp", case.post) == 200
    assert service.inbound(good["id"])["Message"] == good["text"]["body"]
    [listed] = [each for each in rejected(service, "list") if each["route"] == "whatsapp" and each["items"]]
    assert [item["place"] for item in listed["items"]] == ["entry[0].changes[0].value.messages[0]"]
    assert "webhook.items_skipped" in service.running.log
    shown = rejected(service, "show", str(listed["id"]), "--show")
    assert odd["id"] in shown["body"]
    assert "body" not in rejected(service, "show", str(listed["id"]))
    [replayed] = rejected(service, "replay", str(listed["id"]), code=1)
    assert (replayed["id"], replayed["taken"]) == (listed["id"], 1)
    assert "entry[0].changes[0].value.messages[0]" in replayed["error"]


def rejected(service: FieldService, *arguments: str, code: int = 0) -> Any:
    done = run_waypost("webhooks", "rejected", *arguments, "--config", str(service.config), "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_a_webhook_that_cannot_be_read_is_refused(service: FieldService) -> None:
    for body in (b"{", b"[" * 100_000, b'{"object": 5}', b""):
        assert service.post("whatsapp", body) == 400
