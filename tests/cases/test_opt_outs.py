"""Whatever way a channel has of saying that a person opted out or came back, by a running service."""

import copy
from typing import Any, NamedTuple

import pytest

from tests.cases.posts import cases
from tests.cases.service import SENDERS, FieldService

LINE_USER = "U000000000000000000000000000000a"
GROUP = "C000000000000000000000000000000c"


def preference(value: str, timestamp: int, **who: str) -> dict[str, Any]:
    post = copy.deepcopy(cases()["optout-preferences"].post)
    [change] = post["entry"][0]["changes"]
    [stated] = change["value"]["user_preferences"]
    stated |= {"value": value, "timestamp": timestamp, **who}
    return post


def line_event(kind: str, id_: str, **source: str) -> dict[str, Any]:
    event = {"type": kind, "mode": "active", "timestamp": "NOW_MS", "webhookEventId": id_}
    return {"destination": "U0", "events": [event | {"source": source}]}


def membership(update_id: int, status: str, date: int, chat: dict[str, Any]) -> dict[str, Any]:
    member = {"user": {"id": 20006, "is_bot": True, "first_name": "Shop"}, "status": status}
    old = {"user": member["user"], "status": "member"}
    change = {"chat": chat, "from": {"id": 8201, "first_name": "Mia"}, "date": date}
    return {
        "update_id": update_id,
        "my_chat_member": change | {"old_chat_member": old, "new_chat_member": member},
    }


def viber_status(status: int, time: int) -> dict[str, Any]:
    return {
        "message_token": 0,
        "message_status": status,
        "message_time": time,
        "phone_number": "4915770002001",
        "service_id": 20001,
    }


def optin(channel: str, status: str, timestamp: int) -> dict[str, Any]:
    event = {
        "sender": {"id": "7201"},
        "recipient": {"id": SENDERS[channel]},
        "timestamp": timestamp,
        "optin": {
            "type": "notification_messages",
            "payload": "NEWS",
            "notification_messages_status": status,
        },
    }
    kind = "page" if channel == "messenger" else "instagram"
    return {"object": kind, "entry": [{"id": SENDERS[channel], "messaging": [event]}]}


class Change(NamedTuple):
    """A person opts out, and in again: the two webhooks, and whom promotions are then refused to."""

    channel: str
    out: Any
    back: Any
    person: str


CHANGES = {
    "whatsapp": Change(
        "whatsapp",
        preference("stop", 1795600000),
        preference("resume", 1795600060),
        "4915770001007",
    ),
    "line-user": Change(
        "line",
        cases()["optout-unfollow"].post,
        line_event("follow", "ev-follow", type="user", userId=LINE_USER),
        LINE_USER,
    ),
    "line-group": Change(
        "line",
        line_event("leave", "ev-leave", type="group", groupId=GROUP),
        line_event("join", "ev-join", type="group", groupId=GROUP),
        GROUP,
    ),
    "telegram": Change(
        "telegram",
        membership(801, "kicked", 1795600000, {"id": 8201, "type": "private"}),
        membership(802, "member", 1795600060, {"id": 8201, "type": "private"}),
        "8201",
    ),
    "telegram-group": Change(
        "telegram",
        membership(803, "left", 1795600000, {"id": -8202, "type": "group", "title": "All"}),
        membership(804, "administrator", 1795600060, {"id": -8202, "type": "group", "title": "All"}),
        "-8202",
    ),
    "viber": Change("viber", viber_status(5, 1795600000000), viber_status(4, 1795600060000), "4915770002001"),
    "messenger": Change(
        "messenger",
        optin("messenger", "STOP_NOTIFICATIONS", 1795600000000),
        optin("messenger", "RESUME_NOTIFICATIONS", 1795600060000),
        "7201",
    ),
}


def listed(service: FieldService, channel: str, person: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = service.call("ListSuppressions", ChannelType=channel, To=person)["Data"]
    return rows


@pytest.mark.parametrize("name", CHANGES)
def test_who_opts_out_is_on_the_list_until_they_come_back(service: FieldService, name: str) -> None:
    change = CHANGES[name]
    assert service.post(change.channel, change.out) == 200
    [row] = listed(service, change.channel, change.person)
    assert (row["Reason"], row["From"]) == ("provider", SENDERS[change.channel])
    assert row["Detail"]
    answer = service.promote(change.channel, change.person)
    assert answer["Code"] != "OK"
    assert "is on the suppression list" in answer["Message"]
    assert service.post(change.channel, change.back) == 200
    assert listed(service, change.channel, change.person) == []


def test_an_opt_in_that_comes_late_takes_back_no_later_opt_out(service: FieldService) -> None:
    late = {"wa_id": "4915770002002"}
    assert service.post("whatsapp", preference("stop", 1795600100, **late)) == 200
    assert service.post("whatsapp", preference("resume", 1795600050, **late)) == 200
    assert len(listed(service, "whatsapp", "4915770002002")) == 1


def test_another_preference_changes_nothing(service: FieldService) -> None:
    other = {"wa_id": "4915770002003", "category": "order_updates"}
    assert service.post("whatsapp", preference("stop", 1795600000, **other)) == 200
    assert listed(service, "whatsapp", "4915770002003") == []


def test_a_stop_word_is_not_taken_back_by_the_provider(service: FieldService) -> None:
    user = "U000000000000000000000000000000d"
    message = line_event("message", "ev-stop", type="user", userId=user)
    message["events"][0]["message"] = {"id": "1", "type": "text", "text": "stop"}
    assert service.post("line", message) == 200
    assert service.post("line", line_event("unfollow", "ev-stop-un", type="user", userId=user)) == 200
    assert service.post("line", line_event("follow", "ev-stop-fo", type="user", userId=user)) == 200
    assert [row["Reason"] for row in listed(service, "line", user)] == ["stop_word"]


def test_an_opt_out_is_published_and_opens_no_window(service: FieldService) -> None:
    assert service.post("messenger", optin("messenger", "STOP_NOTIFICATIONS", 1795600200000)) == 200
    came = service.inbound("optin-7201-1795600200000")
    assert (came["Type"], came["From"], came["WaypostOptOut"]) == ("SYSTEM", "7201", True)
    assert (came["Message"], came["WaypostPayload"]) == ("STOP_NOTIFICATIONS", "NEWS")
    answer = service.send("messenger", To="7201")
    assert answer["Code"] == "InvalidParameter.SessionWindowExpired", answer
