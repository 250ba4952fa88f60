"""Replay of callbacks: which are pending again, to which URL, and why the others are left."""

import pytest

from tests.model.messages import message
from tests.storage.databases import FIRST, NOW, SECOND, callback, claim
from tests.storage.stored_entries import insert
from waypost.messaging.replay import ReplayResult, replay_callbacks
from waypost.model.configuration import Account, CallbackTarget, ReceiptSettings, Sender
from waypost.model.identifiers import AccountId
from waypost.model.message.statuses import INBOUND_KIND
from waypost.storage.changes import AddMessage, Publish
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Callback, CallbackState, Stage

STATUS, INBOUND = "http://127.0.0.1:1/status", "http://127.0.0.1:1/inbound"
ACME = Account(id=AccountId("1"), callbacks=CallbackTarget(STATUS, INBOUND, ""))
SENDER = Sender(channel="viber", id="20001", account_id=AccountId("1"), route="r")
ENDED = [state for state in CallbackState if state is not CallbackState.WAITING]


def ended(
    state: CallbackState = CallbackState.DEAD, message_id: str = FIRST, account_id: str = "1"
) -> Callback:
    made = callback(message_id)
    made.account_id, made.state, made.url = AccountId(account_id), state, "http://127.0.0.1:1/before"
    made.tries, made.error, made.ended_at = 4, "answered HTTP 500, not 200", NOW
    return made


async def fill(store: Store, *callbacks: Callback, account: Account | None = ACME) -> None:
    await insert(store, SENDER, *([account] if account else []))

    def change(tx: Transaction) -> None:
        tx.write(AddMessage(message(message_id=FIRST)))
        for one in callbacks:
            tx.write(Publish(one))

    await store.transact(change)


async def ids_to_push(store: Store, now: int = NOW) -> list[int]:
    works = await claim(store, Stage.CALLBACK, now=now)
    return [waiting.id for waiting in await store.waiting_callbacks(works)]


@pytest.mark.parametrize("state", ENDED)
async def test_a_callback_that_has_ended_waits_again(store: Store, state: CallbackState) -> None:
    await fill(store, ended(state))
    assert await replay_callbacks(store, [1], NOW + 60) == [ReplayResult(1)]
    found = await store.find_callback(1)
    assert found is not None
    assert (found.state, found.url, found.tries, found.ended_at) == (CallbackState.WAITING, STATUS, 0, None)
    assert (found.body, found.created_at) == ("{}", NOW)
    assert await ids_to_push(store, NOW + 59) == []
    assert await ids_to_push(store, NOW + 60) == [1]


async def test_each_gets_an_answer_in_the_order_of_the_ids_and_once(store: Store) -> None:
    await fill(store, ended(), callback(FIRST), ended())
    assert await replay_callbacks(store, [3, 9, 2, 1, 3], NOW) == [
        ReplayResult(1),
        ReplayResult(2, "it is waiting already"),
        ReplayResult(3),
        ReplayResult(9, "there is no such callback"),
    ]
    assert await replay_callbacks(store, [1, 3], NOW) == [
        ReplayResult(number, "it is waiting already") for number in (1, 3)
    ]
    assert len(await ids_to_push(store)) == 3


async def test_those_of_a_message_wait_with_the_one_that_waits_in_publishing_order(store: Store) -> None:
    waiting = callback(FIRST, created_at=NOW + 30)
    waiting.url = STATUS
    await fill(store, ended(), ended(), waiting)
    await replay_callbacks(store, [2, 1], NOW)
    assert await ids_to_push(store, NOW + 29) == []
    assert await ids_to_push(store, NOW + 30) == [1, 2, 3]


@pytest.mark.parametrize("account", [None, Account(id=AccountId("1"))])
async def test_without_a_url_it_stays_as_it_is(store: Store, account: Account | None) -> None:
    await fill(store, ended(), account=account)
    before = await store.find_callback(1)
    assert await replay_callbacks(store, [1], NOW) == [
        ReplayResult(1, "account 1 has no URL for ChatAppStatus")
    ]
    assert await store.find_callback(1) == before
    assert await ids_to_push(store) == []


async def test_an_inbound_one_goes_to_the_url_for_those(store: Store) -> None:
    inbound = ended(message_id="")
    inbound.kind, inbound.body = INBOUND_KIND, '{"To":"20001","WaypostChannel":"viber"}'
    await fill(store, inbound)
    assert await replay_callbacks(store, [1], NOW) == [ReplayResult(1)]
    found = await store.find_callback(1)
    assert found is not None
    assert found.url == INBOUND


@pytest.mark.parametrize(("http", "pushed"), [(True, True), (False, False)])
async def test_it_is_put_in_its_queue_again_where_there_is_one(
    store: Store, http: bool, pushed: bool
) -> None:
    settings = ReceiptSettings(
        account_id=AccountId("1"), channel="viber", sender_id="20001", http=http, queue=True
    )
    await fill(store, ended(CallbackState.STORED))
    await insert(store, settings, origin="command")
    assert await replay_callbacks(store, [1], NOW) == [ReplayResult(1)]
    [queued] = await store.queues.peek("Alicom-Queue-1-ChatAppStatus", 9, now=NOW, expired=0)
    assert (queued.body, queued.enqueued_at) == ("{}", NOW)
    assert await ids_to_push(store) == ([1] if pushed else [])


async def test_more_than_fit_in_one_transaction_are_all_done(store: Store) -> None:
    await fill(store, *(ended(message_id=SECOND if number % 2 else "") for number in range(1100)))
    done = await replay_callbacks(store, range(1, 1101), NOW)
    assert done == [ReplayResult(number) for number in range(1, 1101)]
    # Those of one message are one push.
    assert (await store.backlog())[Stage.CALLBACK] == 551
    assert len(await store.list_callbacks(states=[CallbackState.WAITING], limit=2000)) == 1100


async def test_nothing_is_done_for_nothing(store: Store) -> None:
    assert await replay_callbacks(store, [], NOW) == []
