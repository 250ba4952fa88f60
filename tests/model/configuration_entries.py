"""Entries of the configuration from few values, so that they meet, and every look-up of a snapshot."""

from itertools import product
from typing import Any

from hypothesis import strategies as st

from waypost.model.access.principals import AccessKey, AccountPolicy, Attachment, PolicyVersion, Role, User
from waypost.model.configuration import Account, Configuration, Entry, ReceiptSettings, Sender, Space
from waypost.model.fallback.policies import FallbackPolicy, FallbackRule, PolicyStep
from waypost.model.identifiers import AccountId, SpaceId
from waypost.model.senders.viber_senders import Pause, ViberRequest, ViberService
from waypost.model.templates.template import Template

ACCOUNTS = [AccountId("1"), AccountId("2")]
SPACES = [SpaceId("a"), SpaceId("b")]
NAMES = ["x", "y"]
CHANNELS = ["viber", "sms"]
LANGUAGES = ["de", "en"]
STATUSES = ["unaudit", "auditing", "pass"]
DOCUMENTS = [
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"cams:*","Resource":"*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Deny","Action":"cams:*","Resource":"*"}]}',
]

account, space, name = st.sampled_from(ACCOUNTS), st.sampled_from(SPACES), st.sampled_from(NAMES)
channel, status, time = st.sampled_from(CHANNELS), st.sampled_from(STATUSES), st.integers(0, 2)
attached = st.lists(
    st.builds(
        Attachment, st.sampled_from(["Custom", "System"]), st.sampled_from([*NAMES, "AdministratorAccess"])
    ),
    max_size=2,
).map(tuple)
steps = st.lists(
    st.builds(PolicyStep, channel=channel, sender=name, rule_id=st.sampled_from(["", *NAMES])),
    min_size=1,
    max_size=2,
).map(tuple)
# An id has one owner for ever, as calls draw it; what is declared can change hands, such as a sender.
owned = {"account_id": account, "created_at": time}
ENTRIES: st.SearchStrategy[Entry] = st.one_of(
    st.builds(Account, id=account, name=name, limit=st.none() | time),
    st.builds(User, id=name, name=st.sampled_from(["", *NAMES]), attached=attached, **owned),
    st.builds(
        AccessKey, id=name, user_id=st.none() | name, secret=st.just(b""), enabled=st.booleans(), **owned
    ),
    st.builds(Role, id=name, name=name, trust=st.just("{}"), attached=attached, **owned),
    st.builds(
        AccountPolicy,
        name=name,
        versions=st.sampled_from(DOCUMENTS).map(lambda document: (PolicyVersion("v1", document, 1),)),
        default=st.just("v1"),
        **owned,
    ),
    st.builds(Space, id=space, default=st.booleans(), **owned),
    st.builds(
        Sender,
        channel=channel,
        id=name,
        account_id=account,
        route=name,
        space_id=st.sampled_from(["", *SPACES]),
    ),
    st.builds(FallbackRule, id=name, name=name, channel=channel, sender=name, **owned),
    st.builds(FallbackPolicy, id=name, steps=steps, **owned),
    st.builds(
        Template,
        code=name,
        name=name,
        language=st.sampled_from(LANGUAGES),
        space_id=st.none() | space,
        status=status,
        channel=channel,
        message_type=st.just("text"),
        content=st.just({"text": "Hi"}),
        **owned,
    ),
    st.builds(ReceiptSettings, account_id=account, space_id=space, queue=st.booleans()),
    st.builds(ReceiptSettings, account_id=account, channel=channel, sender_id=name, queue=st.booleans()),
    st.builds(
        ViberRequest,
        id=name,
        space_id=space,
        type=st.just("open"),
        record=st.just({}),
        status=status,
        updated_at=time,
        **owned,
    ),
    st.builds(
        ViberService,
        id=name,
        account_id=account,
        space_id=space,
        record=st.just({}),
        pauses=st.sampled_from([(), (Pause(1, 2),), (Pause(1),)]),
    ),
)


def lookups(found: Configuration) -> dict[Any, Any]:
    """What every look-up of a snapshot finds."""
    answers: dict[Any, Any] = {
        "accounts": dict(found.accounts),
        "users": dict(found.users),
        "keys": dict(found.keys),
        "senders": dict(found.senders()),
        "unreviewed": found.unreviewed(),
        "requests": found.viber_senders.unreviewed(),
    }
    for one in NAMES:
        answers["policies", one] = found.policies(one)
        for by_channel in CHANNELS:
            answers["sender", by_channel, one] = found.sender_by_id(by_channel, one)
            answers["only", by_channel, one] = found.only_sender_of(by_channel, one)
    for owner in ACCOUNTS:
        answers[owner] = _of_account(found, owner)
    return answers


def _of_account(found: Configuration, owner: AccountId) -> dict[Any, Any]:
    principals, fallbacks, viber_senders = found.principals, found.fallbacks, found.viber_senders
    answers: dict[Any, Any] = {
        "spaces": found.spaces(owner),
        "senders": found.senders_of(owner),
        "users": principals.users_of(owner),
        "roles": principals.roles_of(owner),
        "policies": principals.policies_of(owner),
        "attachments": principals.attachment_counts(owner),
        "fallbacks": fallbacks.policies_of(owner),
        "rules": fallbacks.rules_of(owner),
        "requests": viber_senders.requests_of(owner),
        "keys": [principals.keys_of(owner, user_id) for user_id in (None, *NAMES)],
    }
    for one in NAMES:
        answers[one] = [
            principals.user_named(owner, one),
            principals.role(owner, one),
            principals.policy(owner, one),
            principals.policies_for_role(owner, one),
            [principals.attached_to(owner, kind, one) for kind in ("Custom", "System")],
            fallbacks.policy(owner, one),
            fallbacks.stored_policy(owner, one),
            fallbacks.rule(owner, one),
            viber_senders.request(owner, one),
            viber_senders.service(owner, one),
            [found.template_of_any_space(owner, one, language) for language in LANGUAGES],
        ]
        for by_channel in CHANNELS:
            answers[one, by_channel] = [
                found.sender(owner, by_channel, one),
                found.sender_receipts(owner, by_channel, one),
                found.suspended(owner, by_channel, one, 1),
            ]
    for of_space, one in product((SpaceId(""), *SPACES), NAMES):
        answers[of_space, one] = [
            found.space(owner, of_space),
            found.templates(owner, of_space),
            found.template_languages(owner, one, of_space),
            [found.template(owner, one, language, of_space) for language in LANGUAGES],
            found.space_receipts(owner, of_space),
            [found.standing(owner, of_space, by_channel, one) for by_channel in CHANNELS],
            viber_senders.service_of_space(owner, of_space),
        ]
    return answers
