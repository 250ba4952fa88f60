"""The destination of a callback: URL, queue and signing secret. It is decided nowhere else.

A narrower setting wins over a wider one; at the same width, one made by call wins over a declared one:

    the sender's, by call  >  the sender's, declared  >  the space's, by call  >  the account's, declared

For a sender with a declared target of its own, only the queue setting of its space counts.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from waypost.model.configuration import Account, CallbackTarget, Configuration, ReceiptSettings
from waypost.model.identifiers import NO_SPACE, AccountId, SpaceId
from waypost.model.message.message import Message
from waypost.model.message.statuses import INBOUND_KIND
from waypost.model.queues import queue_name


class Subject(msgspec.Struct, frozen=True):
    """What a callback is about.

    Attributes:
        account_id: the account that gets the callback.
        space_id: the space concerned; empty for the account's default one.
        channel, sender_id: the sender concerned, if there is one.
    """

    account_id: AccountId
    space_id: SpaceId = NO_SPACE
    channel: str = ""
    sender_id: str = ""

    @classmethod
    def of(cls, message: Message) -> "Subject":
        """The subject of a message and of each of its legs."""
        return cls(message.account_id, message.space_id, message.channel, message.sender)


class Destination(NamedTuple):
    """Where a callback goes.

    Attributes:
        url: the URL that it is pushed to; empty if it is only stored.
        queue: the queue that it is put in; empty for none.
    """

    url: str = ""
    queue: str = ""


# Snapshots never change, and what follows from one is asked for with each status or push.
@lru_cache(1024)
def destination(configuration: Configuration, subject: Subject, kind: str) -> Destination:
    """The current destination of a `ChatAppStatus`, `ChatAppInbound` or `ChatAppAudit` about a subject."""
    by_space, own, by_sender = _settings(configuration, subject)
    account = configuration.accounts.get(subject.account_id, Account(id=subject.account_id))
    url = _url(account.callbacks, kind)
    url = _pushed(by_space, url, kind) if own is None else _url(own, kind)
    url = _pushed(by_sender, url, kind)
    queued = by_space.queue if by_sender.queue is None else by_sender.queue
    return Destination(url, queue_name(subject.account_id, kind) if queued else "")


@lru_cache(1024)
def declared_urls(configuration: Configuration, account_id: AccountId) -> Mapping[str, str]:
    """The URLs that the operator declares for the account, each with its secret."""
    targets = [
        sender.callbacks
        for sender in configuration.senders().values()
        if sender.callbacks is not None and sender.account_id == account_id
    ]
    account = configuration.accounts.get(account_id)
    if account is not None:
        targets.append(account.callbacks)
    found: dict[str, str] = {}
    for target in targets:
        for url in filter(None, (target.status_url, target.inbound_url)):
            found.setdefault(url, target.secret)
    return found


@lru_cache(1024)
def secret_of_url(configuration: Configuration, account_id: AccountId, url: str) -> str:
    """The secret that signs an account's pushes to a URL; empty for unsigned pushes.

    A declared URL has the secret declared with it. A URL set by call for a sender has the sender's secret,
    any other URL the account's.
    """
    declared = declared_urls(configuration, account_id)
    if url in declared:
        return declared[url]
    for (channel, sender_id), sender in configuration.senders().items():
        if sender.account_id == account_id and sender.callbacks is not None:
            by_call = configuration.sender_receipts(account_id, channel, sender_id)
            if url in (by_call.status_url, by_call.inbound_url):
                return sender.callbacks.secret
    account = configuration.accounts.get(account_id)
    return account.callbacks.secret if account is not None else ""


def _settings(
    configuration: Configuration, subject: Subject
) -> tuple[ReceiptSettings, CallbackTarget | None, ReceiptSettings]:
    account_id = subject.account_id
    space = configuration.space(account_id, subject.space_id)
    space_id = subject.space_id or (space.id if space is not None else NO_SPACE)
    sender = configuration.sender(account_id, subject.channel, subject.sender_id)
    return (
        configuration.space_receipts(account_id, space_id),
        sender.callbacks if sender is not None else None,
        configuration.sender_receipts(account_id, subject.channel, subject.sender_id),
    )


def _pushed(settings: ReceiptSettings, url: str, kind: str) -> str:
    if settings.http is False:
        return ""
    set_here = settings.inbound_url if kind == INBOUND_KIND else settings.status_url
    return url if set_here is None else set_here


def _url(target: CallbackTarget, kind: str) -> str:
    return target.inbound_url if kind == INBOUND_KIND else target.status_url
