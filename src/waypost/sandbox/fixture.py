"""The documented accounts, keys, senders and templates of every sandbox, which CI jobs can rely on."""

from typing import Any

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
    AccountPolicy,
    Attachment,
    PolicyVersion,
    Role,
    User,
)
from waypost.model.configuration import Entry
from waypost.model.identifiers import AccountId, SpaceId
from waypost.sandbox.seed import SandboxKey, Seed
from waypost.sandbox.simulated_senders import SimulatedSender

VIBER_ROUTE = "sandbox-viber"
ORIGIN = "sandbox"

_ACCOUNT, _NEIGHBOUR, _UNSUBSCRIBED = AccountId("1"), AccountId("2"), AccountId("3")


KEYS = (
    SandboxKey("sandbox", _ACCOUNT, None, "the owner of account 1"),
    SandboxKey("neighbour", _NEIGHBOUR, None, "the owner of account 2"),
    SandboxKey("denied", _ACCOUNT, "denied", "a user of account 1 without permission: Ram.PermissionDeny"),
    SandboxKey("clerk", _ACCOUNT, "clerk", "a user of account 1 that may send and assume the role courier"),
    SandboxKey("unsubscribed", _UNSUBSCRIBED, None, "an account without the service: Product.Unsubscript"),
)

TEMPLATES = {
    "whatsapp": "sandbox_welcome_whatsapp",
    "messenger": "sandbox_welcome_messenger",
    "instagram": "sandbox_welcome_instagram",
}
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


def _senders(number: int, service_id: str, sms_sender: str) -> tuple[SenderSettings, ...]:
    ids = {
        "viber": service_id,
        "whatsapp": f"1555010000{number}",
        "messenger": f"{number + 1}0004",
        "instagram": f"{number + 1}0005",
        "telegram": f"{number + 1}0002",
        "line": f"{number + 1}0003",
        "sms": sms_sender,
    }
    account_id = AccountId(str(number))
    return tuple(
        SenderSettings(channel=channel, id=id_, route=SimulatedSender(channel, id_, account_id, number).route)
        for channel, id_ in ids.items()
    )


def _account(number: int, service_id: str, space: str, sms_sender: str, policy: str) -> AccountSettings:
    return AccountSettings(
        name=f"account {number}",
        spaces=(SpaceId(space), SpaceId(f"{space}-2")),
        senders=_senders(number, service_id, sms_sender),
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
            for channel, code in (("viber", "sandbox_welcome"), *TEMPLATES.items())
            for language, text in WELCOME.items()
        ),
    )


ACCOUNTS = {
    _ACCOUNT: _account(1, "20001", "cams-sandbox", "Waypost", "S_000001"),
    _NEIGHBOUR: _account(2, "30001", "cams-neighbour", "Neighbour", "S_000002"),
    _UNSUBSCRIBED: AccountSettings(name="account 3", subscribed=False),
}
VIBER_SENDERS = ("20001", "30001")

SEED = Seed(ACCOUNTS, KEYS, _principals())
