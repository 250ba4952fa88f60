"""What a call finds in the configuration: spaces and what they share, templates, senders, settings."""

from typing import Any

import pytest

from waypost.model.configuration import Account, CallbackTarget, Configuration, ReceiptSettings, Sender, Space
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.message.destinations import secret_of_url
from waypost.model.senders.viber_senders import Pause, ViberService
from waypost.model.templates.template import Template

BODY = {"Type": "BODY", "Text": "Hi"}


def template(code: str, space: SpaceId | None = None, language: str = "en", **parts: Any) -> Template:
    usual = {"account_id": "1", "name": f"name of {code}", "status": "pass"} | parts
    return Template(
        code=code,
        language=language,
        space_id=space,
        channel="viber",
        message_type="text",
        content={"text": "Hi"},
        **usual,
    )


SHARED = template("shared")
OF_DEFAULT = template("t", SpaceId("cams-1"), created_at=20)
OF_OTHER = template("t", SpaceId("cams-2"), created_at=10)
CHINESE = template("t", SpaceId("cams-1"), "zh_CN", created_at=20)
UNREVIEWED = template("new", SpaceId("cams-1"), status="unaudit", created_at=30)
AUDITING = template("newer", SpaceId("cams-1"), status="auditing", created_at=40)
REFUSED = template("refused", SpaceId("cams-1"), status="fail", created_at=50)
CONFIGURATION = Configuration(
    [
        Account(id=AccountId("1")),
        Space(id=SpaceId("cams-1"), account_id=AccountId("1"), default=True),
        Space(id=SpaceId("cams-3"), account_id=AccountId("1"), created_at=7),
        Space(id=SpaceId("cams-2"), account_id=AccountId("1"), created_at=5),
        Space(id=SpaceId("cams-9"), account_id=AccountId("2"), default=True),
        Sender(channel="viber", id="20001", account_id=AccountId("1"), route="viber"),
        Sender(
            channel="viber", id="20002", account_id=AccountId("1"), route="viber", space_id=SpaceId("cams-2")
        ),
        Sender(channel="line", id="1", account_id=AccountId("1"), route="line"),
        Sender(channel="sms", id="1", account_id=AccountId("1"), route="line"),
        SHARED,
        OF_DEFAULT,
        OF_OTHER,
        CHINESE,
        UNREVIEWED,
        AUDITING,
        REFUSED,
        template("t", account_id="2"),
    ]
)


@pytest.mark.parametrize(
    ("named", "language", "space", "found"),
    [
        ("t", "en", "", OF_DEFAULT),
        ("t", "en", "cams-1", OF_DEFAULT),
        ("t", "en", "cams-2", OF_OTHER),
        ("t", "zh_CN", "", CHINESE),
        ("t", "zh_CN", "cams-2", None),
        ("t", "en", "cams-3", None),
        ("shared", "en", "", SHARED),
        ("shared", "en", "cams-2", SHARED),
        ("name of shared", "en", "cams-3", SHARED),
        ("name of t", "en", "cams-2", OF_OTHER),
        ("shared", "de", "", None),
        ("gone", "en", "", None),
    ],
)
def test_a_space_has_its_own_templates_and_the_shared_ones(
    named: str, language: str, space: str, found: Template | None
) -> None:
    assert CONFIGURATION.template(AccountId("1"), named, language, SpaceId(space)) == found


def test_a_spaces_own_template_goes_before_a_shared_one_of_the_same_name() -> None:
    both = Configuration(
        [
            Space(id=SpaceId("cams-1"), account_id=AccountId("1"), default=True),
            template("t"),
            template("t", SpaceId("cams-1")),
        ]
    )
    own = both.template(AccountId("1"), "t", "en")
    other = both.template(AccountId("1"), "t", "en", SpaceId("cams-2"))
    assert own is not None
    assert other is not None
    assert (own.space_id, other.space_id) == ("cams-1", None)


def test_a_template_is_found_in_whichever_space_has_it() -> None:
    assert CONFIGURATION.template_of_any_space(AccountId("1"), "t", "zh_CN") == CHINESE
    assert CONFIGURATION.template_of_any_space(AccountId("1"), "name of shared", "en") == SHARED
    assert CONFIGURATION.template_of_any_space(AccountId("3"), "t", "en") is None


@pytest.mark.parametrize(
    ("account", "space", "found"),
    [
        ("1", "", [SHARED, OF_DEFAULT, CHINESE, UNREVIEWED, AUDITING, REFUSED]),
        ("1", "cams-2", [SHARED, OF_OTHER]),
        ("1", "cams-3", [SHARED]),
        ("3", "", []),
    ],
)
def test_templates_are_listed_those_declared_first_and_then_by_age(
    account: str, space: str, found: list[Template]
) -> None:
    assert CONFIGURATION.templates(AccountId(account), SpaceId(space)) == found


@pytest.mark.parametrize(
    ("named", "space", "languages"),
    [
        ("t", "", ("en", "zh_CN")),
        ("name of t", "cams-2", ("en",)),
        ("shared", "cams-3", ("en",)),
        ("x", "", ()),
    ],
)
def test_the_languages_of_a_template(named: str, space: str, languages: tuple[str, ...]) -> None:
    assert CONFIGURATION.template_languages(AccountId("1"), named, SpaceId(space)) == languages


