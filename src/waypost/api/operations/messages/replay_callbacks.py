"""ReplayCallbacks, Waypost's own: pushes the callbacks of a message or of a period again."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from waypost.api.description import Decoded, Operation, Parameter, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.messages.lookup import find_own_message
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.messaging.replay import REDACTED, republish
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.model.identifiers import NO_MESSAGE, MessageId
from waypost.model.message.statuses import INBOUND_KIND, STATUS_KIND
from waypost.model.templates.review import AUDIT_KIND
from waypost.storage.contract import Store, Transaction
from waypost.storage.records import Callback

MOST_CALLBACKS = 1000
"""The largest number of callbacks that one call replays."""
_CALLS_PER_SECOND = 5
# One call reads at most this many batches of `MOST_CALLBACKS` callbacks, whichever account they belong to.
_MOST_BATCHES = 10
_LATEST = 253_402_300_799_999


def decode_next_token(text: str) -> Decoded:
    """Decodes NextToken, the id of the last callback that the previous call read."""
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text), ()
    allowed = "it must be the NextToken of an earlier answer"
    return 0, [Fault(codes.invalid("NextToken"), "NextToken", "is not allowed", allowed, text)]


class ReplayCallbacksParams(Params, frozen=True):
    """The filters of the callbacks to push again; an empty filter matches every callback."""

    message_id: Annotated[
        MessageId,
        Parameter(
            "MessageId",
            "The message whose callbacks are meant.",
            "2026112303460800000100000",
            invalid=codes.UNKNOWN_RESOURCE_OWNER,
        ),
    ] = NO_MESSAGE
    start_time: Annotated[
        int,
        Parameter(
            "StartTime",
            "From when, milliseconds UTC.",
            "1763869568000",
            minimum=0,
            maximum=_LATEST,
            required_for="every call without MessageId",
            missing=codes.missing("StartTime"),
        ),
    ] = 0
    end_time: Annotated[
        int,
        Parameter(
            "EndTime",
            "Until when, milliseconds UTC.",
            "1763955968000",
            minimum=0,
            maximum=_LATEST,
            required_for="every call without MessageId",
            missing=codes.missing("EndTime"),
        ),
    ] = 0
    kind: Annotated[
        str,
        Parameter(
            "Kind",
            "Only those of one kind.",
            STATUS_KIND,
            allowed=(STATUS_KIND, INBOUND_KIND, AUDIT_KIND),
            default="every kind",
        ),
    ] = ""
    state: Annotated[
        str,
        Parameter(
            "State",
            "Those in one state: dead (given up), delivered (accepted by the receiver) or stored (there was "
            "no URL).",
            "dead",
            allowed=("dead", "delivered", "stored"),
            default="all three",
        ),
    ] = ""
    next_token: Annotated[
        int,
        Parameter(
            "NextToken",
            "Goes on where an earlier call stopped, with the NextToken of its answer.",
            "4711",
            decode=decode_next_token,
        ),
    ] = 0


class ReplayedCallbacks(Answer, frozen=True):
    """What came of a replay."""

    replayed_count: Annotated[int, member("How many are pushed again.")]
    left_count: Annotated[
        int, member("How many are not: they wait already, go nowhere, or have no content any more.")
    ]
    redacted_count: Annotated[
        int, member("How many of those have no content any more, because of their age or an erasure.")
    ]
    next_token: Annotated[str, member("With which to call for more; empty when that was all.", "4711")]


class ReplayCallbacksAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """What came of a replay."""

    data: Annotated[ReplayedCallbacks, member("The result.")]


OPERATION = Operation(
    "ReplayCallbacks",
    f"Pushes callbacks again, at most {MOST_CALLBACKS} in a call, in their order and to their current "
    "destination: those of a message, or those made in a period.",
    ReplayCallbacksParams,
    ReplayCallbacksAnswer,
    errors=(codes.invalid("NextToken"),),
    source="",
    ignored=OWNER_PARAMETERS,
)


async def handle(request: Request[ReplayCallbacksParams], store: Store) -> Result[ReplayCallbacksAnswer]:
    """Pushes callbacks again.

    Raises:
        ApiError: a parameter is invalid; the account has no such message.
    """
    params = request.params
    request.refuse(_missing_times(request))
    if params.message_id:
        message = await find_own_message(request, store, params.message_id)
        ids, next_after = await _of_message(store, message.message_id, request)
    else:
        ids, next_after = await _of_time_range(store, request)

    def write(transaction: Transaction) -> ReplayCallbacksAnswer:
        reasons = [republish(transaction, request.configuration, id_, request.now) for id_ in ids]
        return _answer(reasons, next_after)

    return Result(_answer([""] * len(ids), next_after), write)


def _answer(reasons: Sequence[str], next_after: int) -> ReplayCallbacksAnswer:
    """The answer for callbacks with the reason why each is left, empty for those that are replayed."""
    return ReplayCallbacksAnswer(
        data=ReplayedCallbacks(
            replayed_count=reasons.count(""),
            left_count=len(reasons) - reasons.count(""),
            redacted_count=reasons.count(REDACTED),
            next_token=str(next_after) if next_after else "",
        )
    )


def _missing_times(request: Request[ReplayCallbacksParams]) -> list[Fault]:
    if request.params.message_id:
        return []
    return [
        Fault(codes.missing(name), name, "it is missing", "a call without MessageId needs it")
        for name in ("StartTime", "EndTime")
        if not request.raw_params.get(name)
    ]


def _matches(callback: Callback, request: Request[ReplayCallbacksParams]) -> bool:
    """Whether a callback is of the calling account and matches the filters of the call."""
    params = request.params
    return (
        callback.account_id == request.caller.account_id
        and params.kind in ("", callback.kind)
        and params.state in ("", callback.state.value)
    )


async def _of_message(
    store: Store, message_id: MessageId, request: Request[ReplayCallbacksParams]
) -> tuple[list[int], int]:
    """The ids of a message's callbacks to replay, and the id to continue after; 0 if there are no more."""
    after = request.params.next_token
    callbacks = await store.list_callbacks(message_id=message_id, after=after, limit=MOST_CALLBACKS + 1)
    ids = [callback.id for callback in callbacks[:MOST_CALLBACKS] if _matches(callback, request)]
    return ids, callbacks[MOST_CALLBACKS - 1].id if len(callbacks) > MOST_CALLBACKS else 0


async def _of_time_range(store: Store, request: Request[ReplayCallbacksParams]) -> tuple[list[int], int]:
    """The ids of a period's callbacks to replay, and the id to continue after; 0 if there are no more."""
    params = request.params
    after = max(params.next_token, await store.callbacks_since(params.start_time))
    ids: list[int] = []
    for _ in range(_MOST_BATCHES):
        callbacks = await store.list_callbacks(after=after, limit=MOST_CALLBACKS)
        for callback in callbacks:
            if callback.created_at > params.end_time:
                return ids, 0
            after = callback.id
            ids += [after] if _matches(callback, request) else []
            if len(ids) == MOST_CALLBACKS:
                return ids, after
        if len(callbacks) < MOST_CALLBACKS:
            return ids, 0
        # Yields to the event loop, so that a long list does not block other calls.
        await asyncio.sleep(0)
    return ids, after


ENDPOINT = Endpoint(OPERATION, handle, _CALLS_PER_SECOND)
