"""Converts the accounts that the settings declare to entries of the configuration, and stores them."""

from collections.abc import Iterable, Iterator, Mapping

from waypost.config.mistakes import Place
from waypost.config.settings import AccountSettings, FallbackSettings, SenderSettings, TemplateSettings
from waypost.model.access.principals import User
from waypost.model.configuration import Account, CallbackTarget, Entry, Sender, Space
from waypost.model.fallback.policies import FallbackPolicy, PolicyStep
from waypost.model.identifiers import AccountId
from waypost.model.routes.choice import RouteChoice
from waypost.model.templates.template import APPROVED, Template
from waypost.storage.contract import Store
from waypost.storage.declared_entries import declare_entries

FROM_FILE = "file"


def entries_of(accounts: Mapping[AccountId, AccountSettings]) -> list[Entry]:
    """The configuration entries that the accounts of checked settings declare."""
    return [entry for _, entry in entries_with_places(accounts)]


def entries_with_places(accounts: Mapping[AccountId, AccountSettings]) -> Iterator[tuple[Place, Entry]]:
    """The entries that accounts declare, each with the place in the settings that declares it."""
    for account_id, account in accounts.items():
        yield from _account_entries(("accounts", account_id), account_id, account)


async def apply(store: Store, entries: Iterable[Entry], now: int) -> None:
    """Replaces the configuration entries of earlier settings; entries made by command or call are kept.

    Args:
        now: milliseconds UTC.
    """
    await declare_entries(store, entries, FROM_FILE, now)


def _account_entries(
    at: Place, account_id: AccountId, account: AccountSettings
) -> Iterator[tuple[Place, Entry]]:
    yield (
        at,
        Account(
            id=account_id,
            name=account.name,
            subscribed=account.subscribed,
            limit=account.limit,
            sms_fallback=account.sms_fallback,
            callbacks=CallbackTarget(account.status_url, account.inbound_url, account.callback_secret),
        ),
    )
    for number, space in enumerate(account.spaces):
        yield (*at, "spaces", number), Space(id=space, account_id=account_id, default=number == 0)
    for number, sender in enumerate(account.senders):
        yield (*at, "senders", number), _sender(account_id, account, sender)
    for number, fallback in enumerate(account.fallbacks):
        yield (*at, "fallbacks", number), _fallback(account_id, fallback)
    for number, template in enumerate(account.templates):
        yield (*at, "templates", number), _template(account_id, template)
    for user_id, user in account.users.items():
        yield (*at, "users", user_id), User(id=user_id, account_id=account_id, policies=user.policies)


def _sender(account_id: AccountId, account: AccountSettings, sender: SenderSettings) -> Sender:
    return Sender(
        channel=sender.channel,
        id=sender.id,
        account_id=account_id,
        route=sender.routes[0].route if sender.routes else sender.route,
        routes=tuple(RouteChoice(one.route, one.label, one.prefixes) for one in sender.routes),
        callbacks=_sender_callbacks(sender, account),
    )


def _fallback(account_id: AccountId, fallback: FallbackSettings) -> FallbackPolicy:
    return FallbackPolicy(
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


def _template(account_id: AccountId, template: TemplateSettings) -> Template:
    return Template(
        code=template.code,
        name=template.name,
        language=template.language,
        account_id=account_id,
        space_id=None,
        status=APPROVED,
        channel=template.channel,
        message_type=template.message_type,
        content=template.content,
    )


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
