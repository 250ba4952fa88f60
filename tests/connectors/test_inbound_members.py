"""Of what people send, a member that is null counts as absent, and one of another type is never a fault."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from waypost.connectors.kannel.inbound import is_inbound, parse_sms
from waypost.connectors.line.events import parse_event
from waypost.connectors.meta.pages.inbound import parse_inbound
from waypost.connectors.meta.whatsapp.inbound import parse_message, parse_preference
from waypost.connectors.telegram.updates import parse_update
from waypost.model.message.outcomes import Inbound, Receipt

Reports = list[Receipt | Inbound] | list[Inbound]
Parse = Callable[[dict[str, Any]], Reports]

CONTACTS = [{"profile": {"name": "Mia", "username": "@mia"}, "wa_id": "491577", "user_id": "DE.1"}]
AUTHOR = {"id": 7, "first_name": "Mia", "last_name": "Maier", "username": "mia"}
CHAT = {"id": -5, "type": "group"}


def whatsapp(message: dict[str, Any]) -> Reports:
    return parse_message("r", "1555", CONTACTS, msgspec.Raw(msgspec.json.encode(message)))


def preference(stated: dict[str, Any]) -> Reports:
    return parse_preference("r", "1555", msgspec.Raw(msgspec.json.encode(stated)))


ITEMS: dict[str, tuple[Parse, dict[str, Any]]] = {
    "whatsapp button": (
        whatsapp,
        {
            "from": "491577",
            "from_user_id": "DE.1",
            "id": "w1",
            "timestamp": "1795600000",
            "type": "button",
            "button": {"payload": "P", "text": "Yes"},
            "context": {"from": "1555", "id": "w0"},
        },
    ),
    "whatsapp reply": (
        whatsapp,
        {
            "from": "491577",
            "id": "w2",
            "timestamp": 1795600000,
            "type": "interactive",
            "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "One"}},
            "group_id": "g",
        },
    ),
    "whatsapp image": (
        whatsapp,
        {
            "from": "491577",
            "id": "w3",
            "timestamp": "1795600000",
            "type": "image",
            "image": {"id": "i", "caption": "see"},
        },
    ),
    "whatsapp preference": (
        preference,
        {
            "wa_id": "491577",
            "user_id": "DE.1",
            "detail": "stop marketing",
            "category": "marketing_messages",
            "value": "stop",
            "timestamp": 1795600000,
        },
    ),
    "telegram photo": (
        lambda update: parse_update("r", update),
        {
            "update_id": 1,
            "message": {
                "message_id": 6,
                "date": 1795600000,
                "chat": CHAT,
                "from": AUTHOR,
                "photo": [{"file_id": "p"}],
                "caption": "see",
                "reply_to_message": {"message_id": 5},
            },
        },
    ),
    "telegram button": (
        lambda update: parse_update("r", update),
        {
            "update_id": 2,
            "callback_query": {
                "id": "9",
                "from": AUTHOR,
                "data": "YES",
                "message": {
                    "message_id": 5,
                    "chat": CHAT,
                    "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "YES"}]]},
                },
            },
        },
    ),
    "telegram block": (
        lambda update: parse_update("r", update),
        {
            "update_id": 3,
            "my_chat_member": {
                "date": 1795600000,
                "chat": {"id": 7, "type": "private"},
                "from": AUTHOR,
                "new_chat_member": {"status": "kicked"},
            },
        },
    ),
    "line text": (
        lambda event: parse_event("r", event),
        {
            "type": "message",
            "timestamp": 1795600000000,
            "webhookEventId": "e1",
            "source": {"type": "group", "groupId": "C1", "userId": "U1"},
            "message": {"id": "1", "type": "text", "text": "hi", "quotedMessageId": "0"},
        },
    ),
    "line postback": (
        lambda event: parse_event("r", event),
        {
            "type": "postback",
            "timestamp": 1795600000000,
            "webhookEventId": "e2",
            "source": {"type": "user", "userId": "U1"},
            "postback": {"data": "d", "params": {"date": "2026-11-26", "time": "1"}},
        },
    ),
    "messenger text": (
        lambda event: parse_inbound("r", "messenger", event),
        {
            "sender": {"id": "7"},
            "recipient": {"id": "20004"},
            "timestamp": 1795600000000,
            "message": {
                "mid": "m",
                "text": "see",
                "quick_reply": {"payload": "P"},
                "attachments": [{"type": "image", "payload": {"url": "u"}}],
                "reply_to": {"mid": "m0"},
            },
        },
    ),
    "messenger reaction": (
        lambda event: parse_inbound("r", "messenger", event),
        {
            "sender": {"id": "7"},
            "recipient": {"id": "20004"},
            "timestamp": 1795600000000,
            "reaction": {"mid": "m", "action": "react", "emoji": "x"},
        },
    ),
}


def members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all members of the objects within a value."""
    names = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in names:
        if isinstance(value, dict):
            yield (*path, name)
        yield from members(value[name], (*path, name))


