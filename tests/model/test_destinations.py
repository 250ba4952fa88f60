"""The URL of a callback: the narrower setting before the wider, a call's before the configuration file's."""

import pytest

from tests.model.messages import message
from waypost.model.configuration import (
    Account,
    CallbackTarget,
    Configuration,
    Entry,
    ReceiptSettings,
    Sender,
    Space,
)
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.callback_urls import url_error
from waypost.model.message.destinations import Destination, Subject, declared_urls, destination, secret_of_url

ACCOUNT = CallbackTarget("https://a/status", "https://a/inbound", "of-account")
SENDER = CallbackTarget("https://s/status", "https://s/inbound", "of-sender")
STATUS, INBOUND, AUDIT = "ChatAppStatus", "ChatAppInbound", "ChatAppAudit"


def by_space(space_id: str = "cams-1", **what: object) -> ReceiptSettings:
    return ReceiptSettings(account_id="1", space_id=space_id, **what)  # type: ignore[arg-type]


def by_sender(account_id: str = "1", **what: object) -> ReceiptSettings:
    return ReceiptSettings(account_id=account_id, channel="viber", sender_id="20001", **what)  # type: ignore[arg-type]


def configuration(*settings: Entry, own: CallbackTarget | None = None) -> Configuration:
    return Configuration(
        [
            Account(id=AccountId("1"), callbacks=ACCOUNT),
            Account(id=AccountId("2")),
            Space(id=SpaceId("cams-1"), account_id=AccountId("1"), default=True),
            Space(id=SpaceId("cams-1-b"), account_id=AccountId("1")),
            Sender(channel="viber", id="20001", account_id=AccountId("1"), route="r", callbacks=own),
            Sender(channel="viber", id="20009", account_id=AccountId("1"), route="r"),
            *settings,
        ]
    )


FROM_20001 = Subject(AccountId("1"), SpaceId("cams-1"), "viber", "20001")
QUEUE = "Alicom-Queue-1-ChatAppStatus"
ROWS: list[tuple[str, list[Entry], CallbackTarget | None, Destination]] = [
    ("the account's, declared", [], None, Destination("https://a/status")),
    ("the sender's, declared", [], SENDER, Destination("https://s/status")),
    (
        "a space's URL",
        [by_space(status_url="https://x/")],
        None,
        Destination("https://x/"),
    ),
    (
        "a space's URL does not reach a sender that declares its own",
        [by_space(status_url="https://x/")],
        SENDER,
        Destination("https://s/status"),
    ),
    (
        "a sender's URL goes before all",
        [by_space(status_url="https://x/"), by_sender(status_url="https://y/")],
        SENDER,
        Destination("https://y/"),
    ),
    (
        "a setting of another space",
        [by_space("cams-1-b", status_url="https://x/", queue=True)],
        None,
        Destination("https://a/status"),
    ),
    ("no pushes", [by_space(http=False, status_url="https://x/")], None, Destination()),
    ("no pushes of a sender's", [by_sender(http=False)], SENDER, Destination()),
    ("a queue beside the URL", [by_space(queue=True)], None, Destination("https://a/status", QUEUE)),
    (
        "a queue beside the sender's URL",
        [by_space(queue=True)],
        SENDER,
        Destination("https://s/status", QUEUE),
    ),
    ("a queue alone", [by_space(queue=True, http=False)], None, Destination("", QUEUE)),
    (
        "a sender that is kept out of its space's queue",
        [by_space(queue=True), by_sender(queue=False)],
        None,
        Destination("https://a/status"),
    ),
    (
        "a setting by the sender's last owner",
        [by_sender("2", queue=True)],
        None,
        Destination("https://a/status"),
    ),
]


@pytest.mark.parametrize(("settings", "own", "goes"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_where_a_status_goes(settings: list[Entry], own: CallbackTarget | None, goes: Destination) -> None:
    assert destination(configuration(*settings, own=own), FROM_20001, STATUS) == goes


def test_each_kind_has_its_url_and_its_queue() -> None:
    found = configuration(by_space(queue=True, status_url="https://x/", inbound_url="https://y/"))
    assert {kind: destination(found, FROM_20001, kind) for kind in (STATUS, INBOUND, AUDIT)} == {
        STATUS: Destination("https://x/", "Alicom-Queue-1-ChatAppStatus"),
        INBOUND: Destination("https://y/", "Alicom-Queue-1-ChatAppInbound"),
        AUDIT: Destination("https://x/", "Alicom-Queue-1-ChatAppAudit"),
    }


def test_no_space_means_the_default_one() -> None:
    found = configuration(by_space(status_url="https://x/"))
    assert destination(found, Subject(AccountId("1")), AUDIT) == Destination("https://x/")
    assert destination(found, Subject(AccountId("2")), AUDIT) == Destination()


def test_what_a_message_is_about() -> None:
    sent = message()
    assert Subject.of(sent) == Subject(sent.account_id, sent.space_id, sent.channel, sent.sender)


def test_pushes_are_signed_with_the_secret_that_belongs_to_the_url() -> None:
    found = configuration(by_sender(status_url="https://y/"), by_space(status_url="https://x/"), own=SENDER)
    secrets = {
        url: secret_of_url(found, AccountId("1"), url)
        for url in (ACCOUNT.status_url, SENDER.inbound_url, "https://y/", "https://x/")
    }
    assert list(secrets.values()) == ["of-account", "of-sender", "of-sender", "of-account"]
    assert secret_of_url(found, AccountId("2"), "https://x/") == ""
    assert set(declared_urls(found, AccountId("1"))) == {
        ACCOUNT.status_url,
        ACCOUNT.inbound_url,
        SENDER.status_url,
        SENDER.inbound_url,
    }


@pytest.mark.parametrize(
    "url", ["https://shop.example.com", "http://shop.example.com:8080/a?b=c", "http://[::1]/"]
)
def test_a_url_to_push_to(url: str) -> None:
    assert url_error(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example.com/",
        "file:///etc/passwd",
        "shop.example.com/status",
        "https://",
        "https:///status",
        "https://shop.example.com:0/",
        "https://shop.example.com:x/",
        "https://name:password@shop.example.com/",
        "https://shop.example.com/a b",
        "https://shop.example.com/\n",
        "https://[::1/",
    ],
)
def test_no_url_to_push_to(url: str) -> None:
    assert url_error(url) is not None
