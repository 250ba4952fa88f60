"""Each incoming call and webhook is one transaction, with its work in the journal."""

import pytest

from tests.model.messages import fallback, message
from tests.storage.databases import FIRST, NOW, claim
from waypost.messaging.acceptance import accept_message, accept_webhook
from waypost.model.identifiers import MessageId
from waypost.model.message.outcomes import Inbound, Receipt, ReceiptKind
from waypost.model.message.work import TimerKind, TimerWork, decode_dispatch, decode_receipt, decode_timer
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Stage, dispatch_stage

RECEIPT = Receipt(route="r", kind=ReceiptKind.DELIVERED, at=NOW, provider_id="77")
INBOUND = Inbound(
    route="r",
    channel="viber",
    sender="20001",
    user="380501112233",
    at=NOW,
    provider_id="8",
    type="TEXT",
    text="héllo 你好",
)


async def test_an_accepted_call_is_written_with_the_work_of_sending_it(store: Store) -> None:
    accepted = message(message_id=FIRST)
    await store.transact(lambda tx: accept_message(tx, accepted))
    assert await store.find_message(MessageId(FIRST)) == accepted
    [work] = await claim(store)
    assert (work.message_id, work.visible_at, decode_dispatch(work.body).leg) == (
        FIRST,
        accepted.accepted_at,
        0,
    )
    assert await store.find_timers(MessageId(FIRST)) == []


@pytest.mark.parametrize(("duration", "due"), [(60, NOW + 60_000), (43_200, NOW + 43_200_000), (None, None)])
async def test_the_timer_of_its_fallback_is_written_with_it(
    store: Store, duration: int | None, due: int | None
) -> None:
    accepted = message(message_id=FIRST, fallback=fallback(duration))
    await store.transact(lambda tx: accept_message(tx, accepted))
    timers = await store.find_timers(MessageId(FIRST))
    assert [timer.visible_at for timer in timers] == ([] if due is None else [due])
    assert [decode_timer(timer.body) for timer in timers] == (
        [] if due is None else [TimerWork(TimerKind.FALLBACK, 0)]
    )


async def test_of_a_call_that_is_refused_in_the_end_there_is_nothing(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        accept_message(tx, message(message_id=FIRST, fallback=fallback(60)))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.transact(fails)
    assert await store.find_message(MessageId(FIRST)) is None
    assert sum((await store.backlog()).values()) == 0


async def test_what_a_webhook_holds_is_work_in_its_order(store: Store) -> None:
    await store.transact(lambda tx: accept_webhook(tx, [RECEIPT, INBOUND, RECEIPT], NOW))
    works = await claim(store, Stage.RECEIPT)
    decoded = [decode_receipt(work.body) for work in works]
    assert [one.receipt or one.inbound for one in decoded] == [RECEIPT, INBOUND, RECEIPT]
    assert {(work.message_id, work.visible_at, work.tries) for work in works} == {("", NOW, 0)}


async def test_an_empty_webhook_is_no_work(store: Store) -> None:
    await store.transact(lambda tx: accept_webhook(tx, [], NOW))
    assert await claim(store, Stage.RECEIPT) == []


@pytest.mark.parametrize(("leg", "stage"), [(0, Stage.DISPATCH), (1, Stage.FALLBACK), (2, Stage.FALLBACK)])
def test_a_first_leg_and_a_fallback_leg_are_sent_by_stages_of_their_own(leg: int, stage: Stage) -> None:
    assert dispatch_stage(leg) is stage
