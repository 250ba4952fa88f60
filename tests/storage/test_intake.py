"""An accepted call is one change, with its work in the journal."""

import pytest

from tests.model.messages import fallback, message
from tests.storage.databases import FIRST, NOW, THIRD, claim, write
from waypost.messaging.acceptance import acceptance
from waypost.model.configuration import Account, Configuration, Sender
from waypost.model.identifiers import AccountId, MessageId
from waypost.model.message.leg import LegState
from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.model.message.work import TimerKind, TimerWork, decode_dispatch, decode_timer
from waypost.storage.changes import Change, Refusal, Suppress
from waypost.storage.contract import Store
from waypost.storage.records import Stage

GRACE = 300_000
CONFIGURATION = Configuration(
    [
        Account(id=AccountId("1")),
        Sender(channel="viber", id="20001", account_id=AccountId("1"), route="viber-main"),
    ]
)


async def test_an_accepted_call_is_written_with_the_work_of_sending_it(store: Store) -> None:
    accepted = message(message_id=FIRST)
    await write(store, *acceptance(accepted, CONFIGURATION, GRACE).commands)
    assert await store.find_message(MessageId(FIRST)) == accepted
    [leg] = await store.find_legs(MessageId(FIRST))
    assert (leg.route, leg.state, leg.attempts) == ("viber-main", LegState.QUEUED, 0)
    [work] = await claim(store)
    assert (work.message_id, work.visible_at, decode_dispatch(work.body).leg) == (
        FIRST,
        accepted.accepted_at,
        0,
    )
    assert work.lane.startswith("viber-main 1 ")


@pytest.mark.parametrize(("duration", "due"), [(60, NOW + 60_000), (43_200, NOW + 43_200_000), (None, None)])
async def test_the_timers_of_its_first_leg_are_written_with_it(
    store: Store, duration: int | None, due: int | None
) -> None:
    accepted = message(message_id=FIRST, fallback=fallback(duration))
    await write(store, *acceptance(accepted, CONFIGURATION, GRACE).commands)
    timers = {
        decode_timer(timer.body): timer.visible_at for timer in await store.find_timers(MessageId(FIRST))
    }
    expected = {TimerWork(TimerKind.EXPIRY, 0): accepted.expires_at + GRACE}
    if due is not None:
        expected[TimerWork(TimerKind.FALLBACK, 0)] = due
    assert timers == expected


async def test_of_a_call_that_is_refused_in_the_end_there_is_nothing(store: Store) -> None:
    promotion = message(message_id=FIRST, label="promotion", fallback=fallback(60))
    transaction = message(message_id=THIRD, label="transaction")
    stop = Suppression(
        account_id=promotion.account_id,
        channel="viber",
        sender="20001",
        recipient=promotion.recipient,
        reason=OptOutReason.STOP_WORD,
        detail="stop",
        at=NOW,
    )
    await write(store, Suppress(stop))
    refused, accepted = await store.apply(
        [
            Change(acceptance(promotion, CONFIGURATION, GRACE).commands),
            Change(acceptance(transaction, CONFIGURATION, GRACE).commands),
        ]
    )
    assert (refused, accepted) == (Refusal.SUPPRESSED, None)
    assert await store.find_message(MessageId(FIRST)) is None
    assert (await store.backlog())[Stage.DISPATCH] == 1
    assert [work.message_id for work in await claim(store)] == [THIRD]
