"""The URL of a replayed callback: the one that its account or sender has now."""

import pytest

from waypost.messaging.replay import current_destination
from waypost.model.configuration import Account, CallbackTarget, Configuration, Sender
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.message import Message
from waypost.model.message.statuses import INBOUND_KIND, STATUS_KIND
from waypost.storage.records import Callback, CallbackState

_WHOLE = CallbackTarget("http://a/status", "http://a/inbound", "")
_OWN = CallbackTarget("http://s/status", "http://s/inbound", "")
_DIRECTORY = Configuration(
    [
        Account(id=AccountId("acme"), callbacks=_WHOLE),
        Account(id=AccountId("silent")),
        Sender(channel="viber", id="1", account_id=AccountId("acme"), route="r"),
        Sender(channel="viber", id="2", account_id=AccountId("acme"), route="r", callbacks=_OWN),
        Sender(channel="viber", id="3", account_id=AccountId("silent"), route="r"),
    ]
)


def _callback(kind: str, account_id: str, body: str = "{}") -> Callback:
    return Callback(
        message_id=MessageId("" if kind == INBOUND_KIND else "2026112303460800000100000"),
        account_id=AccountId(account_id),
        kind=kind,
        url="http://before",
        body=body,
        state=CallbackState.DEAD,
        created_at=0,
    )


def _message(account_id: str, sender: str) -> Message:
    return Message(
        message_id=MessageId("2026112303460800000100000"),
        account_id=AccountId(account_id),
        space_id=SpaceId(""),
        accepted_at=0,
        channel="viber",
        message_type="text",
        sender=sender,
        recipient="4915112345678",
        content={"text": "hi"},
        ttl=120,
    )


@pytest.mark.parametrize(
    ("account_id", "sender", "url"),
    [
        ("acme", "1", "http://a/status"),
        ("acme", "2", "http://s/status"),
        ("acme", "gone", "http://a/status"),
        ("silent", "3", ""),
        ("gone", "1", ""),
        # A sender that belongs to somebody else by now keeps its URL to itself.
        ("silent", "2", ""),
    ],
)
def test_a_status_goes_to(account_id: str, sender: str, url: str) -> None:
    callback = _callback(STATUS_KIND, account_id)
    assert current_destination(_DIRECTORY, callback, _message(account_id, sender)).url == url


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ('{"To":"1","WaypostChannel":"viber"}', "http://a/inbound"),
        ('{"To":"2","WaypostChannel":"viber","Message":{"text":"x"}}', "http://s/inbound"),
        ('{"To":"2","WaypostChannel":"sms"}', "http://a/inbound"),
        ("{}", "http://a/inbound"),
    ],
)
def test_an_inbound_message_goes_to(body: str, url: str) -> None:
    assert current_destination(_DIRECTORY, _callback(INBOUND_KIND, "acme", body), None).url == url
