"""Configuration on disk: the exact JSON text of every kind of entry, which later versions have to read.

A renamed field, a changed default or another order of members is a change of data that people have. A row
that fails here wants a migration, or the old name kept for the file (`msgspec.field(name=...)`).
"""

from typing import Any, get_args

import msgspec
import pytest

from tests.model.stored_json import fields_at_default, json_text
from waypost.model.directory import Account, CallbackTarget, Entry, ReceiptSettings, Sender, Space
from waypost.model.fallback_chain import StepCondition
from waypost.model.fallback_policies import FallbackPolicy, FallbackRule, PolicyStep
from waypost.model.principals import AccessKey, AccountPolicy, Attachment, PolicyVersion, Role, User
from waypost.model.templates import Template
from waypost.model.viber_senders import Pause, ViberRequest, ViberService

T = 1_800_000_000_000
ALLOW = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "cams:*", "Resource": "*"}]}
BODY = {"Type": "BODY", "Text": "Hi $(name) 你好"}

FULL: list[tuple[Entry, dict[str, Any]]] = [
    (
        Account(
            id="1001",
            name="Acme",
            subscribed=False,
            limit=250,
            sms_fallback=False,
            callbacks=CallbackTarget("https://a.example/s", "https://a.example/i", "k"),
        ),
        {
            "id": "1001",
            "name": "Acme",
            "subscribed": False,
            "limit": 250,
            "sms_fallback": False,
            "callbacks": {
                "status_url": "https://a.example/s",
                "inbound_url": "https://a.example/i",
                "secret": "k",
            },
        },
    ),
    (
        User(
            id="216959339000654321",
            account_id="1001",
            name="zoe",
            policies={"senders": ALLOW},
            attached=(Attachment("System", "AdministratorAccess", T),),
            details={"DisplayName": "Zoe"},
            created_at=T,
            updated_at=T + 1,
        ),
        {
            "id": "216959339000654321",
            "account_id": "1001",
            "name": "zoe",
            "policies": {"senders": ALLOW},
            "attached": [{"kind": "System", "policy": "AdministratorAccess", "at": T}],
            "details": {"DisplayName": "Zoe"},
            "created_at": T,
            "updated_at": T + 1,
        },
    ),
    (
        AccessKey(
            id="WPaaaaaaaaaaaaaaaaaa",
            account_id="1001",
            user_id="216959339000654321",
            secret=b"\x00\xff sealed",
            enabled=False,
            created_at=T,
        ),
        {
            "id": "WPaaaaaaaaaaaaaaaaaa",
            "account_id": "1001",
            "user_id": "216959339000654321",
            "secret": "AP8gc2VhbGVk",
            "enabled": False,
            "created_at": T,
        },
    ),
    (
        Role(
            id="316959339000654321",
            account_id="1001",
            name="worker",
            trust='{"Version":"1"}',
            description="Batch jobs",
            longest_session=7200,
            attached=(Attachment("Custom", "senders"),),
            created_at=T,
            updated_at=T + 1,
        ),
        {
            "id": "316959339000654321",
            "account_id": "1001",
            "name": "worker",
            "trust": '{"Version":"1"}',
            "description": "Batch jobs",
            "longest_session": 7200,
            "attached": [{"kind": "Custom", "policy": "senders", "at": 0}],
            "created_at": T,
            "updated_at": T + 1,
        },
    ),
    (
        AccountPolicy(
            account_id="1001",
            name="senders",
            description="May send",
            versions=(PolicyVersion("v1", "{}", T), PolicyVersion("v3", '{"Version":"1"}', T + 1)),
            default="v3",
            made=3,
            created_at=T,
            updated_at=T + 1,
        ),
        {
            "account_id": "1001",
            "name": "senders",
            "description": "May send",
            "versions": [
                {"id": "v1", "document": "{}", "created_at": T},
                {"id": "v3", "document": '{"Version":"1"}', "created_at": T + 1},
            ],
            "default": "v3",
            "made": 3,
            "created_at": T,
            "updated_at": T + 1,
        },
    ),
    (
        Space(
            id="cams-0123456789ab",
            account_id="1001",
            default=True,
            channel="viber",
            name="Shop",
            description="The shop",
            details={"CountryId": "DE"},
            created_at=T,
        ),
        {
            "id": "cams-0123456789ab",
            "account_id": "1001",
            "default": True,
            "channel": "viber",
            "name": "Shop",
            "description": "The shop",
            "details": {"CountryId": "DE"},
            "created_at": T,
        },
    ),
    (
        Sender(
            channel="viber",
            id="25644",
            account_id="1001",
            route="viber",
            callbacks=CallbackTarget("https://a.example/s"),
            space_id="cams-1",
        ),
        {
            "channel": "viber",
            "id": "25644",
            "account_id": "1001",
            "route": "viber",
            "callbacks": {"status_url": "https://a.example/s", "inbound_url": "", "secret": ""},
            "space_id": "cams-1",
        },
    ),
    (
        FallbackRule(
            id="R_000001", account_id="1001", name="By SMS", channel="sms", sender="Shop", created_at=T
        ),
        {
            "id": "R_000001",
            "account_id": "1001",
            "name": "By SMS",
            "channel": "sms",
            "sender": "Shop",
            "created_at": T,
        },
    ),
    (
        FallbackPolicy(
            id="S_000001",
            account_id="1001",
            name="Viber, then SMS",
            steps=(
                PolicyStep(
                    channel="viber",
                    sender="25644",
                    name="Viber",
                    rule_id="R_000001",
                    wait=60,
                    condition=StepCondition.UNREAD,
                ),
                PolicyStep(channel="sms", sender="Shop", condition=StepCondition.FAILED),
            ),
            created_at=T,
        ),
        {
            "id": "S_000001",
            "account_id": "1001",
            "name": "Viber, then SMS",
            "steps": [
                {
                    "channel": "viber",
                    "sender": "25644",
                    "name": "Viber",
                    "rule_id": "R_000001",
                    "wait": 60,
                    "condition": "unread",
                },
                {"channel": "sms", "sender": "Shop", "condition": "failed"},
            ],
            "created_at": T,
        },
    ),
    (
        Template(
            code="1234567890123456789",
            name="greeting",
            language="en",
            account_id="1001",
            space_id="cams-1",
            channel="whatsapp",
            message_type="text",
            content={"text": "Hi $(name) 你好", "buttons": [{"kind": "URL", "value": "$(id)"}]},
            status="fail",
            reason="The name begins with reject_.",
            provider_template_id="594425479261596",
            category="MARKETING",
            components=(BODY,),
            example={"name": "Zoe"},
            send_ttl=600,
            archived=True,
            allow_send=False,
            category_change_paused=True,
            created_at=T,
            updated_at=T + 1,
        ),
        {
            "code": "1234567890123456789",
            "name": "greeting",
            "language": "en",
            "account_id": "1001",
            "space_id": "cams-1",
            "channel": "whatsapp",
            "message_type": "text",
            "content": {"text": "Hi $(name) 你好", "buttons": [{"kind": "URL", "value": "$(id)"}]},
            "status": "fail",
            "reason": "The name begins with reject_.",
            "provider_template_id": "594425479261596",
            "category": "MARKETING",
            "components": [BODY],
            "example": {"name": "Zoe"},
            "send_ttl": 600,
            "archived": True,
            "allow_send": False,
            "category_change_paused": True,
            "created_at": T,
            "updated_at": T + 1,
        },
    ),
    (
        ReceiptSettings(
            account_id="1001",
            space_id="cams-1",
            channel="viber",
            sender_id="25644",
            http=False,
            queue=True,
            status_url="https://a.example/s",
            inbound_url="",
        ),
        {
            "account_id": "1001",
            "space_id": "cams-1",
            "channel": "viber",
            "sender_id": "25644",
            "http": False,
            "queue": True,
            "status_url": "https://a.example/s",
            "inbound_url": "",
        },
    ),
    (
        ViberRequest(
            id="20270115080000",
            account_id="1001",
            space_id="cams-1",
            type="open",
            record={"BusinessAccountName": "Acme", "MessageDestinationCountry": ["DE"]},
            status="pass",
            reason="fine",
            service_id="25644",
            user_id="216959339000654321",
            created_at=T,
            updated_at=T + 1,
            reviewed_at=T + 2,
        ),
        {
            "id": "20270115080000",
            "account_id": "1001",
            "space_id": "cams-1",
            "type": "open",
            "record": {"BusinessAccountName": "Acme", "MessageDestinationCountry": ["DE"]},
            "status": "pass",
            "reason": "fine",
            "service_id": "25644",
            "user_id": "216959339000654321",
            "created_at": T,
            "updated_at": T + 1,
            "reviewed_at": T + 2,
        },
    ),
    (
        ViberService(
            id="25644",
            account_id="1001",
            space_id="cams-1",
            record={"BusinessAccountName": "Acme"},
            pauses=(Pause(T, T + 1), Pause(T + 2)),
        ),
        {
            "id": "25644",
            "account_id": "1001",
            "space_id": "cams-1",
            "record": {"BusinessAccountName": "Acme"},
            "pauses": [{"start": T, "end": T + 1}, {"start": T + 2, "end": None}],
        },
    ),
]

