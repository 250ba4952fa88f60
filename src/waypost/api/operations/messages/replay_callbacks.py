"""ReplayCallbacks, Waypost's own: what was told is told again, for a message or a stretch of time."""

import asyncio
from typing import Any, NamedTuple

from waypost.api.description import Kind, Parameter
from waypost.api.errors.catalogue import refuse
from waypost.api.legacy_description import Operation
from waypost.api.members import Member
from waypost.api.operations.legacy import Endpoint, Request, Result
from waypost.api.operations.messages.get_chatapp_message_detail import own_message
from waypost.api.operations.recurring import ANY_CALL, NOT_YOURS, OWNERS, SUCCESS
from waypost.messaging.replay import republish
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.message.statuses import INBOUND_KIND, STATUS_KIND
from waypost.model.quoting import quoted
from waypost.model.templates.review import AUDIT_KIND
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Callback

MOST = 1000
_CALLS_PER_SECOND = 5
# So many times `MOST` callbacks, of whatever account, are looked at in one call.
_LOOKS = 10
_LATEST = 253_402_300_799_999
_STATES = ("dead", "delivered", "stored")
_P = Parameter

REPLAY = Operation(
    name="ReplayCallbacks",
    summary=f"Tells callbacks again, at most {MOST} in a call, in their order and to where they go now: "
    "those of a message, or those made in a stretch of time.",
    source="",
    parameters=(
        _P(
            "MessageId",
            "The message whose callbacks are meant.",
            "2026112303460800000100000",
            invalid=NOT_YOURS,
        ),
        _P(
            "StartTime",
            "From when, milliseconds UTC.",
            "1763869568000",
            minimum=0,
            maximum=_LATEST,
            required_for="every call without MessageId",
            missing=codes.missing("StartTime"),
            kind=Kind.INTEGER,
        ),
        _P(
            "EndTime",
            "Until when, milliseconds UTC.",
            "1763955968000",
            minimum=0,
            maximum=_LATEST,
            required_for="every call without MessageId",
            missing=codes.missing("EndTime"),
            kind=Kind.INTEGER,
        ),
        _P(
            "Kind",
            "Tells those of one kind.",
            STATUS_KIND,
            allowed=(STATUS_KIND, INBOUND_KIND, AUDIT_KIND),
            default="every kind",
        ),
        _P(
            "State",
            "Those in one state: dead (given up), delivered (accepted by the receiver) or stored (there was no "
            "URL).",
            "dead",
            allowed=_STATES,
            default="all three",
        ),
        _P("NextToken", "Goes on where an earlier call stopped, as its answer said.", "4711"),
        *OWNERS,
    ),
    answer=(
        SUCCESS,
        Member(
            "Data",
            "What came of it.",
            kind="object",
            members=(
                Member("ReplayedCount", "How many are pushed again.", kind="integer"),
                Member("LeftCount", "How many are not: they wait already, or go nowhere.", kind="integer"),
                Member("NextToken", "With which to call for more; empty when that was all.", "4711"),
            ),
        ),
    ),
    errors=(*ANY_CALL, codes.invalid("NextToken")),
)


async def handle(request: Request) -> Result:
    """Tells callbacks again.

    Raises:
        ApiError: the call's faults; the account has no such message.
    """
    texts, numbers, faults = REPLAY.read(request.given)
    after = texts.get("NextToken", "0")
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        text = f"{quoted(after)} is not allowed; it must be the NextToken of an earlier answer."
        faults.append(Fault(codes.invalid("NextToken"), "NextToken", text))
    if "MessageId" not in texts:
        faults += [
            Fault(f"Missing{name}", name, "it is missing; a call without MessageId needs it.")
            for name in ("StartTime", "EndTime")
            if name not in request.given
        ]
    refuse(REPLAY, faults)
    asked = _Asked(request.caller.account_id, texts.get("Kind", ""), texts.get("State", ""))
    if "MessageId" in texts:
        message = await own_message(request, texts)
        ids, next_after = await _of_message(request.store, message.message_id, asked, int(after))
    else:
        span = numbers["StartTime"], numbers["EndTime"]
        ids, next_after = await _made_between(request.store, *span, asked, int(after))

    def write(transaction: Transaction) -> dict[str, Any]:
        left = [each for each in ids if republish(transaction, request.configuration, each, request.now)]
        data = {
            "ReplayedCount": len(ids) - len(left),
            "LeftCount": len(left),
            "NextToken": str(next_after) if next_after else "",
        }
        return {"Success": True, "Data": data}

    return Result({}, write)


class _Asked(NamedTuple):
    """Which callbacks are meant; an empty filter lets all pass."""

    account_id: str
    kind: str
    state: str

    def wants(self, callback: Callback) -> bool:
        return (
            callback.account_id == self.account_id
            and self.kind in ("", callback.kind)
            and self.state in ("", callback.state.value)
        )


async def _of_message(store: Store, message_id: str, asked: _Asked, after: int) -> tuple[list[int], int]:
    """The ids, and after which one there are more; 0 for no more."""
    found = await store.list_callbacks(message_id=message_id, after=after, limit=MOST + 1)
    ids = [callback.id for callback in found[:MOST] if asked.wants(callback)]
    return ids, found[MOST - 1].id if len(found) > MOST else 0


async def _made_between(
    store: Store, start: int, end: int, asked: _Asked, after: int
) -> tuple[list[int], int]:
    """The same for a stretch of time, milliseconds UTC."""
    after = max(after, await store.callbacks_since(start))
    ids: list[int] = []
    for _ in range(_LOOKS):
        found = await store.list_callbacks(after=after, limit=MOST)
        for callback in found:
            if callback.created_at > end:
                return ids, 0
            after = callback.id
            ids += [after] if asked.wants(callback) else []
            if len(ids) == MOST:
                return ids, after
        if len(found) < MOST:
            return ids, 0
        # A long list must not hold up the calls of others.
        await asyncio.sleep(0)
    return ids, after


ENDPOINTS = (Endpoint(REPLAY, handle, _CALLS_PER_SECOND),)
