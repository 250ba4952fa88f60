"""Records calls once they are answered: a line in the log, and a row in the store.

A call that a message was accepted by is on record in the message, written in its own transaction. All others
are gathered here for a moment and written with one change. What is more than the bounds of a batch is dropped
and counted, so that a flood of refused calls costs accepted ones nothing; no account has all of a batch.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

import structlog

from waypost.api.caller import Caller
from waypost.api.errors.catalogue import ApiError
from waypost.api.members import Answer
from waypost.api.pending_call import PendingCall
from waypost.api.request import Call, is_short, parameters, raw_parameters
from waypost.clock import Clock, steady_seconds
from waypost.model.configuration import Configuration
from waypost.model.histogram import Histogram
from waypost.model.identifiers import AccountId
from waypost.model.masked_parameters import masked_parameters, masked_string_to_sign
from waypost.model.masking import mask_number
from waypost.model.quoting import shown
from waypost.storage.call_records import UNAUTHENTICATED, CallRecord
from waypost.storage.contract import Store, StoreUnavailableError, Transaction

log = structlog.get_logger()

GATHERED_S = 0.25
"""How long calls are gathered before they are written, in real seconds."""
MOST_OF_A_BATCH = 500
MOST_OF_AN_ACCOUNT = 200
MOST_UNAUTHENTICATED = 50
"""How many calls a batch has at most: in all, of one account, and of all whose signatures are not right."""
MOST_UNAUTHENTICATED_LINES = 5
"""How many calls of a batch without a right signature have a line in the log: anybody can make them."""
# How often at most the log has how many were dropped, in real seconds.
_DROPPED_INTERVAL_S = 10.0
_OK = "OK"
_NO_ACCOUNT = AccountId("")


class CallBounds(NamedTuple):
    """How many calls are kept.

    Attributes:
        per_account: of each account.
        unauthenticated: of all calls whose signature was not right.
    """

    per_account: int
    unauthenticated: int


class AcceptedCallLine(NamedTuple):
    """What the log has of a call that messages were accepted by.

    Attributes:
        ms: real milliseconds from its arrival to its answer.
    """

    request_id: str
    account: str
    operation: str
    ms: int


class AcceptedCallLog(Protocol):
    """The lines of the log for calls that messages were accepted by.

    Attributes:
        is_on: whether the log has them.
    """

    is_on: bool

    def write(self, lines: Sequence[AcceptedCallLine]) -> None:
        """Writes the lines of calls that were accepted in this moment."""
        ...


class CallRecorder:
    """Records answered calls.

    Args:
        clock: business time.
        configuration: returns the current snapshot.
        log_accepted: the log's lines for calls that messages were accepted by. There may be thousands a
            second, so they are written together, once a turn of the event loop.

    Attributes:
        calls: how many calls were answered, by operation (empty if there is none of that name) and code.
        accepts: how long calls took that messages were accepted by, in seconds.
        dropped: how many calls were not recorded since the start, because there were too many or the database
            was away.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        bounds: CallBounds,
        log_accepted: AcceptedCallLog,
    ) -> None:
        self._log_accepted = log_accepted
        self._accepted: list[AcceptedCallLine] = []
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._bounds = bounds
        self.calls: Counter[tuple[str, str]] = Counter()
        self.accepts = Histogram()
        self.dropped = 0
        self._logged_dropped = 0
        self._log_dropped_at = 0.0
        self._batch: list[CallRecord] = []
        self._shares: Counter[str] = Counter()
        self._gathering = asyncio.Event()
        # How many records of a share were added since it was trimmed; a share that is not here was not yet.
        self._untrimmed: dict[str, int] = {}

    def accepted(self, pending: PendingCall, answer: Answer, *, by_message: bool) -> None:
        """Records an accepted call that was answered, in the next turn of the event loop.

        Args:
            by_message: whether it is on record in the messages that it was accepted by.
        """
        assert pending.endpoint is not None
        self.calls[pending.endpoint.operation.name, _OK] += 1
        if not by_message:
            asyncio.get_running_loop().call_soon(self._record_accepted, pending, answer)
            return
        self.accepts.add(steady_seconds() - pending.started)
        if self._log_accepted.is_on:
            if not self._accepted:
                asyncio.get_running_loop().call_soon(self._write_accepted)
            line = (pending.request_id, _account_of(pending), pending.action, _milliseconds(pending))
            self._accepted.append(AcceptedCallLine(*line))

    def _write_accepted(self) -> None:
        lines, self._accepted = self._accepted, []
        self._log_accepted.write(lines)

    def refused(self, pending: PendingCall, error: ApiError) -> None:
        """Records a call that was refused or failed, in the next turn of the event loop."""
        operation = pending.endpoint.operation.name if pending.endpoint is not None else ""
        self.calls[operation, error.code] += 1
        asyncio.get_running_loop().call_soon(self._record_refused, pending, error)

    def add(self, share: str, record: Callable[[], CallRecord]) -> None:
        """Records a call of the queue service, if there is a place for it.

        Args:
            share: the account of the caller; UNAUTHENTICATED if the signature was not right.
            record: makes the record.
        """
        if self._has_place(share):
            self._add(record())

    def _record_accepted(self, pending: PendingCall, answer: Answer) -> None:
        share = _account_of(pending)
        if self._has_place(share):
            message_id = getattr(answer, "message_id", "") or getattr(answer, "group_message_id", "")
            self._add(self._record(pending, share, _OK, None, message_id))

    def _record_refused(self, pending: PendingCall, error: ApiError) -> None:
        share = _account_of(pending)
        if self._has_place(share):
            self._add(self._record(pending, share, error.code, error, ""))

    def _has_place(self, share: str) -> bool:
        most = MOST_OF_AN_ACCOUNT if share != UNAUTHENTICATED else MOST_UNAUTHENTICATED
        if len(self._batch) < MOST_OF_A_BATCH and self._shares[share] < most:
            return True
        self.dropped += 1
        return False

    def _record(
        self, pending: PendingCall, share: str, code: str, error: ApiError | None, message_id: str
    ) -> CallRecord:
        call = Call.from_request(pending.request)
        params = pending.params if pending.params is not None else _short_parameters(call)
        access_key_id = pending.key.access_key_id if pending.key is not None else _named_key(call, params)
        owner = AccountId(share) if share else self.owner(access_key_id)
        operation = pending.endpoint.operation if pending.endpoint is not None else None
        plain = operation.plain if operation is not None else ()
        mismatch = error.mismatch if error is not None else None
        return CallRecord(
            request_id=pending.request_id,
            at=self._clock.now(),
            account_id=owner,
            is_authenticated=pending.key is not None,
            access_key_id=recorded_key(access_key_id, owner),
            operation=shown(pending.action),
            code=code,
            ms=_milliseconds(pending),
            message_id=message_id,
            peer=pending.request.peer,
            parameters=masked_parameters(params, plain),
            unknown=operation.unknown(params) if operation is not None else (),
            string_to_sign=masked_string_to_sign(mismatch.string_to_sign, plain) if mismatch else "",
            signature=shown(mismatch.signature) if mismatch else "",
        )

    def owner(self, access_key_id: str) -> AccountId:
        """The account of a key that a call names; empty if there is no such key."""
        key = self._configuration().keys.get(access_key_id)
        return key.account_id if key is not None else _NO_ACCOUNT

    def _add(self, record: CallRecord) -> None:
        if record.is_authenticated or self._shares[UNAUTHENTICATED] < MOST_UNAUTHENTICATED_LINES:
            log.info(
                "call",
                request_id=record.request_id,
                account=record.account_id,
                operation=record.operation,
                code=record.code,
                ms=record.ms,
            )
        self._batch.append(record)
        self._shares[record.share] += 1
        self._gathering.set()

    async def run(self) -> None:
        """Writes what is gathered, until it is cancelled."""
        while True:
            await self._gathering.wait()
            await asyncio.sleep(GATHERED_S)
            await self.flush()

    async def flush(self) -> None:
        """Writes what is gathered now; what the database does not take is dropped and counted."""
        batch, self._batch = self._batch, []
        counts, self._shares = self._shares, Counter()
        self._gathering.clear()
        if batch:
            trims = self._trims(counts)
            try:
                await self._store.transact(partial(_write, batch, trims))
            except StoreUnavailableError:
                self.dropped += len(batch)
                for share in trims:
                    self._untrimmed.pop(share, None)
        self._log_dropped()

    def _trims(self, counts: Mapping[str, int]) -> dict[str, int]:
        """The shares that are trimmed with a batch, and to how many: so that the bound holds until the next
        time, and most batches trim nothing."""
        trims = {}
        for share, count in counts.items():
            most = self._bounds.per_account if share != UNAUTHENTICATED else self._bounds.unauthenticated
            step = max(1, most // 20)
            untrimmed = self._untrimmed.get(share, step) + count
            if untrimmed >= step:
                trims[share], untrimmed = max(1, most - step), 0
            self._untrimmed[share] = untrimmed
        return trims

    def _log_dropped(self) -> None:
        now = steady_seconds()
        if self.dropped > self._logged_dropped and now >= self._log_dropped_at:
            log.warning("calls.not_recorded", calls=self.dropped - self._logged_dropped)
            self._logged_dropped, self._log_dropped_at = self.dropped, now + _DROPPED_INTERVAL_S


def recorded_key(access_key_id: str, owner: AccountId) -> str:
    """An access key id as it is on record: what is no key of ours may be a secret in the wrong place."""
    return access_key_id if owner else mask_number(shown(access_key_id))


def _account_of(pending: PendingCall) -> str:
    """The account of the caller; UNAUTHENTICATED if the signature was not right."""
    if pending.key is None:
        return UNAUTHENTICATED
    assert isinstance(pending.key.owner, Caller)
    return pending.key.owner.account_id


def _milliseconds(pending: PendingCall) -> int:
    """Since the call arrived."""
    return round((steady_seconds() - pending.started) * 1000)


def _write(batch: list[CallRecord], trims: Mapping[str, int], transaction: Transaction) -> None:
    transaction.call_records.add(batch)
    for share, most in trims.items():
        transaction.call_records.trim(share, most)


def _short_parameters(call: Call) -> Mapping[str, str]:
    """The parameters of a call that was refused before they were decoded; none if they are long or broken."""
    try:
        return parameters(call) if is_short(raw_parameters(call)) else {}
    except ApiError:
        return {}


def _named_key(call: Call, params: Mapping[str, str]) -> str:
    """The access key id that a call names, whether or not there is such a key."""
    authorization = call.headers.get("authorization")
    if authorization is None:
        return params.get("AccessKeyId", "")
    return authorization.partition("Credential=")[2].partition(",")[0].strip()
