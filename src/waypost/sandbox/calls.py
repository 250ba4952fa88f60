"""The calls that came to a sandbox, whole and in order."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from waypost.api.call_recorder import CallRecorder
from waypost.api.caller import Access
from waypost.api.errors.catalogue import ApiError
from waypost.api.gate import Gate
from waypost.api.http_messages import HttpRequest
from waypost.api.pending_call import PendingCall
from waypost.model.configuration import Configuration

MOST_CALLS = 10_000
"""How many calls are listed, the latest ones."""
_OK = "OK"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was answered. What a record of calls masks is here as it was sent.

    Attributes:
        id: ascending in the order of the answers.
        at: when it was answered, milliseconds UTC of sandbox time.
        account_id: the caller's account; empty if the signature was not right.
        code, message: of the answer; `OK` and empty for an accepted call.
        message_id: the MessageId, or the GroupMessageId, that was answered; empty for none.
        unknown: the names of parameters that the operation does not know.
        cause: what is wrong with the signature of a call that was refused for it; known when it is listed.
    """

    id: int
    request_id: str
    at: int
    account_id: str
    access_key_id: str
    operation: str
    code: str
    message: str
    message_id: str
    parameters: dict[str, str]
    unknown: Sequence[str]
    cause: str = ""


class Calls:
    """The calls of one sandbox.

    Args:
        now: returns sandbox time, milliseconds UTC.
        refusal: returns the error that a call of an operation is refused with on demand; None if it is not.
        keep: keeps the request of a call that was refused, by its RequestId and code.

    Attributes:
        listed: the latest calls, oldest first.
    """

    def __init__(
        self,
        now: Callable[[], int],
        refusal: Callable[[str], ApiError | None] = lambda operation: None,
        keep: Callable[[str, HttpRequest, str], None] = lambda request_id, request, code: None,
    ) -> None:
        self.keep = keep
        self.listed: deque[Call] = deque(maxlen=MOST_CALLS)
        self.next_refusal = refusal
        self._now = now
        self._last_id = 0
        self._recorder: CallRecorder | None = None
        self._listener: Callable[[Call], None] = lambda call: None

    def listen(self, listener: Callable[[Call], None]) -> None:
        """Calls `listener` with each call that was answered."""
        self._listener = listener

    def restore(self, calls: Sequence[Call]) -> None:
        """Lists calls of before."""
        self.listed.extend(calls)
        self._last_id = max((call.id for call in calls), default=self._last_id)

    def note(self, pending: PendingCall, code: str, message: str, message_id: str) -> None:
        """Lists a call that was answered."""
        key, operation = pending.key, pending.endpoint.operation if pending.endpoint is not None else None
        params = dict(pending.params or {})
        self._last_id += 1
        call = Call(
            id=self._last_id,
            request_id=pending.request_id,
            at=self._now(),
            account_id=getattr(key.owner, "account_id", "") if key is not None else "",
            access_key_id=key.access_key_id if key is not None else "",
            operation=pending.action,
            code=code,
            message=message,
            message_id=message_id,
            parameters=params,
            unknown=operation.unknown(params) if operation is not None else (),
        )
        self.listed.append(call)
        self._listener(call)

    def recorder(self, *args: Any, **options: Any) -> CallRecorder:
        """A recorder of calls that lists them here, too; it takes what `CallRecorder` takes."""
        self._recorder = _ListingRecorder(self, *args, **options)
        return self._recorder

    async def flush(self) -> None:
        """Returns once all calls that were answered are in the store."""
        if self._recorder is not None:
            await self._recorder.flush()

    def gate(self, *args: Any) -> Gate:
        """A gate that refuses on demand; it takes what `Gate` takes."""
        return _RefusingGate(self, *args)


class _ListingRecorder(CallRecorder):
    def __init__(self, calls: Calls, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._calls = calls

    def accepted(self, pending: PendingCall, answer: Any, *, by_message: bool) -> None:
        message_id = getattr(answer, "message_id", "") or getattr(answer, "group_message_id", "")
        self._calls.note(pending, _OK, "", message_id or "")
        super().accepted(pending, answer, by_message=by_message)

    def refused(self, pending: PendingCall, error: ApiError) -> None:
        self._calls.keep(pending.request_id, pending.request, error.code)
        self._calls.note(pending, error.code, error.message, "")
        super().refused(pending, error)


class _RefusingGate(Gate):
    def __init__(self, calls: Calls, *args: Any) -> None:
        super().__init__(*args)
        self._calls = calls

    def admit(self, caller: Any, access: Access, *args: Any, **options: Any) -> Configuration:
        refusal = self._calls.next_refusal(access.operation)
        if refusal is not None:
            raise refusal
        return super().admit(caller, access, *args, **options)
