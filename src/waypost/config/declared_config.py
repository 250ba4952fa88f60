"""Converts the accounts that the settings declare to entries of the configuration, and stores them."""

from collections.abc import Iterable

from waypost.config.settings import AccountSettings, SenderSettings, SettingsError
from waypost.model.access.policy import PolicyError, parse_policy
from waypost.model.access.principals import User
from waypost.model.configuration import Account, CallbackTarget, Entry, Sender, Space
from waypost.model.entries import entry_key
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.identifiers import AccountId
from waypost.model.templates.template import Template
from waypost.storage.contract import Store
from waypost.storage.declared_entries import declare_entries

FROM_FILE = "file"


def entries_of(accounts: dict[AccountId, AccountSettings]) -> list[Entry]:
    """The configuration entries that the accounts declare.

    Raises:
        SettingsError: a policy is invalid, or something is declared twice.
    """
    entries = [
        entry for account_id, account in accounts.items() for entry in _account_entries(account_id, account)
    ]
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        key = entry_key(entry)
        if key in seen:
            raise SettingsError(f"accounts: the {key[0]} {key[1]!r} is declared twice; it must be unique")
        seen.add(key)
    return entries


async def apply(store: Store, entries: Iterable[Entry], now: int) -> None:
    """Replaces the configuration entries of earlier settings; entries made by command or call are kept.

    Args:
        now: milliseconds UTC.
    """
    await declare_entries(store, entries, FROM_FILE, now)


def _account_entries(account_id: AccountId, account: AccountSettings) -> Iterable[Entry]:
    yield Account(
        id=account_id,
        name=account.name,
        subscribed=account.subscribed,
        limit=account.limit,
        sms_fallback=account.sms_fallback,
        callbacks=CallbackTarget(account.status_url, account.inbound_url, account.callback_secret),
    )
    for index, space in enumerate(account.spaces):
        yield Space(id=space, account_id=account_id, default=index == 0)
    for sender in account.senders:
        yield Sender(
            channel=sender.channel,
            id=sender.id,
            account_id=account_id,
            route=sender.route,
            callbacks=_sender_callbacks(sender, account),
        )
    for fallback in account.fallbacks:
        yield FallbackPolicy(
            id=fallback.id,
            account_id=account_id,
            name=fallback.name,
            steps=tuple(
                PolicyStep(
                    name=rule.name,
                    channel=rule.channel,
                    sender=rule.sender,
                    wait=rule.wait,
                    condition=rule.condition,
                )
                for rule in fallback.rules
            ),
        )
    for template in account.templates:
        yield Template(
            code=template.code,
            name=template.name,
            language=template.language,
            account_id=account_id,
            space_id=None,
            status="pass",
            channel=template.channel,
            message_type=template.message_type,
            content=template.content,
        )
    for user_id, user in account.users.items():
        for name, document in user.policies.items():
            try:
                parse_policy(name, document)
            except PolicyError as error:
                raise SettingsError(
                    f"accounts.{account_id}.users.{user_id}.policies.{name}: {error}"
                ) from None
        yield User(id=user_id, account_id=account_id, policies=user.policies)


def _sender_callbacks(sender: SenderSettings, account: AccountSettings) -> CallbackTarget | None:
    sender_values = (sender.status_url, sender.inbound_url, sender.callback_secret)
    if sender_values == (None, None, None):
        return None
    account_values = (account.status_url, account.inbound_url, account.callback_secret)
    return CallbackTarget(
        *(
            default if value is None else value
            for value, default in zip(sender_values, account_values, strict=True)
        )
    )
