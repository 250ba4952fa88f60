"""Pages of the callbacks of a sandbox, of which no more are read than a page needs."""

import asyncio
from collections.abc import Callable

from waypost.model.identifiers import MessageId
from waypost.sandbox.list_pages import Page, PageQuery, numbered_id, page_by_number
from waypost.storage.contract import Store
from waypost.storage.records import Callback

# Later than anything, milliseconds UTC.
_NEVER = 2**61
_GROWTH = 4
_LONGEST_SPAN = 16_384


async def callback_page(
    store: Store,
    query: PageQuery,
    is_selected: Callable[[Callback], bool] = lambda callback: True,
    *,
    message_id: MessageId | None = None,
) -> Page[Callback]:
    """A page of the callbacks that are selected, oldest first.

    Args:
        is_selected: what the store does not select by without reading on to its end.
        message_id: of one message alone; None for all.

    Raises:
        InvalidQueryError: an id of the query is no number.
    """
    if message_id is not None:
        # There are few, and an index leads to them.
        found = [one for one in await store.list_callbacks(message_id=message_id) if is_selected(one)]
        return page_by_number(found, [one.id for one in found], query)
    after, before = numbered_id(query, "after"), numbered_id(query, "before")

    async def between(above: int, below: int) -> list[Callback]:
        """Those with ids above and below these that are selected."""
        # Others have their turn between two parts of a long list.
        await asyncio.sleep(0)
        part = await store.list_callbacks(after=above, limit=max(1, below - above - 1))
        return [one for one in part if one.id < below and is_selected(one)]

    newest = await store.callbacks_since(_NEVER) + 1
    chosen: list[Callback] = []
    # Few ids are missing, and often all are selected: the first look mostly suffices.
    span = min(query.limit + 1, _LONGEST_SPAN)
    if after is not None:
        while after < newest - 1 and len(chosen) <= query.limit:
            below = min(newest, after + span + 1)
            chosen += await between(after, below)
            after, span = below - 1, min(span * _GROWTH, _LONGEST_SPAN)
        return Page(chosen[: query.limit], len(chosen) > query.limit)
    below = min(newest, before) if before is not None else newest
    parts: list[list[Callback]] = []
    count = 0
    while below > 1 and count <= query.limit:
        above = max(0, below - span - 1)
        parts.append(await between(above, below))
        count += len(parts[-1])
        below, span = above + 1, min(span * _GROWTH, _LONGEST_SPAN)
    chosen = [one for part in reversed(parts) for one in part]
    return Page(chosen[-query.limit :], len(chosen) > query.limit)
