"""Promotions that wait in a database before a service is started on it."""

import time
from pathlib import Path

from waypost.messaging.acceptance import DISPATCH_LEG_0
from waypost.model.identifiers import AccountId, MessageIds, SpaceId
from waypost.model.message.lanes import dispatch_lane
from waypost.model.message.leg import Leg
from waypost.model.message.message import Message
from waypost.sandbox import fixture
from waypost.storage.changes import AddMessage, Change, Enqueue, PutLeg
from waypost.storage.records import Stage
from waypost.storage.sqlite import SqliteStore

TTL_S = 1_209_600
SENDERS = {"1": "20001", "2": "30001"}
"""The Viber sender of each account."""
_CHUNK = 2_000


async def fill(folder: Path, counts: dict[str, int]) -> None:
    """Lets so many promotions of each account wait for Viber's route."""
    store = SqliteStore(folder / "waypost.db", durable=False)
    ids = MessageIds(store.shards)
    now = time.time_ns() // 1_000_000
    for account, count in counts.items():
        for first in range(0, count, _CHUNK):
            await store.apply(
                [_waiting(ids, account, number, now) for number in range(first, min(count, first + _CHUNK))]
            )
    await store.close()


def _waiting(ids: MessageIds, account: str, number: int, now: int) -> Change:
    message = Message(
        message_id=ids.next(now),
        account_id=AccountId(account),
        space_id=SpaceId(fixture.ACCOUNTS[AccountId(account)].spaces[0]),
        accepted_at=now,
        channel="viber",
        message_type="text",
        sender=SENDERS[account],
        recipient=f"4917{number:07d}0002",
        content={"text": "Your order has left our warehouse."},
        label="promotion",
        ttl=TTL_S,
    )
    leg = Leg(
        message_id=message.message_id,
        leg=0,
        channel="viber",
        sender=message.sender,
        recipient=message.recipient,
        route=fixture.VIBER_ROUTE,
        started_at=now,
        updated_at=now,
    )
    lane = dispatch_lane(leg.route, message)
    dispatch = Enqueue(Stage.DISPATCH, lane, message.message_id, DISPATCH_LEG_0, now)
    return Change([AddMessage(message), PutLeg(leg), dispatch])