def changed(
    item: dict[str, Any], path: tuple[Any, ...], change: Callable[[dict[str, Any], Any], None]
) -> Any:
    copied = copy.deepcopy(item)
    parent: Any = copied
    for name in path[:-1]:
        parent = parent[name]
    change(parent, path[-1])
    return copied


def parsed(parse: Parse, item: dict[str, Any]) -> Reports | None:
    """The reports; None if it cannot be understood, which is logged and skipped."""
    try:
        return parse(item)
    except (ValueError, KeyError, TypeError):
        return None


CHANGES = [
    pytest.param(name, path, id=f"{name}: {path}") for name in ITEMS for path in members(ITEMS[name][1])
]


@pytest.mark.parametrize(("name", "path"), CHANGES)
def test_null_counts_as_absent(name: str, path: tuple[Any, ...]) -> None:
    parse, item = ITEMS[name]
    null = parsed(parse, changed(item, path, lambda parent, member: parent.update({member: None})))
    absent = parsed(parse, changed(item, path, lambda parent, member: parent.pop(member)))
    assert without_text(null) == without_text(absent)


def without_text(reports: Reports | None) -> Any:
    """The reports without the objects of the provider that they repeat as they are."""
    if reports is None:
        return None
    return [
        msgspec.structs.replace(each, text="") if each.text.startswith(("{", "[", "null")) else each
        for each in reports
    ]


@pytest.mark.parametrize("odd", [7, "text", [], {}, True], ids=repr)
@pytest.mark.parametrize("name", ITEMS)
def test_a_member_of_another_type_is_at_most_skipped(name: str, odd: object) -> None:
    parse, item = ITEMS[name]
    for path in members(item):
        try:
            parse(changed(item, path, lambda parent, member: parent.update({member: odd})))
        except (ValueError, KeyError, TypeError):
            continue


def test_all_that_is_there_is_read() -> None:
    [button] = whatsapp(ITEMS["whatsapp button"][1])
    assert isinstance(button, Inbound)
    assert (button.user, button.user_id, button.user_name, button.name) == ("491577", "DE.1", "@mia", "Mia")
    [reaction] = parse_inbound("r", "messenger", ITEMS["messenger reaction"][1])
    assert (reaction.type, reaction.context_id) == ("REACTION", "7:m")
    [blocked] = parse_update("r", ITEMS["telegram block"][1])
    assert (blocked.user, blocked.opted_out, blocked.group) == ("7", True, "")
    [picked] = parse_event("r", ITEMS["line postback"][1])
    assert (picked.type, picked.text, picked.payload) == ("BUTTON", '{"date":"2026-11-26","time":"1"}', "d")


def test_a_report_of_a_gateway_is_no_message() -> None:
    query = {"from": "+491577", "to": "Acme", "text": "Stop", "time": "1795600000", "id": "1"}
    assert is_inbound(query)
    assert not is_inbound(query | {"reference": "x"})
    [written] = parse_sms("r", query)
    assert (written.user, written.text) == ("491577", "Stop")
