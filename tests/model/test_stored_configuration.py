"""Configuration on disk: the exact JSON text of every kind of entry, which later versions have to read.

A renamed field, a changed default or another order of members is a change of data that people have. A row
that fails here wants a migration, or the old name kept for the file (`msgspec.field(name=...)`).
"""

from typing import Any, get_args

import msgspec
import pytest

from tests.model.stored_entries import FULL
from tests.model.stored_json import fields_at_default, json_text
from waypost.model.access.principals import AccessKey, AccountPolicy, PolicyVersion, Role, User
from waypost.model.configuration import Account, Entry, ReceiptSettings, Sender, Space
from waypost.model.fallback.policies import FallbackPolicy, FallbackRule, PolicyStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.senders.viber_senders import ViberRequest, ViberService
from waypost.model.templates.template import Template

MINIMAL: list[tuple[Entry, dict[str, Any]]] = [
    (
        Account(id=AccountId("1001")),
        {
            "id": "1001",
            "name": "",
            "subscribed": True,
            "limit": None,
            "sms_fallback": True,
            "callbacks": {"status_url": "", "inbound_url": "", "secret": ""},
        },
    ),
    (
        User(id="zoe", account_id=AccountId("1001")),
        {
            "id": "zoe",
            "account_id": "1001",
            "name": "",
            "policies": {},
            "attached": [],
            "details": {},
            "created_at": 0,
            "updated_at": 0,
            "declared_at": 0,
        },
    ),
    (
        AccessKey(id="WPa", account_id=AccountId("1001"), secret=b""),
        {
            "id": "WPa",
            "account_id": "1001",
            "user_id": None,
            "secret": "",
            "enabled": True,
            "created_at": 0,
            "declared_at": 0,
            "ends_at": None,
        },
    ),
    (
        Role(id="3", account_id=AccountId("1001"), name="worker", trust="{}"),
        {
            "id": "3",
            "account_id": "1001",
            "name": "worker",
            "trust": "{}",
            "description": "",
            "longest_session": 3600,
            "attached": [],
            "created_at": 0,
            "updated_at": 0,
            "declared_at": 0,
        },
    ),
    (
        AccountPolicy(
            account_id=AccountId("1001"), name="p", versions=(PolicyVersion("v1", "{}", 0),), default="v1"
        ),
        {
            "account_id": "1001",
            "name": "p",
            "description": "",
            "versions": [{"id": "v1", "document": "{}", "created_at": 0}],
            "default": "v1",
            "made": 1,
            "created_at": 0,
            "updated_at": 0,
            "declared_at": 0,
        },
    ),
    (
        Space(id=SpaceId("cams-1"), account_id=AccountId("1001")),
        {
            "id": "cams-1",
            "account_id": "1001",
            "default": False,
            "channel": "",
            "name": "",
            "description": "",
            "details": {},
            "created_at": 0,
            "declared_at": 0,
        },
    ),
    (
        Sender(channel="viber", id="25644", account_id=AccountId("1001"), route="viber"),
        {
            "channel": "viber",
            "id": "25644",
            "account_id": "1001",
            "route": "viber",
            "callbacks": None,
            "space_id": "",
            "routes": [],
        },
    ),
    (
        FallbackRule(
            id="R", account_id=AccountId("1001"), name="", channel="sms", sender="Shop", created_at=0
        ),
        {"id": "R", "account_id": "1001", "name": "", "channel": "sms", "sender": "Shop", "created_at": 0},
    ),
    (
        FallbackPolicy(
            id="S", account_id=AccountId("1001"), steps=(PolicyStep(channel="sms", sender="Shop"),)
        ),
        {
            "id": "S",
            "account_id": "1001",
            "name": "",
            "steps": [{"channel": "sms", "sender": "Shop"}],
            "created_at": 0,
            "declared_at": 0,
        },
    ),
    (
        Template(
            code="1",
            name="n",
            language="en",
            account_id=AccountId("1001"),
            space_id=None,
            channel="viber",
            message_type="text",
            content={"text": "hello"},
            status="unaudit",
        ),
        {
            "code": "1",
            "name": "n",
            "language": "en",
            "account_id": "1001",
            "space_id": None,
            "channel": "viber",
            "message_type": "text",
            "content": {"text": "hello"},
            "status": "unaudit",
            "reason": "",
            "provider_template_id": None,
            "category": "",
            "components": [],
            "example": {},
            "send_ttl": 0,
            "archived": False,
            "allow_send": True,
            "category_change_paused": False,
            "created_at": 0,
            "updated_at": 0,
            "declared_at": 0,
        },
    ),
    (
        ReceiptSettings(account_id=AccountId("1001")),
        {
            "account_id": "1001",
            "space_id": "",
            "channel": "",
            "sender_id": "",
            "http": None,
            "queue": None,
            "status_url": None,
            "inbound_url": None,
        },
    ),
    (
        ViberRequest(
            id="2",
            account_id=AccountId("1001"),
            space_id=SpaceId("cams-1"),
            type="suspend",
            record={},
            created_at=1,
            updated_at=2,
        ),
        {
            "id": "2",
            "account_id": "1001",
            "space_id": "cams-1",
            "type": "suspend",
            "record": {},
            "status": "unaudit",
            "reason": "",
            "service_id": "",
            "user_id": "",
            "created_at": 1,
            "updated_at": 2,
            "reviewed_at": 0,
        },
    ),
    (
        ViberService(id="25644", account_id=AccountId("1001"), space_id=SpaceId("cams-1"), record={}),
        {"id": "25644", "account_id": "1001", "space_id": "cams-1", "record": {}, "pauses": []},
    ),
]
ROWS = FULL + MINIMAL
IDS = [
    f"{kind}-{type(entry).__name__}"
    for kind, rows in (("full", FULL), ("minimal", MINIMAL))
    for entry, _ in rows
]


