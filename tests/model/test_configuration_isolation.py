"""Another account's objects are not found, exactly like objects that do not exist (promise 6)."""

import pytest

from waypost.model.access.principals import AccessKey, User
from waypost.model.configuration import Account, Configuration, Sender, Space
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.templates.template import Template


def template(account_id: str, code: str, language: str = "en") -> Template:
    return Template(
        code=code,
        name=f"name of {code}",
        language=language,
        account_id=AccountId(account_id),
        space_id=None,
        status="pass",
        channel="viber",
        message_type="text",
        content={"text": f"of account {account_id}"},
    )


def two_accounts() -> Configuration:
    return Configuration(
        entry
        for account in ("1", "2")
        for entry in (
            Account(id=AccountId(account)),
            User(
                id=f"user-{account}",
                account_id=AccountId(account),
                policies={
                    "p": {
                        "Version": "1",
                        "Statement": [{"Effect": "Allow", "Action": "cams:*", "Resource": "*"}],
                    }
                },
            ),
            AccessKey(id=f"key-{account}", account_id=AccountId(account), secret=b""),
            Space(id=SpaceId(f"cams-{account}"), account_id=AccountId(account), default=True),
            Space(id=SpaceId(f"cams-{account}-b"), account_id=AccountId(account)),
            Sender(channel="viber", id=f"{account}0001", account_id=AccountId(account), route="r"),
            FallbackPolicy(
                id=f"S_{account}",
                account_id=AccountId(account),
                steps=(PolicyStep(channel="sms", sender="Shop"),),
            ),
            template(account, f"hello-{account}"),
            template(account, f"hello-{account}", "zh_CN"),
            template(account, "shared"),
        )
    )


CONFIGURATION = two_accounts()


def test_an_account_finds_its_own() -> None:
    space = CONFIGURATION.space(AccountId("1"), SpaceId("cams-1-b"))
    sender = CONFIGURATION.sender(AccountId("1"), "viber", "10001")
    policy = CONFIGURATION.fallbacks.policy(AccountId("1"), "S_1")
    assert space is not None
    assert space.id == "cams-1-b"
    assert sender is not None
    assert sender.id == "10001"
    assert policy is not None
    assert policy.id == "S_1"
    assert CONFIGURATION.template(AccountId("1"), "hello-1", "en") == template("1", "hello-1")
    assert CONFIGURATION.template(AccountId("1"), "name of hello-1", "en") == template("1", "hello-1")
    assert CONFIGURATION.template_languages(AccountId("1"), "hello-1") == ("en", "zh_CN")


def test_no_space_named_is_the_accounts_default_one() -> None:
    first, second = (
        CONFIGURATION.space(AccountId("1"), SpaceId("")),
        CONFIGURATION.space(AccountId("2"), SpaceId("")),
    )
    assert first is not None
    assert second is not None
    assert (first.id, second.id) == ("cams-1", "cams-2")
    assert CONFIGURATION.space(AccountId("3"), SpaceId("")) is None


@pytest.mark.parametrize("account", ["2", "3", ""])
def test_nobody_elses_is_found(account: str) -> None:
    assert CONFIGURATION.space(AccountId(account), SpaceId("cams-1")) is None
    assert CONFIGURATION.space(AccountId(account), SpaceId("cams-1-b")) is None
    assert CONFIGURATION.sender(AccountId(account), "viber", "10001") is None
    assert CONFIGURATION.fallbacks.policy(AccountId(account), "S_1") is None
    assert CONFIGURATION.template(AccountId(account), "hello-1", "en") is None
    assert CONFIGURATION.template(AccountId(account), "name of hello-1", "en") is None
    assert CONFIGURATION.template_languages(AccountId(account), "hello-1") == ()


def test_two_accounts_may_have_templates_of_the_same_name() -> None:
    assert CONFIGURATION.template(AccountId("1"), "shared", "en") == template("1", "shared")
    assert CONFIGURATION.template(AccountId("2"), "shared", "en") == template("2", "shared")


def test_a_sender_belongs_to_its_channel() -> None:
    assert CONFIGURATION.sender(AccountId("1"), "sms", "10001") is None


def test_what_comes_in_finds_its_sender_whoever_has_it() -> None:
    sender = CONFIGURATION.sender_by_id("viber", "20001")
    assert sender is not None
    assert sender.account_id == "2"
    assert CONFIGURATION.sender_by_id("viber", "9") is None


def test_a_user_has_only_the_policies_attached_to_it() -> None:
    assert len(CONFIGURATION.policies("user-1")) == 1
    assert CONFIGURATION.policies("nobody") == ()