def test_only_templates_whose_review_has_not_ended_wait_for_one() -> None:
    assert CONFIGURATION.unreviewed() == [UNREVIEWED, AUDITING]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"status": "unaudit"}, "the template's audit status is unaudit; only one that passed can be sent."),
        ({"status": "fail"}, "the template's audit status is fail; only one that passed can be sent."),
        (
            {"status": "auditing"},
            "the template's audit status is auditing; only one that passed can be sent.",
        ),
        ({"archived": True}, "the template is archived; only one that is not can be sent."),
        ({"allow_send": False}, "the template's AllowSend is false; only one that is allowed can be sent."),
    ],
    ids=str,
)
def test_why_a_template_cannot_be_sent(changes: dict[str, Any], why: str) -> None:
    assert template("t", **changes).unsendable == why


@pytest.mark.parametrize(
    ("entry", "declared"),
    [
        (template("t"), True),
        (template("t", components=(BODY,)), False),
        (Space(id=SpaceId("s"), account_id=AccountId("1")), True),
        (Space(id=SpaceId("s"), account_id=AccountId("1"), created_at=1), False),
    ],
)
def test_what_the_operator_declares_is_known_by_what_calls_always_set(
    entry: Template | Space, declared: bool
) -> None:
    assert entry.declared is declared


def test_spaces_are_listed_those_declared_first_and_then_by_age() -> None:
    assert [space.id for space in CONFIGURATION.spaces(AccountId("1"))] == ["cams-1", "cams-2", "cams-3"]
    assert CONFIGURATION.spaces(AccountId("3")) == []


@pytest.mark.parametrize(
    ("sender_id", "space", "may_use"),
    [
        ("20001", "cams-1", True),
        ("20001", "cams-2", True),
        ("20002", "cams-2", True),
        ("20002", "cams-1", False),
    ],
)
def test_a_sender_that_was_registered_for_a_space_is_that_spaces_alone(
    sender_id: str, space: str, may_use: bool
) -> None:
    sender = CONFIGURATION.sender(AccountId("1"), "viber", sender_id)
    assert sender is not None
    assert sender.is_of(SpaceId(space)) is may_use


@pytest.mark.parametrize(
    ("channel", "route", "sender_id"),
    [("line", "line", "1"), ("sms", "line", "1"), ("viber", "viber", None), ("viber", "line", None)],
)
def test_the_only_sender_of_a_route_is_meant_when_a_provider_names_none(
    channel: str, route: str, sender_id: str | None
) -> None:
    found = CONFIGURATION.only_sender_of(channel, route)
    assert (found.id if found is not None else None) == sender_id


@pytest.mark.parametrize(
    ("account", "channel", "sender_id", "now", "suspended"),
    [
        ("1", "viber", "20001", 9, False),
        ("1", "viber", "20001", 10, True),
        ("1", "viber", "20001", 19, True),
        ("1", "viber", "20001", 20, False),
        ("2", "viber", "20001", 10, False),
        ("1", "sms", "20001", 10, False),
        ("1", "viber", "20002", 10, False),
    ],
)
def test_a_viber_sender_is_suspended_within_its_pauses(
    account: str, channel: str, sender_id: str, now: int, suspended: bool
) -> None:
    service = ViberService(
        id="20001", account_id=AccountId("1"), space_id=SpaceId("cams-1"), record={}, pauses=(Pause(10, 20),)
    )
    assert Configuration([service]).suspended(AccountId(account), channel, sender_id, now) is suspended


def test_receipt_settings_are_found_by_their_owner_alone() -> None:
    of_space = ReceiptSettings(account_id=AccountId("1"), space_id=SpaceId("cams-1"), queue=True)
    of_sender = ReceiptSettings(account_id=AccountId("1"), channel="viber", sender_id="20001", http=False)
    found = Configuration([of_space, of_sender])
    assert found.space_receipts(AccountId("1"), SpaceId("cams-1")) == of_space
    assert found.sender_receipts(AccountId("1"), "viber", "20001") == of_sender
    nothing = ReceiptSettings(account_id=AccountId("2"))
    assert (
        found.space_receipts(AccountId("2"), SpaceId("cams-1"))
        == found.sender_receipts(AccountId("2"), "viber", "20001")
        == nothing
    )
    assert found.space_receipts(AccountId("1"), SpaceId("cams-2")) == ReceiptSettings(
        account_id=AccountId("1")
    )


def test_a_url_of_a_space_is_not_signed_with_the_secret_of_a_sender_that_has_another() -> None:
    found = Configuration(
        [
            Account(id=AccountId("1"), callbacks=CallbackTarget(secret="of-account")),
            Sender(
                channel="viber",
                id="20001",
                account_id=AccountId("1"),
                route="r",
                callbacks=CallbackTarget("https://s/", secret="of-sender"),
            ),
            ReceiptSettings(
                account_id=AccountId("1"), channel="viber", sender_id="20001", status_url="https://y/"
            ),
        ]
    )
    assert secret_of_url(found, AccountId("1"), "https://x/") == "of-account"
    assert secret_of_url(found, AccountId("1"), "https://y/") == "of-sender"
    assert secret_of_url(found, AccountId("9"), "https://x/") == ""
