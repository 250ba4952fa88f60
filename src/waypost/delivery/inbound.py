"""Decides what a user's message comes to: a callback, the suppression list, the window for free messages."""

import msgspec
import structlog

from waypost.delivery.context import DecisionContext
from waypost.messaging.publishing import publication
from waypost.model.channels import channel_named
from waypost.model.configuration import Sender
from waypost.model.foreign_numbers import not_ahead
from waypost.model.identifiers import NO_MESSAGE, NO_SPACE, MessageId
from waypost.model.message.destinations import Subject
from waypost.model.message.outcomes import Inbound
from waypost.model.message.statuses import INBOUND_KIND, inbound_object
from waypost.model.message.suppression import OptOutReason, Suppression, first_stop_word
from waypost.model.people import has_spellings
from waypost.storage.changes import AddInbound, ClaimInbound, Command, PutSpelling, Suppress, Unsuppress
from waypost.storage.records import InboundMessage
from waypost.storage.rows import encode

log = structlog.get_logger()


def receive(inbound: Inbound, context: DecisionContext, answered: MessageId = NO_MESSAGE) -> list[Command]:
    """The commands of what a user sent; none if it is to a sender that nobody has, or one that another route
    speaks for. They are refused if it is repeated.

    Args:
        answered: the message of ours that it answers.
    """
    now, configuration = context.now, context.configuration
    sender = configuration.sender_by_id(inbound.channel, inbound.sender)
    if sender is None and not inbound.sender:
        sender = configuration.only_sender_of(inbound.channel, inbound.route)
    if sender is None or sender.route != inbound.route:
        return []
    at = not_ahead(inbound.at, now)
    inbound = msgspec.structs.replace(inbound, at=at)
    space = configuration.space(sender.account_id, sender.space_id)
    if space is None:
        # Its own was deleted.
        space = configuration.space(sender.account_id, NO_SPACE)
    subject = Subject(
        sender.account_id, space.id if space is not None else NO_SPACE, sender.channel, sender.id
    )
    message = InboundMessage(
        account_id=sender.account_id,
        space_id=subject.space_id,
        channel=sender.channel,
        sender=sender.id,
        user=inbound.user,
        at=now,
        provider_id=inbound.provider_id,
        type=inbound.type,
        text=inbound.text,
    )
    # A provider's clock that is ahead must not extend the window for free messages; a notice opens none.
    has_window = channel_named(inbound.channel).free_window is not None
    last_inbound = min(at, now) if has_window and inbound.type != "SYSTEM" else None
    body = encode(inbound_object(inbound, sender.id, subject.space_id, answered)).decode()
    # Who opts out has written nothing.
    written = [AddInbound(message, last_inbound, inbound.user_id)] if inbound.opted_out is None else []
    return [
        ClaimInbound(inbound.route, inbound.provider_id, now),
        *_suppression_changes(inbound, sender, context),
        *written,
        *_spelling(inbound),
        publication(configuration, subject, INBOUND_KIND, body, now=now),
    ]


def _spelling(inbound: Inbound) -> list[PutSpelling]:
    """What the message teaches of how the provider spells its user."""
    if not has_spellings(inbound.channel, inbound.user):
        return []
    return [PutSpelling(inbound.channel, inbound.user)]


def _suppression_changes(
    inbound: Inbound, sender: Sender, context: DecisionContext
) -> list[Suppress | Unsuppress]:
    """Adds a user who opts out to the suppression list, under each of their addresses, and removes one who
    opts in.

    They do by a stop word or a start word, wherever they can say it, or as their provider tells.
    """
    if inbound.opted_out is not None:
        stops, starts = inbound.opted_out, not inbound.opted_out
        reason, detail, at = OptOutReason.PROVIDER, inbound.text, not_ahead(inbound.at, context.now)
    else:
        texts = (inbound.text, inbound.caption, inbound.payload)
        reason, at = OptOutReason.STOP_WORD, context.now
        detail = first_stop_word(texts, context.settings.stop_words)
        stops = bool(detail)
        starts = not stops and bool(first_stop_word(texts, context.settings.start_words))
    if not stops and not starts:
        return []
    entries = [
        Suppression(
            account_id=sender.account_id,
            channel=sender.channel,
            sender=sender.id,
            recipient=address,
            reason=reason,
            detail=detail if stops else "",
            at=at,
        )
        for address in dict.fromkeys((inbound.user, inbound.user_id, inbound.group))
        if address
    ]
    return [Suppress(entry) if stops else Unsuppress(entry) for entry in entries]
