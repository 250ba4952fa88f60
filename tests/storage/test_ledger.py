"""Messages, legs, attempts and callbacks are read as they were written, and found by each of their keys."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model.messages import fallback, message
from tests.storage.databases import FIRST, NOW, SECOND, attempt, callback, inbound_message, leg, write
from waypost.model.fallback.chain import Fallback, FallbackStep
from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.extras import ButtonCall, CardCall, Extras, Media, TemplateCall
from waypost.model.message.failures import SendFailure
from waypost.model.message.leg import Attempt, AttemptOutcome, Leg, LegState
from waypost.model.message.message import AcceptedCall, Message
from waypost.model.templates.metrics import TemplateCount
from waypost.storage.changes import (
    AddEvent,
    AddInbound,
    AddMessage,
    ClaimInbound,
    Count,
    EndCallback,
    Publish,
    PutAttempt,
    PutLeg,
    Refusal,
)
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Callback, CallbackState, Correspondents, Event, Stage, Watermark

# Whatever JSON and a database can hold: no lone surrogates, and no zero byte, which PostgreSQL refuses.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
moments = st.integers(0, 2**53)
message_ids = st.integers(0, 10**25 - 1).map("{:025d}".format)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.lists(st.tuples(texts, texts), max_size=2).map(tuple)
media = st.builds(Media, texts, texts, texts)
buttons = st.lists(st.builds(ButtonCall, texts, texts), max_size=2).map(tuple)
steps = st.builds(FallbackStep, channel=texts, sender=texts, text=texts)
fallbacks = st.builds(
    Fallback,
    policy_id=texts,
    rule=texts,
    duration=st.none() | st.integers(60, 43_200),
    steps=st.lists(steps, max_size=3).map(tuple),
)
messages = st.builds(
    Message,
    **dict.fromkeys(Message.__struct_fields__, texts)
    | {
        "message_id": message_ids,
        "accepted_at": moments,
        "content": st.dictionaries(
            texts, texts | numbers | st.booleans() | st.lists(st.dictionaries(texts, texts))
        ),
        "template": st.none()
        | st.builds(
            TemplateCall,
            name=texts,
            language=texts,
            header=values,
            media=st.none() | media,
            buttons=buttons,
            cards=st.lists(st.builds(CardCall, media, values, buttons), max_size=2).map(tuple),
            expires_at=st.none() | moments,
        ),
        "call": st.builds(AcceptedCall, texts, texts, texts, st.lists(texts).map(tuple)),
        "extras": st.builds(
            Extras,
            payloads=st.lists(texts).map(tuple),
            flow_token=st.none() | texts,
            context_message_id=texts,
        ),
        "ttl": st.integers(0, 2**31),
        "fallback": st.none() | fallbacks,
        "redacted": st.booleans(),
        "cancelled": st.booleans(),
    },
)
legs = st.builds(
    Leg,
    **dict.fromkeys(Leg.__struct_fields__, texts)
    | {
        "version": st.integers(0, 9),
        "message_id": message_ids,
        "leg": st.integers(0, 9),
        "state": st.sampled_from(LegState),
        "attempts": st.integers(0, 9999),
        "failure": st.none() | st.sampled_from(SendFailure),
        "double_delivery": st.booleans(),
        "started_at": moments,
        "updated_at": moments,
    },
    # Each failure has a code.
).filter(lambda leg: leg.failure is None or leg.code != "")
attempts = st.builds(
    Attempt,
    **dict.fromkeys(Attempt.__struct_fields__, texts)
    | {
        "message_id": message_ids,
        "leg": st.integers(0, 9),
        "attempt": st.integers(1, 9999),
        "number": moments,
        "started_at": moments,
        "ended_at": st.none() | moments,
        "outcome": st.sampled_from(AttemptOutcome),
        "provider_id": st.none() | texts,
        "delivered_parts": st.lists(texts, max_size=3).map(tuple),
    },
)
callbacks = st.builds(
    Callback,
    **dict.fromkeys(Callback.__struct_fields__, texts)
    | {
        "id": st.just(0),
        "message_id": message_ids | st.just(""),
        "state": st.sampled_from(CallbackState),
        "tries": st.integers(0, 9),
        "created_at": moments,
        "ended_at": st.none() | moments,
    },
)
on_one_store = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


THEM = Correspondents("r", "20001", "380501112233")


async def test_a_message_comes_back_as_it_was_written(store: Store) -> None:
    written = message(
        message_id=FIRST, fallback=fallback(60), content={"text": "ü 你好 \U0001f600"}, fault="f"
    )
    await store.transact(lambda tx: tx.write(AddMessage(written)))
    assert await store.find_message(MessageId(FIRST)) == written
    assert await store.transact(lambda tx: tx.message(MessageId(FIRST))) == written
    assert await store.find_message(MessageId(SECOND)) is None
    assert await store.transact(lambda tx: tx.message(MessageId(SECOND))) is None


@on_one_store
@given(written=messages)
def test_any_message_comes_back(store: Store, runner: asyncio.Runner, written: Message) -> None:
    async def main() -> None:
        await store.clear()
        await store.transact(lambda tx: tx.write(AddMessage(written)))
        assert await store.find_message(written.message_id) == written

    runner.run(main())


@on_one_store
@given(written=legs, then=legs)
def test_any_leg_comes_back_and_can_be_changed(
    store: Store, runner: asyncio.Runner, written: Leg, then: Leg
) -> None:
    then.message_id, then.leg = written.message_id, written.leg
    then.channel, then.sender, then.recipient = written.channel, written.sender, written.recipient
    then.why, then.started_at = written.why, written.started_at

    async def main() -> None:
        await store.clear()
        await store.transact(lambda tx: tx.write(PutLeg(written)))
        assert await store.find_legs(written.message_id) == [written]
        await store.transact(lambda tx: tx.write(PutLeg(then)))
        assert await store.find_legs(written.message_id) == [then]

    runner.run(main())


@on_one_store
@given(written=attempts, then=attempts)
def test_any_attempt_comes_back_and_can_be_changed(
    store: Store, runner: asyncio.Runner, written: Attempt, then: Attempt
) -> None:
    then.message_id, then.leg, then.attempt = written.message_id, written.leg, written.attempt

    async def main() -> None:
        await store.clear()
        await store.transact(lambda tx: tx.write(PutAttempt(written)))
        assert await store.find_attempts(written.message_id) == [written]
        await store.transact(lambda tx: tx.write(PutAttempt(then)))
        assert await store.find_attempts(written.message_id) == [then]

    runner.run(main())


@on_one_store
@given(written=callbacks)
def test_any_callback_comes_back(store: Store, runner: asyncio.Runner, written: Callback) -> None:
    async def main() -> None:
        await store.clear()
        await store.transact(lambda tx: tx.write(Publish(written)))
        [found] = await store.list_callbacks()
        written.id = found.id
        assert found == written
        assert await store.find_callback(found.id) == written
        # Only a waiting callback is work; a stored, delivered or dead one is a record.
        waits = written.state is CallbackState.WAITING
        assert (await store.backlog())[Stage.CALLBACK] == (1 if waits else 0)
        written.id = 0

    runner.run(main())


async def test_legs_and_attempts_come_in_their_order(store: Store) -> None:
    written: list[tuple[int, int]] = [(1, 1), (0, 2), (0, 10), (0, 1)]
    for leg_number, number in written:
        await store.transact(lambda tx, a=leg_number, n=number: tx.write(PutAttempt(attempt(FIRST, a, n))))  # type: ignore[misc]
    for leg_number in (1, 0):
        await store.transact(lambda tx, n=leg_number: tx.write(PutLeg(leg(FIRST, n))))  # type: ignore[misc]
    await store.transact(lambda tx: tx.write(PutAttempt(attempt(SECOND))))
    assert [found.leg for found in await store.find_legs(MessageId(FIRST))] == [0, 1]
    found = await store.find_attempts(MessageId(FIRST))
    assert [(one.leg, one.attempt) for one in found] == sorted(written)
    await write(store, AddMessage(message(message_id=FIRST)))
    record = (await store.load([MessageId(FIRST)]))[MessageId(FIRST)]
    assert [found.leg for found in record.legs] == [0, 1]
    assert [(one.leg, one.attempt) for one in record.attempts] == sorted(written)


async def test_an_attempt_is_found_by_what_the_provider_calls_it(store: Store) -> None:
    known = attempt(FIRST)
    known.provider_id = "77"
    await store.transact(lambda tx: tx.write(PutAttempt(known)))
    assert (await store.attempts_by_provider_id([("r", "77")])).get(("r", "77")) == known
    assert await store.attempts_by_provider_id([("other", "77"), ("r", "78")]) == {}


async def test_an_attempt_is_found_by_its_number_the_latest_first(store: Store) -> None:
    older, newer = attempt(FIRST), attempt(SECOND)
    newer.started_at = older.started_at + 86_400_000
    await store.transact(lambda tx: tx.write(PutAttempt(newer)))
    await store.transact(lambda tx: tx.write(PutAttempt(older)))
    assert await store.find_attempt_by_number(1) == newer
    assert await store.find_attempt_by_number(2) is None


@pytest.mark.parametrize(
    ("state", "delivered", "read"),
    [
        (LegState.SENT, True, True),
        (LegState.EXPIRED, True, True),
        (LegState.DELIVERED, False, True),
        (LegState.READ, False, False),
    ],
)
async def test_an_attempt_is_behind_until_its_leg_is_as_far(
    store: Store, state: LegState, delivered: bool, read: bool
) -> None:
    one, its_leg = attempt(FIRST), leg(FIRST)
    one.provider_id, its_leg.state = "7001:a", state

    def write(tx: Transaction) -> None:
        tx.write(PutAttempt(one))
        tx.write(PutLeg(its_leg))

    await store.transact(write)
    for kind, found in ((False, delivered), (True, read)):
        enough = "read" if kind else "delivered"
        [behind] = await store.attempts_behind([Watermark("r", "7001:", NOW, enough)])
        assert behind == ([one] if found else [])


@pytest.mark.parametrize(
    ("route", "prefix", "since"),
    [("other", "7001:", NOW), ("r", "700:", NOW), ("r", "70011:", NOW), ("r", "7001:", NOW + 2)],
)
async def test_an_attempt_of_another_is_not_behind(store: Store, route: str, prefix: str, since: int) -> None:
    one = attempt(FIRST)
    one.provider_id = "7001:a"

    def write(tx: Transaction) -> None:
        tx.write(PutAttempt(one))
        tx.write(PutLeg(leg(FIRST)))

    await store.transact(write)
    assert await store.attempts_behind([Watermark(route, prefix, since, "delivered")]) == [[]]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, True),
        ({"outcome": AttemptOutcome.UNKNOWN}, True),
        ({"outcome": AttemptOutcome.UNKNOWN, "provider_id": "77"}, False),
        ({"outcome": AttemptOutcome.ACCEPTED}, False),
        ({"outcome": AttemptOutcome.REFUSED}, False),
        ({"recipient": "380501119999"}, False),
        ({"sender": "20002"}, False),
        ({"route": "other"}, False),
    ],
)
async def test_an_attempt_is_unanswered_while_nothing_is_known_of_it(
    store: Store, changed: dict[str, Any], found: bool
) -> None:
    one = attempt(FIRST)
    for name, value in changed.items():
        setattr(one, name, value)
    await store.transact(lambda tx: tx.write(PutAttempt(one)))
    unanswered = await store.unanswered_attempts([THEM])
    assert unanswered == ({THEM: [one]} if found else {})


async def test_unanswered_attempts_come_oldest_first(store: Store) -> None:
    for message_id, number in ((FIRST, 2), (SECOND, 1)):
        await store.transact(lambda tx, m=message_id, n=number: tx.write(PutAttempt(attempt(m, 0, n))))  # type: ignore[misc]
    found = await store.unanswered_attempts([THEM])
    assert [one.message_id for one in found[THEM]] == [SECOND, FIRST]


async def test_what_is_counted_of_a_template_adds_up(store: Store) -> None:
    def count(code: str = "t", start: int = 0, **more: Any) -> TemplateCount:
        defaults = {"account_id": "1", "template_code": code, "language": "en", "start": start, "sent": 1}
        return TemplateCount(**{**defaults, **more})

    def write(tx: Transaction) -> None:
        for one in (count(), count(sent=0, read=2), count("u"), count(start=9), count(account_id="2")):
            tx.write(Count(one))

    await store.transact(write)
    await store.transact(lambda tx: tx.write(Count(count(delivered=3))))
    assert await store.template_counts(AccountId("1"), "t", 0, 9) == [count(sent=2, delivered=3, read=2)]
    assert await store.template_counts(AccountId("1"), "t", 1, 10) == [count(start=9)]
    assert await store.template_counts(AccountId("1"), None, 0, 9) == [
        count(sent=2, delivered=3, read=2),
        count("u"),
    ]
    await store.clear()
    assert await store.template_counts(AccountId("1"), None, 0, 10) == []


async def test_a_timeline_comes_in_the_order_it_was_written(store: Store) -> None:
    events = [Event(MessageId(FIRST), place % 2, NOW, "note", f"line {place}") for place in range(5)]
    for event in events:
        await store.transact(lambda tx, event=event: tx.write(AddEvent(event)))  # type: ignore[misc]
    await store.transact(lambda tx: tx.write(AddEvent(Event(MessageId(SECOND), 0, NOW, "note", "another's"))))
    assert await store.find_events(MessageId(FIRST)) == events


async def test_callbacks_are_listed_by_the_filters(store: Store) -> None:
    for place in range(6):
        one = callback(FIRST if place % 2 else SECOND, body=str(place))
        one.account_id = AccountId("1" if place < 4 else "2")
        one.state = (CallbackState.DEAD, CallbackState.STORED)[place < 3]
        await store.transact(lambda tx, one=one: tx.write(Publish(one)))  # type: ignore[misc]

    async def bodies(**filters: Any) -> list[int]:
        return [int(found.body) for found in await store.list_callbacks(**filters)]

    assert await bodies() == [0, 1, 2, 3, 4, 5]
    assert await bodies(message_id=FIRST) == [1, 3, 5]
    assert await bodies(account_id="2") == [4, 5]
    assert await bodies(states=(CallbackState.DEAD,)) == [3, 4, 5]
    assert await bodies(states=(CallbackState.DEAD, CallbackState.STORED), account_id="1") == [0, 1, 2, 3]
    assert await bodies(message_id=FIRST, states=(CallbackState.STORED,)) == [1]
    assert await bodies(limit=2) == [0, 1]
    assert await bodies(states=(CallbackState.DEAD,), limit=1) == [3]
    [first, *_] = await store.list_callbacks()
    assert await bodies(after=first.id) == [1, 2, 3, 4, 5]


async def test_what_became_of_a_callback_is_written(store: Store) -> None:
    await store.transact(lambda tx: tx.write(Publish(callback(FIRST))))
    [one] = await store.list_callbacks()
    one.state, one.tries, one.error, one.ended_at = CallbackState.DEAD, 4, "answered HTTP 500, not 200", NOW
    await store.transact(lambda tx: tx.write(EndCallback(one)))
    assert await store.find_callback(one.id) == one
    assert await store.transact(lambda tx: tx.callback(one.id)) == one
    assert await store.find_callback(one.id + 1) is None


async def test_a_persons_message_is_noted_once(store: Store) -> None:
    assert await write(store, ClaimInbound("r", "7", NOW)) is None
    assert await write(store, ClaimInbound("r", "7", NOW + 1)) is Refusal.REPEATED
    assert await write(store, ClaimInbound("other", "7", NOW)) is None
    assert await write(store, ClaimInbound("r", "8", NOW)) is None


async def test_the_latest_time_a_user_wrote_is_kept_for_each_sender(store: Store) -> None:
    for sender, at in (("1", 50), ("1", 70), ("1", 60), ("2", 10)):
        await write(store, AddInbound(inbound_message(sender=sender), at))
    assert await store.conversations.last_inbound("whatsapp", "1", "380") == 70
    assert await store.conversations.last_inbound("whatsapp", "2", "380") == 10
    assert await store.conversations.last_inbound("telegram", "1", "380") is None
    await store.clear()
    assert await store.conversations.last_inbound("whatsapp", "1", "380") is None