MINIMAL: list[tuple[Entry, dict[str, Any]]] = [
    (
        Account(id="1001"),
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
        User(id="zoe", account_id="1001"),
        {
            "id": "zoe",
            "account_id": "1001",
            "name": "",
            "policies": {},
            "attached": [],
            "details": {},
            "created_at": 0,
            "updated_at": 0,
        },
    ),
    (
        AccessKey(id="WPa", account_id="1001", secret=b""),
        {"id": "WPa", "account_id": "1001", "user_id": None, "secret": "", "enabled": True, "created_at": 0},
    ),
    (
        Role(id="3", account_id="1001", name="worker", trust="{}"),
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
        },
    ),
    (
        AccountPolicy(account_id="1001", name="p", versions=(PolicyVersion("v1", "{}", 0),), default="v1"),
        {
            "account_id": "1001",
            "name": "p",
            "description": "",
            "versions": [{"id": "v1", "document": "{}", "created_at": 0}],
            "default": "v1",
            "made": 1,
            "created_at": 0,
            "updated_at": 0,
        },
    ),
    (
        Space(id="cams-1", account_id="1001"),
        {
            "id": "cams-1",
            "account_id": "1001",
            "default": False,
            "channel": "",
            "name": "",
            "description": "",
            "details": {},
            "created_at": 0,
        },
    ),
    (
        Sender(channel="viber", id="25644", account_id="1001", route="viber"),
        {
            "channel": "viber",
            "id": "25644",
            "account_id": "1001",
            "route": "viber",
            "callbacks": None,
            "space_id": "",
        },
    ),
    (
        FallbackRule(id="R", account_id="1001", name="", channel="sms", sender="Shop", created_at=0),
        {"id": "R", "account_id": "1001", "name": "", "channel": "sms", "sender": "Shop", "created_at": 0},
    ),
    (
        FallbackPolicy(id="S", account_id="1001", steps=(PolicyStep(channel="sms", sender="Shop"),)),
        {
            "id": "S",
            "account_id": "1001",
            "name": "",
            "steps": [{"channel": "sms", "sender": "Shop"}],
            "created_at": 0,
        },
    ),
    (
        Template(
            code="1",
            name="n",
            language="en",
            account_id="1001",
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
        },
    ),
    (
        ReceiptSettings(account_id="1001"),
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
            account_id="1001",
            space_id="cams-1",
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
        ViberService(id="25644", account_id="1001", space_id="cams-1", record={}),
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
        (Account(id="1001"), '{"id":"1001"}'),
        (User(id="zoe", account_id="1001"), '{"id":"zoe","account_id":"1001"}'),
        (Space(id="cams-1", account_id="1001"), '{"id":"cams-1","account_id":"1001"}'),
        (ReceiptSettings(account_id="1001"), '{"account_id":"1001"}'),
        (
            Sender(channel="viber", id="2", account_id="1001", route="r"),
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
