"""One person under two spellings of their number, by a running service (`spelling-*`)."""

from typing import Any

from tests.cases.posts import cases
from tests.cases.service import SENDERS, SPACE, FieldService

SUPPRESSED = "InvalidParameter.ToSuppressed"


def text_webhook(who: str, id_: str, body: str) -> dict[str, Any]:
    """A webhook with a text of a WhatsApp user."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": SENDERS["whatsapp"], "phone_number_id": "1001"},
        "messages": [{"from": who, "id": id_, "timestamp": "NOW", "type": "text", "text": {"body": body}}],
    }
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def sent_to(service: FieldService, text: str, **parameters: str) -> str:
    """Sends a free text by WhatsApp; whom the provider was asked to send it to."""
    answer = service.send("whatsapp", Content=f'{{"text":"{text}"}}', **parameters)
    assert answer["Code"] == "OK", answer
    service.status(answer["MessageId"], "Sent")
    return str(service.sent("whatsapp", text).body["to"])


def test_who_wrote_may_be_answered_by_either_spelling_which_becomes_the_providers(
    service: FieldService,
) -> None:
    case = cases()["spelling-window"]
    assert service.post(case.channel, case.post) == 200
    assert service.inbound("wamid.spell1")["From"] == "5215587654321"
    assert sent_to(service, "by the dialled number", To="525587654321") == "5215587654321"
    assert sent_to(service, "by the written number", To="5215587654321") == "5215587654321"
    refused = service.send("whatsapp", To="525587654300")
    assert refused["Code"] == "InvalidParameter.SessionWindowExpired", refused


def test_an_opt_out_stops_a_promotion_to_either_spelling(service: FieldService) -> None:
    case = cases()["spelling-stop"]
    assert service.post(case.channel, case.post) == 200
    service.inbound("wamid.spell2")
    for number in ("525587654322", "5215587654322"):
        assert service.promote("whatsapp", number)["Code"] == SUPPRESSED
        listed = service.call("ListSuppressions", To=number)["Data"]
        assert [row["To"] for row in listed] == ["525587654322"]
    answer = service.call(
        "DeleteSuppression", To="5215587654322", ChannelType="whatsapp", From=SENDERS["whatsapp"]
    )
    assert answer["Code"] == "OK"
    assert service.promote("whatsapp", "525587654322")["Code"] == "OK"


def test_an_answer_teaches_the_spelling(service: FieldService) -> None:
    assert service.post("whatsapp", text_webhook("551187650001", "wamid.spell3", "oi")) == 200
    service.inbound("wamid.spell3")
    assert sent_to(service, "as they wrote", To="5511987650001") == "551187650001"
    service.providers.answer_next(
        "whatsapp",
        {
            "contacts": [{"input": "551187650001", "wa_id": "5511987650001"}],
            "messages": [{"id": "wamid.taught"}],
        },
    )
    message_id = service.send("whatsapp", To="551187650001", Content='{"text":"teaches"}')["MessageId"]
    service.status(message_id, "Sent")
    assert sent_to(service, "as the answer taught", To="551187650001") == "5511987650001"


def test_the_list_of_messages_finds_a_person_by_either_spelling(service: FieldService) -> None:
    assert service.post("whatsapp", text_webhook("5491150001234", "wamid.spell4", "che")) == 200
    service.inbound("wamid.spell4")
    sent = service.send("whatsapp", To="541150001234")["MessageId"]
    for number in ("541150001234", "5491150001234"):
        [came] = listed(service, number, EventAction="UP")
        assert (came["MessageId"], came["UserNumber"]) == ("wamid.spell4", "5491150001234")
        [went] = listed(service, number)
        assert (went["MessageId"], went["UserNumber"]) == (sent, "541150001234")


def listed(service: FieldService, number: str, **parameters: str) -> list[dict[str, Any]]:
    """The messages to, or of, a person."""
    answer = service.call(
        "ListChatappMessage",
        ChannelType="whatsapp",
        BusinessNumber=SENDERS["whatsapp"],
        UserNumber=number,
        StartTime="0",
        CustSpaceId=SPACE,
        Page='{"Index":1,"Size":10}',
        **parameters,
    )
    assert answer["Code"] == "OK", answer
    rows: list[dict[str, Any]] = answer["Data"]
    return rows