@pytest.mark.parametrize(("entry", "stored"), ROWS, ids=IDS)
def test_an_entry_is_stored_as_this_text(entry: Entry, stored: dict[str, Any]) -> None:
    assert msgspec.json.encode(entry).decode() == json_text(stored)


@pytest.mark.parametrize(("entry", "stored"), ROWS, ids=IDS)
def test_the_stored_text_is_read_back_as_the_same_entry(entry: Entry, stored: dict[str, Any]) -> None:
    assert msgspec.json.decode(json_text(stored), type=type(entry)) == entry


@pytest.mark.parametrize("rows", [FULL, MINIMAL], ids=["full", "minimal"])
def test_every_kind_of_entry_has_its_row(rows: list[tuple[Entry, Any]]) -> None:
    assert [type(entry) for entry, _ in rows] == [*_flat(get_args(Entry))]


@pytest.mark.parametrize("entry", [entry for entry, _ in FULL], ids=lambda entry: type(entry).__name__)
def test_a_full_row_sets_every_field(entry: Entry) -> None:
    assert fields_at_default(entry) == set()


@pytest.mark.parametrize(
    ("minimal", "text"),
    [
        (Account(id=AccountId("1001")), '{"id":"1001"}'),
        (User(id="zoe", account_id=AccountId("1001")), '{"id":"zoe","account_id":"1001"}'),
        (Space(id=SpaceId("cams-1"), account_id=AccountId("1001")), '{"id":"cams-1","account_id":"1001"}'),
        (ReceiptSettings(account_id=AccountId("1001")), '{"account_id":"1001"}'),
        (
            Sender(channel="viber", id="2", account_id=AccountId("1001"), route="r"),
            '{"channel":"viber","id":"2","account_id":"1001","route":"r"}',
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, msgspec.Struct) else "",
)
def test_an_entry_of_a_version_without_the_later_fields_is_read_with_their_defaults(
    minimal: Entry, text: str
) -> None:
    assert msgspec.json.decode(text, type=type(minimal)) == minimal


def _flat(types: tuple[Any, ...]) -> list[type]:
    return [one for each in types for one in (_flat(get_args(each)) if get_args(each) else [each])]
