"""`ClientToken`, an idempotency token: a call that is made again with its token is not carried out again.

The official API has none on its sends. The rules are those of the tokens that other official products have:
the same token and parameters get the first answer, other parameters are refused.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from waypost.api.description import Kind, Operation, Parameter, shown
from waypost.api.errors.business import TOKEN_MISMATCH
from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Request, Result
from waypost.model.faults import Fault
from waypost.storage.client_tokens import UsedToken
from waypost.storage.contract import Transaction

KEPT_MS = 24 * 3_600_000
"""How long a token is known after its first use."""
LONGEST = 64
_NAME = "ClientToken"

CLIENT_TOKEN = Parameter(
    _NAME,
    Kind.STRING,
    f"Waypost's own: up to {LONGEST} ASCII characters that the caller makes up for this call. Made again "
    "within 24 hours with the same token and parameters, the call is answered as the first one was and sends "
    "nothing.",
    "5d2a9f0c-order-4711",
    default="each call counts as a new one",
    invalid="InvalidClientToken",
)

Accept = Callable[[Request], Result | Awaitable[Result]]


def idempotent(request: Request, operation: Operation, accept: Accept) -> Result | Awaitable[Result]:
    """What `accept` makes of a call, or the answer of the first call with its token.

    Raises:
        ApiError: the token is not one, or was used for another call; and what `accept` raises.
    """
    return _idempotent(request, operation, accept) if request.given.get(_NAME) else accept(request)


async def _idempotent(request: Request, operation: Operation, accept: Accept) -> Result:
    token = request.given[_NAME]
    if len(token) > LONGEST or not (token.isascii() and token.isprintable()):
        text = f"{shown(token)} is not allowed; at most {LONGEST} printable ASCII characters are."
        raise from_faults([Fault("InvalidClientToken", _NAME, text)])
    account_id, since = request.caller.account_id, request.now - KEPT_MS
    digest = _digest(operation, request.given)
    earlier = await request.store.client_tokens.find(account_id, operation.name, token, since)
    if earlier is not None:
        return Result(_answer_of(earlier, digest))
    accepted = accept(request)
    result = accepted if isinstance(accepted, Result) else await accepted
    used = UsedToken(
        account_id=account_id,
        action=operation.name,
        token=token,
        digest=digest,
        answer=msgspec.json.encode(result.answer).decode(),
        at=request.now,
    )

    def write(transaction: Transaction) -> Mapping[str, Any] | None:
        # The same call may have come in twice at once: only here is it known which one is the first.
        first = transaction.client_tokens.claim(used, since)
        if first is not None:
            return _answer_of(first, digest)
        return result.write(transaction) if result.write is not None else None

    return result._replace(write=write)


def _answer_of(first: UsedToken, digest: bytes) -> dict[str, Any]:
    if first.digest != digest:
        text = f"{shown(first.token)} was used for another call; a new call needs a new token."
        raise from_faults([Fault(TOKEN_MISMATCH, _NAME, text)])
    return msgspec.json.decode(first.answer, type=dict[str, Any])


def _digest(operation: Operation, given: Mapping[str, str]) -> bytes:
    """Of all that a call asks for: its signature, nonce and time are not among the operation's parameters."""
    asked = [
        (row.name, given[row.name])
        for row in operation.parameters
        if given.get(row.name) and not row.ignored and row.name != _NAME
    ]
    return hashlib.sha256(msgspec.json.encode(asked)).digest()
