"""The databases that a store can use, and example records."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec

from tests.claims import claim_due
from tests.inline import Inline
from tests.model.messages import ACCEPTED_AT
from waypost.messaging.message_search import find_messages
from waypost.model.identifiers import AccountId, MessageId, SpaceId
from waypost.model.message.leg import Attempt, Leg
from waypost.model.message.message import Message
from waypost.storage.changes import Change, Command, Enqueue, Refusal
from waypost.storage.contract import Store
from waypost.storage.message_search import MessageFilter
from waypost.storage.records import Callback, CallbackState, InboundMessage, Stage, Work
from waypost.storage.sqlite import SqliteStore

NOW = ACCEPTED_AT
LANE = "r 1 transaction"
VALID = range(10)
FIRST, SECOND, THIRD = (f"20270115080000000{place:05d}000" for place in (1, 2, 3))


@runtime_checkable
class Database(Protocol):
    """Somewhere a store keeps what it holds."""

    def open(self, *, durable: bool = True, inline: bool = False) -> Store:
        """Opens it: what was made durable before is there. Not `durable`, nothing waits for a disk; `inline`,
        nor for another thread."""
        ...


class Sqlite:
    """A file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "waypost.db"

    def open(self, *, durable: bool = True, inline: bool = False) -> Store:
        return SqliteStore(self.path, durable=durable, executor=Inline() if inline else None)


DATABASES: list[type[Sqlite]] = [Sqlite]


def leg(message_id: str = FIRST, number: int = 0) -> Leg:
    return Leg(
        message_id=MessageId(message_id),
        leg=number,
        channel="viber",
        sender="20001",
        recipient="380501112233",
        route="r",
        started_at=NOW,
        updated_at=NOW,
    )


def attempt(
    message_id: str = FIRST, leg: int = 0, attempt: int = 1, recipient: str = "380501112233"
) -> Attempt:
    return Attempt(
        message_id=MessageId(message_id),
        leg=leg,
        attempt=attempt,
        number=attempt,
        route="r",
        sender="20001",
        recipient=recipient,
        started_at=NOW + attempt,
    )


def callback(message_id: str = FIRST, body: str = "{}", created_at: int = NOW) -> Callback:
    return Callback(
        message_id=MessageId(message_id),
        account_id=AccountId("1"),
        kind="ChatAppStatus",
        url="http://127.0.0.1:1/",
        body=body,
        state=CallbackState.WAITING,
        created_at=created_at,
    )


async def enqueue(
    store: Store,
    *visible_at: int,
    stage: Stage = Stage.DISPATCH,
    message_id: str = FIRST,
    lane: str = LANE,
) -> None:
    """Writes work; `leg` in each body counts the rows in the order of writing."""
    await store.apply(
        [
            Change(
                [
                    Enqueue(stage, lane, MessageId(message_id), f'{{"leg":{place}}}', moment)
                    for place, moment in enumerate(visible_at)
                ]
            )
        ]
    )


async def claim(store: Store, stage: Stage = Stage.DISPATCH, limit: int = 100, now: int = NOW) -> list[Work]:
    return await claim_due(store, stage, limit, now)


async def listed(store: Store, **filters: Any) -> list[Message]:
    """All messages that match, newest first."""
    found = find_messages(store, MessageFilter(**filters), limit=10**7)
    return [message async for message, _ in found]


async def count(store: Store) -> int:
    """How many rows the journal has."""
    return sum((await store.backlog()).values())


async def write(store: Store, *commands: Command, works: Sequence[Work] = ()) -> Refusal | None:
    """Writes commands; returns why they were refused, or None."""
    [outcome] = await store.apply([Change(commands, works)])
    assert not isinstance(outcome, Exception)
    return outcome


def inbound_message(**changes: Any) -> InboundMessage:
    usual = InboundMessage(
        account_id=AccountId("1"),
        space_id=SpaceId("cams-1"),
        channel="whatsapp",
        sender="15550100001",
        user="380",
        at=NOW,
        provider_id="wamid.1",
        type="TEXT",
        text="hi",
    )
    return msgspec.structs.replace(usual, **changes)
