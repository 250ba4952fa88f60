"""Pages of callbacks: the right ones, whatever is missing between, and no more is read than a page needs."""

from typing import Any, cast

import pytest

from waypost.model.identifiers import AccountId, MessageId
from waypost.sandbox.callback_pages import callback_page
from waypost.sandbox.list_pages import PageQuery
from waypost.storage.contract import Store
from waypost.storage.records import Callback, CallbackState

COUNT = 30_000
# Some are gone, a long stretch too.
IDS = [n for n in range(1, COUNT + 1) if n % 7 and not 9_000 < n < 20_000]


class CountingStore:
    """Has callbacks of these ids, and counts what is read of it."""

    def __init__(self) -> None:
        self.read = 0

    async def callbacks_since(self, _: int) -> int:
        return IDS[-1]

    async def list_callbacks(
        self, *, message_id: MessageId | None = None, after: int = 0, limit: int = 1000
    ) -> list[Callback]:
        ids = [n for n in IDS if n > after][:limit]
        self.read += len(ids)
        return [callback(n) for n in ids if message_id is None or n % 1000 == 1]


def callback(number: int) -> Callback:
    return Callback(
        id=number,
        account_id=AccountId("1"),
        kind="rare" if number % 5000 == 1 else "usual",
        message_id=MessageId("1"),
        url="",
        body="{}",
        state=CallbackState.STORED,
        created_at=number,
    )


async def ids(query: PageQuery, store: CountingStore | None = None, **options: Any) -> tuple[list[int], bool]:
    page = await callback_page(cast(Store, store or CountingStore()), query, **options)
    return [one.id for one in page.entries], page.more


@pytest.mark.parametrize(
    ("query", "expected", "more"),
    [
        (PageQuery(3), IDS[-3:], True),
        (PageQuery(3, before="20003"), [20_000, 20_001, 20_002], True),
        (PageQuery(3, before="20001"), [8_999, 9_000, 20_000], True),
        (PageQuery(3, before="3"), [1, 2], False),
        (PageQuery(3, before="0"), [], False),
        (PageQuery(3, after="0"), [1, 2, 3], True),
        (PageQuery(3, after="8999"), [9_000, 20_000, 20_001], True),
        (PageQuery(3, after=str(IDS[-3])), IDS[-2:], False),
        (PageQuery(3, after="999999"), [], False),
        (PageQuery(100_000), IDS, False),
        (PageQuery(100_000, after="0"), IDS, False),
    ],
)
async def test_a_page_has_the_right_ones(query: PageQuery, expected: list[int], more: bool) -> None:
    assert await ids(query) == (expected, more)


async def test_a_rare_kind_is_found_however_far_away() -> None:
    rare = [n for n in IDS if n % 5000 == 1]
    assert await ids(PageQuery(2), is_selected=lambda one: one.kind == "rare") == (rare[-2:], True)
    assert await ids(PageQuery(99), is_selected=lambda one: one.kind == "rare") == (rare, False)
    assert await ids(PageQuery(99, after="0"), is_selected=lambda one: one.kind == "rare") == (rare, False)


@pytest.mark.parametrize(
    "query", [PageQuery(10), PageQuery(10, before="25000"), PageQuery(10, after="20000")]
)
async def test_no_more_is_read_than_a_page_needs(query: PageQuery) -> None:
    store = CountingStore()
    assert len((await ids(query, store))[0]) == 10
    assert store.read < 60


async def test_of_a_message_there_are_few() -> None:
    of_message = [n for n in IDS[:1000] if n % 1000 == 1]
    assert await ids(PageQuery(10), message_id=MessageId("1")) == (of_message, False)
