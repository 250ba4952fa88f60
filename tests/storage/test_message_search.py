"""Every search finds exactly what a look at each message finds, page by page, and goes by an index."""

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from tests.model.messages import message
from tests.storage.databases import NOW, Sqlite, enqueue, leg, listed, write
from waypost.messaging.history import overall_state
from waypost.messaging.message_search import between, find_messages
from waypost.model.identifiers import AccountId, MessageIds, SpaceId
from waypost.model.message.leg import Leg, LegState
from waypost.model.message.message import AcceptedCall, Message
from waypost.storage.changes import AddMessage, PutLeg, Readdress
from waypost.storage.contract import Store
from waypost.storage.message_search import NOT_IN_INDEX, MessageFilter, Way, ways
from waypost.storage.message_tables import leg as leg_table
from waypost.storage.records import Stage
from waypost.storage.sqlite.message_search import _CONDITIONS, MessageSearchReader, _along_index

STATES = tuple(LegState)
PEOPLE = ("380501112233", "5212221234567", "522221234567")


class Known(NamedTuple):
    message: Message
    legs: list[Leg]


def made(count: int, seed: int = 1) -> list[Known]:
    """Messages of all kinds, oldest first; a third fell back, some to another number."""
    chosen = random.Random(seed)
    ids = MessageIds(1, seed=0)
    known = []
    for place in range(count):
        message_id = ids.next(NOW + place // 2)

        def some(*values: str) -> str:
            return chosen.choice(values)

        one = message(
            message_id=message_id,
            account_id=AccountId(some("1", "1", "1", "2")),
            space_id=SpaceId(some("cams-1", "cams-1", "cams-2")),
            accepted_at=NOW + place // 2,
            channel=some("viber", "viber", "whatsapp"),
            sender=some("20001", "20002"),
            recipient=some(*PEOPLE),
            template_code=some("", "", "welcome", "code"),
            task_id=some("", "", "spring"),
            tag=some("", "", "vip"),
            group_id=some("", "", "2" * 25),
            call=AcceptedCall(some("", f"R{place // 3}")),
        )
        legs = [leg(message_id)]
        legs[0].channel, legs[0].sender, legs[0].recipient = one.channel, one.sender, one.recipient
        legs[0].state = chosen.choice(STATES)
        if chosen.random() < 0.3:
            legs.append(leg(message_id, 1))
            legs[1].channel, legs[1].sender = "sms", "Acme"
            legs[1].recipient = some(one.recipient, *PEOPLE)
            legs[1].state = chosen.choice(STATES)
        known.append(Known(one, legs))
    return known


async def fill(store: Store, known: Sequence[Known]) -> None:
    for place, (one, legs) in enumerate(known):
        await write(store, AddMessage(one), *map(PutLeg, legs))
        # What is with no provider yet has its timers; what is may have some.
        if place % 3 == 0 or not NOT_IN_INDEX.isdisjoint(leg.state for leg in legs):
            await enqueue(store, NOW, NOW + 1, stage=Stage.TIMER, message_id=one.message_id)


def matches(known: Known, filters: MessageFilter) -> bool:
    """The same by a look at the message itself."""
    one, legs = known
    texts = ("account_id", "space_id", "template_code", "task_id", "tag", "group_id")
    of_message = all(getattr(filters, name) in ("", getattr(one, name)) for name in texts)
    looked_at = legs[:1] if filters.own_leg else legs
    return (
        of_message
        and filters.request_id in ("", one.call.request_id)
        and filters.after < one.message_id < filters.before
        and any(
            filters.channel in ("", each.channel)
            and filters.sender in ("", each.sender)
            and (not filters.recipients or each.recipient in filters.recipients)
            for each in looked_at
        )
        and (not filters.own_states or legs[0].state in filters.own_states)
        and (not filters.states or overall_state(legs) in filters.states)
    )


def some_filter(chosen: random.Random, known: Sequence[Known]) -> MessageFilter:
    """Each member is there in a part of all filters, with a value that exists or one that does not."""
    values: dict[str, Sequence[Any]] = {
        "account_id": ("1", "2", "3"),
        "space_id": ("cams-1", "cams-2", "cams-3"),
        "channel": ("viber", "whatsapp", "sms", "line"),
        "sender": ("20001", "20002", "Acme", "20003"),
        "recipients": (PEOPLE[:1], PEOPLE[1:], ("49",)),
        "own_states": ((LegState.FAILED, LegState.EXPIRED), (LegState.READ,), STATES[:4]),
        "states": ((LegState.FAILED,), (LegState.DELIVERED, LegState.SENT), (LegState.QUEUED,), STATES[:2]),
        "template_code": ("welcome", "code", "none"),
        "task_id": ("spring", "autumn"),
        "tag": ("vip", "none"),
        "group_id": ("2" * 25, "3" * 25),
        "request_id": ("R7", "R999"),
        "after": (known[len(known) // 4].message.message_id,),
        "before": (known[len(known) // 2].message.message_id,),
    }
    picked = {name: chosen.choice(of) for name, of in values.items() if chosen.random() < 0.17}
    return MessageFilter(own_leg=chosen.random() < 0.5, **picked)


def ids(messages: Sequence[Known]) -> list[str]:
    return [each.message.message_id for each in messages]


async def test_any_filter_finds_what_a_look_at_each_message_finds(store: Store) -> None:
    known = made(150)
    await fill(store, known)
    chosen = random.Random(2)
    sizes: set[bool] = set()
    for _ in range(400):
        filters = some_filter(chosen, known)
        expected = [each for each in known if matches(each, filters)]
        newest_first, skip = chosen.random() < 0.5, chosen.choice((0, 0, 3, 200))
        if newest_first:
            expected.reverse()
        found = find_messages(store, filters, limit=40, skip=skip, newest_first=newest_first)
        as_known = [Known(*each) async for each in found]
        assert as_known == expected[skip : skip + 40], filters
        sizes.add(bool(as_known))
    assert sizes == {True, False}


async def test_a_page_looks_at_a_bounded_number_and_all_pages_have_each_once(tmp_path: Path) -> None:
    store = Sqlite(tmp_path).open(durable=False)
    known = made(300)
    await fill(store, known)
    looked_at: list[int] = []

    def query(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = store._query_slowly(sql, parameters)  # type: ignore[attr-defined]
        if sql.startswith("SELECT DISTINCT") and "OFFSET" not in sql:
            looked_at.append(len(rows))
        return rows

    chosen = random.Random(3)
    most = 25
    searcher = MessageSearchReader(query, most_looked_at=most)
    short = 0
    for _ in range(200):
        # What goes along several parts of an index side by side looks at more.
        filters = some_filter(chosen, known)._replace(recipients=(), own_states=(), states=())
        filters = filters.without(("channel", "sender"))
        if not filters.account_id or not filters.space_id:
            filters = filters.without(("account_id", "space_id"))
        expected = ids([each for each in known if matches(each, filters)])
        newest_first = chosen.random() < 0.5
        found = []
        while True:
            looked_at.clear()
            page = await searcher.page(filters, limit=10, newest_first=newest_first)
            # Once along the first index, and once more along one that has no more.
            assert sum(looked_at) <= 2 * most, filters
            found += [each.message.message_id for each in page.found]
            assert len(page.found) <= 10
            if page.reached is None:
                break
            short += len(page.found) < 10
            filters = filters.behind(page.reached, newest_first=newest_first)
        assert found == (expected[::-1] if newest_first else expected)
    assert short, "no page ended because it had looked at enough"
    await store.close()


async def test_a_rare_value_is_found_at_once_among_common_ones(tmp_path: Path) -> None:
    """The template stands before the sender in the table, but its messages are too many."""
    store = Sqlite(tmp_path).open(durable=False)
    known = made(60)
    replace = msgspec.structs.replace
    rare = [Known(replace(each.message, template_code="code"), each.legs) for each in known]
    rare[0].legs[0].sender = "rare"
    await fill(store, rare)
    searcher = MessageSearchReader(store._query_slowly, most_looked_at=10)  # type: ignore[attr-defined]
    page = await searcher.page(MessageFilter(template_code="code", sender="rare"), limit=5)
    assert [found.message.message_id for found in page.found] == ids(rare[:1])
    assert page.reached is None
    await store.close()


async def test_a_leg_is_found_by_the_recipient_that_it_has_now(store: Store) -> None:
    one, (first, *_) = made(1)[0]
    await write(store, AddMessage(one), PutLeg(first))
    before, first.recipient = first.recipient, "-100200"
    await write(store, Readdress(first), PutLeg(first))
    assert await listed(store, recipients=("-100200",)) == [one]
    assert await listed(store, recipients=(before,)) == []
    assert await store.find_legs(one.message_id) == [first]


async def test_a_stretch_of_time_has_its_first_moment_and_not_its_last(store: Store) -> None:
    known = made(6)
    await fill(store, known)
    filters = between(MessageFilter(), NOW + 1, NOW + 2)
    found = [each.message async for each in find_messages(store, filters, limit=9)]
    assert found == [known[3].message, known[2].message]
    last = between(MessageFilter(), None, None, known[1].message.message_id)
    assert [each.message async for each in find_messages(store, last, limit=9)] == [known[0].message]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (MessageFilter(), [""]),
        (MessageFilter(request_id="R", recipients=("1",)), ["message_by_request", "leg_by_recipient"]),
        (MessageFilter(recipients=("1",), tag="t"), ["leg_by_recipient", "message_by_tag"]),
        (MessageFilter(group_id="g", task_id="t"), ["message_by_group", "message_by_task"]),
        (
            MessageFilter(template_code="t", states=(LegState.FAILED,)),
            ["leg_by_state", "message_by_template"],
        ),
        (
            MessageFilter(template_code="t", states=(LegState.READ,)),
            ["message_by_template", "leg_by_state"],
        ),
        (
            MessageFilter(account_id=AccountId("1"), space_id=SpaceId("s"), channel="viber", sender="2"),
            ["leg_by_sender", "message_by_space"],
        ),
        (MessageFilter(account_id=AccountId("1"), channel="sms"), ["message_by_space", "leg_by_sender"]),
        (MessageFilter(tag="t", states=(LegState.QUEUED,)), ["journal_timer", "message_by_tag"]),
    ],
)
def test_the_most_selective_index_comes_first(filters: MessageFilter, names: list[str]) -> None:
    assert [way.index_name for way in ways(filters)] == names


def test_the_index_of_states_leaves_out_what_is_found_by_its_timer() -> None:
    left_out = ", ".join(sorted(f"'{state.value}'" for state in NOT_IN_INDEX))
    [index] = [index for index in leg_table.indexes if index.name == "leg_by_state"]
    condition = index.dialect_options["sqlite"]["where"]
    assert str(condition) == _CONDITIONS["leg_by_state"] == f"state NOT IN ({left_out})"


EVERYTHING = MessageFilter(
    account_id=AccountId("1"),
    space_id=SpaceId("s"),
    sender="2",
    recipients=("1",),
    own_leg=True,
    own_states=(LegState.SENT,),
    template_code="t",
    task_id="t",
    tag="t",
    group_id="g",
    request_id="r",
)


@pytest.mark.parametrize(
    "way",
    [
        *ways(EVERYTHING),
        *ways(EVERYTHING._replace(own_leg=False)),
        *ways(MessageFilter(channel="sms")),
        *ways(MessageFilter(states=(LegState.SUBMITTING,))),
        *ways(MessageFilter()),
    ],
    ids=lambda way: way.index_name or "key",
)
def test_a_search_along_an_index_reads_nothing_else_and_sorts_nothing(tmp_path: Path, way: Way) -> None:
    database = Sqlite(tmp_path)
    database.open(durable=False)
    for newest_first in (True, False):
        sql = _along_index(way, newest_first)
        with closing(sqlite3.connect(database.path)) as connection:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?"))]
        assert plan[0].startswith("SEARCH")
        assert (way.index_name or "PRIMARY KEY") in plan[0]
        # The messages of one call are few.
        assert len(plan) == 1 or way.index_name == "message_by_request", plan
