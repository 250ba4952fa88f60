"""The record of a request to the queue service, beside those of the RPC API's calls."""

from functools import partial

import msgspec

from waypost.api.call_recorder import CallRecorder, recorded_key
from waypost.api.errors.catalogue import SignatureMismatch
from waypost.api.queues.call import QueueCall, QueueTarget
from waypost.api.signatures import mns
from waypost.clock import steady_seconds
from waypost.model.identifiers import AccountId
from waypost.model.quoting import shown
from waypost.storage.call_records import UNAUTHENTICATED, CallRecord

_LONGEST_STRING = 4096


class AnsweredQueueCall(msgspec.Struct, eq=False):
    """What is known of a request when it is answered.

    Attributes:
        started: when it arrived, by the monotonic clock, seconds.
        call, target: the request and its operation, as far as they were read.
        account_id: the caller's account, once the signature is known to be right.
        code: as answered.
        mismatch: for a wrong signature, what was expected to be signed.
    """

    request_id: str
    started: float
    call: QueueCall | None = None
    target: QueueTarget | None = None
    account_id: AccountId | None = None
    code: str = "OK"
    mismatch: SignatureMismatch | None = None


def record_queue_call(recorder: CallRecorder, answered: AnsweredQueueCall, now: int) -> None:
    """Records a request that is answered.

    Args:
        now: milliseconds UTC.
    """
    recorder.add(answered.account_id or UNAUTHENTICATED, partial(_record, recorder, answered, now))


def _record(recorder: CallRecorder, answered: AnsweredQueueCall, now: int) -> CallRecord:
    call, target, mismatch = answered.call, answered.target, answered.mismatch
    named = mns.parse_authorization(call.headers.get("authorization", "")) if call is not None else None
    access_key_id = named[0] if named is not None else ""
    owner = answered.account_id or recorder.owner(access_key_id)
    return CallRecord(
        request_id=answered.request_id,
        at=now,
        account_id=owner,
        is_authenticated=answered.account_id is not None,
        access_key_id=recorded_key(access_key_id, owner),
        operation=f"mns:{target.operation}" if target is not None else "",
        code=answered.code,
        ms=round((steady_seconds() - answered.started) * 1000),
        peer=call.peer if call is not None else "",
        # What else a request has is a handle, or numbers.
        parameters={"QueueName": shown(target.queue)} if target is not None and target.queue else {},
        string_to_sign=mismatch.string_to_sign[:_LONGEST_STRING] if mismatch is not None else "",
        signature=shown(mismatch.signature) if mismatch is not None else "",
    )
