"""Finds messages, for the API, the sandbox and the command line: however many a search has to look at."""

from collections.abc import AsyncIterator
from typing import Any

from waypost.messaging.history import overall_state
from waypost.model.identifiers import NO_MESSAGE, MessageId, first_of, next_to
from waypost.storage.contract import Store
from waypost.storage.message_search import FoundMessage, MessageFilter

_MOST_OF_A_PAGE = 500


async def find_messages(
    store: Store, filters: MessageFilter, *, limit: int, skip: int = 0, newest_first: bool = True
) -> AsyncIterator[FoundMessage]:
    """The messages that match, by their MessageIds, at most `limit` of them, behind the first `skip`.

    Each page looks at a bounded number of messages in a thread, and other work goes on between two; a search
    for what few of very many messages match takes many pages.
    """
    while limit:
        size = min(limit, _MOST_OF_A_PAGE)
        page = await store.messages.page(filters, limit=size, skip=skip, newest_first=newest_first)
        for found in page.found:
            yield found
        limit -= len(page.found)
        skip -= page.skipped
        if page.reached is None:
            return
        filters = filters.behind(page.reached, newest_first=newest_first)


def between(
    filters: MessageFilter, since: int | None, until: int | None, before: MessageId = NO_MESSAGE
) -> MessageFilter:
    """A filter for a stretch of time, and for what comes before a message.

    Args:
        since, until: milliseconds UTC, the second exclusive; None for no bound.
        before: exclusive; empty for no bound.
    """
    if since is not None:
        filters = filters._replace(after=next_to(first_of(since), -1))
    bounds = [first_of(until)] if until is not None else []
    return filters._replace(before=min([filters.before, *bounds, *([before] if before else [])]))


def message_fields(found: FoundMessage) -> dict[str, Any]:
    """A message that was found, as JSON data, for `waypost messages list` and the sandbox."""
    message = found.message
    return {
        "message_id": message.message_id,
        "account_id": message.account_id,
        "accepted_at": message.accepted_at,
        "channel": message.channel,
        "message_type": message.message_type,
        "from": message.sender,
        "to": message.recipient,
        "redacted": message.redacted,
        "state": overall_state(found.legs).value,
    }
