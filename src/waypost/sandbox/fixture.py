"""The documented accounts, keys, senders and templates of every sandbox, which CI jobs can rely on."""

from typing import Any, NamedTuple

import msgspec

from waypost.config.settings import (
    AccountSettings,
    FallbackSettings,
    RuleSettings,
    SenderSettings,
    TemplateSettings,
)
from waypost.model.access.principals import (
    CUSTOM,
    AccessKey,
    AccountPolicy,
    Attachment,
    PolicyVersion,
    Role,
    User,
)
from waypost.model.configuration import Entry
from waypost.model.identifiers import AccountId, SpaceId
from waypost.sandbox import chat_providers
from waypost.storage.secrets import SecretBox

VIBER_ROUTE = "sandbox-viber"
SMS_ROUTE = "sandbox-sms"
SMS_USERNAME = "waypost"
SMS_PASSWORD = "sandbox"
RECEIPTS_SECRET = chat_providers.RECEIPTS_SECRET
ORIGIN = "sandbox"

_ACCOUNT, _NEIGHBOUR, _UNSUBSCRIBED = AccountId("1"), AccountId("2"), AccountId("3")


class SandboxKey(NamedTuple):
    """An access key, whose secret is its id."""

    id: str
    account_id: AccountId
    user_id: str | None
    description: str


KEYS = (
    SandboxKey("sandbox", _ACCOUNT, None, "the owner of account 1"),
    SandboxKey("neighbour", _NEIGHBOUR, None, "the owner of account 2"),
    SandboxKey("denied", _ACCOUNT, "denied", "a user of account 1 without permission: Ram.PermissionDeny"),
    SandboxKey("clerk", _ACCOUNT, "clerk", "a user of account 1 that may send and assume the role courier"),
    SandboxKey("unsubscribed", _UNSUBSCRIBED, None, "an account without the service: Product.Unsubscript"),
)

WELCOME = {
    "en": "Hello $(name), your code is $(code).",
    "zh_CN": "您好 $(name),您的验证码是 $(code)。",
}


ROLE = "courier"
ROLE_POLICY = "send-only"


def _policy(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "1", "Statement": [statement]}


def _principals() -> list[Entry]:
    """A user without permissions, a user that may send, and a role with its policy."""
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"RAM": ["acs:ram::1:root"]},
    }
    sending = msgspec.json.encode(_policy("cams:Send*")).decode()
    return [
        User(id="denied", account_id=_ACCOUNT),
        User(id="clerk", account_id=_ACCOUNT, policies={"clerks": _policy("cams:*", "sts:AssumeRole")}),
        AccountPolicy(
            account_id=_ACCOUNT,
            name=ROLE_POLICY,
            description="May send",
            versions=(PolicyVersion("v1", sending, 0),),
            default="v1",
        ),
        Role(
            id="300000000000000001",
            account_id=_ACCOUNT,
            name=ROLE,
            trust=msgspec.json.encode({"Version": "1", "Statement": [trust]}).decode(),
            attached=(Attachment(CUSTOM, ROLE_POLICY),),
        ),
    ]


def _account(number: str, service_id: str, space: str, sms_sender: str, policy: str) -> AccountSettings:
    return AccountSettings(
        name=f"account {number}",
        spaces=(SpaceId(space), SpaceId(f"{space}-2")),
        senders=(
            SenderSettings(channel="viber", id=service_id, route=VIBER_ROUTE),
            *chat_providers.senders(number),
            SenderSettings(channel="sms", id=sms_sender, route=SMS_ROUTE),
        ),
        fallbacks=(
            FallbackSettings(
                id=policy,
                name=f"SMS from {sms_sender}",
                rules=(RuleSettings(name="sms", channel="sms", sender=sms_sender),),
            ),
        ),
        templates=tuple(
            TemplateSettings(
                code=code,
                name=code,
                language=language,
                channel=channel,
                message_type="text",
                content={"text": text},
            )
            for channel, code in (("viber", "sandbox_welcome"), *chat_providers.TEMPLATES.items())
            for language, text in WELCOME.items()
        ),
    )


ACCOUNTS = {
    _ACCOUNT: _account("1", "20001", "cams-sandbox", "Waypost", "S_000001"),
    _NEIGHBOUR: _account("2", "30001", "cams-neighbour", "Neighbour", "S_000002"),
    _UNSUBSCRIBED: AccountSettings(name="account 3", subscribed=False),
}
VIBER_SENDERS = ("20001", "30001")


def route_of(channel: str, sender: str) -> str:
    """The route of a sender; empty if there is no such sender."""
    return next(
        (
            candidate.route
            for account in ACCOUNTS.values()
            for candidate in account.senders
            if (candidate.channel, candidate.id) == (channel, sender)
        ),
        "",
    )


def routes(
    viber_url: str, sms_url: str, chat: dict[str, dict[str, Any]] | None = None
) -> dict[str, dict[str, Any]]:
    """The routes to the simulated providers, as tables of the settings."""
    return {
        **(chat or {}),
        VIBER_ROUTE: {"kind": "viber", "url": viber_url, "secret": RECEIPTS_SECRET},
        SMS_ROUTE: {
            "kind": "kannel",
            "url": sms_url,
            "username": SMS_USERNAME,
            "password": SMS_PASSWORD,
            "secret": RECEIPTS_SECRET,
        },
    }


def keys(prefix: str) -> list[SandboxKey]:
    """The access keys; the ids, and so the secrets, begin with `prefix`."""
    return [key._replace(id=prefix + key.id) for key in KEYS]


def entries(secret_box: SecretBox, prefix: str = "") -> list[Entry]:
    """The access keys, the users, and the role with its policy, as entries of the configuration."""
    keys_ = [
        AccessKey(
            id=key.id,
            account_id=key.account_id,
            user_id=key.user_id,
            secret=secret_box.encrypt(key.id, key.id),
        )
        for key in keys(prefix)
    ]
    return [*_principals(), *keys_]


def with_callback_url(url: str) -> dict[AccountId, AccountSettings]:
    """The accounts, with `url` as their callback URL unless it is empty."""
    if not url:
        return ACCOUNTS
    return {
        number: msgspec.structs.replace(account, status_url=url, inbound_url=url)
        for number, account in ACCOUNTS.items()
    }
