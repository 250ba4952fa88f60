"""`ClientToken`, an idempotency token: a call that is made again with its token is not carried out again.

The official API has none on its sends. The rules are those of the tokens that other official products have:
the same token and parameters get the first answer, other parameters are refused.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import msgspec

from waypost.api.description import A, AnyOperation, Decoded, Operation, P, Parameter
from waypost.api.errors.catalogue import from_faults
from waypost.api.limits import CLIENT_TOKEN_KEPT_MS
from waypost.api.operations.endpoint import Request, Result
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.storage.client_tokens import UsedToken
from waypost.storage.contract import Store, Transaction

LONGEST = 64
_NAME = "ClientToken"


def decode_client_token(text: str) -> Decoded:
    """Reads a token: up to 64 printable ASCII characters."""
    if len(text) <= LONGEST and text.isascii() and text.isprintable():
        return text, ()
    allowed = f"at most {LONGEST} printable ASCII characters are"
    return "", [Fault(codes.invalid(_NAME), _NAME, "is not allowed", allowed, text)]


ClientToken = Annotated[
    str,
    Parameter(
        _NAME,
        f"Waypost's own: up to {LONGEST} ASCII characters that the caller makes up for this call. Made again "
        f"within {CLIENT_TOKEN_KEPT_MS // 3_600_000} hours with the same token and parameters, the call is "
        "answered as the first one was and sends nothing.",
        "5d2a9f0c-order-4711",
        default="each call counts as a new one",
        invalid=codes.invalid(_NAME),
        decode=decode_client_token,
    ),
]


def idempotent(
    request: Request[P], store: Store, accept: Callable[[], Result[A] | Awaitable[Result[A]]]
) -> Result[A] | Awaitable[Result[A]]:
    """What `accept` makes of a call, or the answer of the first call with its token.

    Raises:
        ApiError: the token is not one, or was used for another call; and what `accept` raises.
    """
    return _idempotent(request, store, accept) if request.raw_params.get(_NAME) else accept()


async def _idempotent(
    request: Request[P], store: Store, accept: Callable[[], Result[A] | Awaitable[Result[A]]]
) -> Result[A]:
    wrong = [fault for fault in request.faults if fault.parameter == _NAME]
    if wrong:
        raise from_faults(wrong)
    operation, token = request.operation, request.raw_params[_NAME]
    account_id, since = request.caller.account_id, request.now - CLIENT_TOKEN_KEPT_MS
    digest = _digest(operation, request.raw_params)
    earlier = await store.client_tokens.find(account_id, operation.name, token, since)
    if earlier is not None:
        return Result(_first_answer(operation, earlier, digest))
    accepted = accept()
    result: Result[A] = accepted if isinstance(accepted, Result) else await accepted
    used = UsedToken(
        account_id=account_id,
        action=operation.name,
        token=token,
        digest=digest,
        answer=msgspec.json.encode(result.answer).decode(),
        at=request.now,
    )

    def write(transaction: Transaction) -> A | None:
        # The same call may have come in twice at once: only here is it known which one is the first.
        first = transaction.client_tokens.claim(used, since)
        if first is not None:
            answer: A = _first_answer(operation, first, digest)
            return answer
        return result.write(transaction) if result.write is not None else None

    return result._replace(write=write)


def _first_answer(operation: Operation[P, A], first: UsedToken, digest: bytes) -> A:
    """The answer of the call that used the token first.

    Raises:
        ApiError: that was another call.
    """
    if first.digest != digest:
        problem, allowed = "was used for another call", "a new call needs a new token"
        code = codes.IDEMPOTENT_PARAMETER_MISMATCH
        raise from_faults([Fault(code, _NAME, problem, allowed, first.token)])
    return msgspec.json.decode(first.answer, type=operation.answer_type)


def _digest(operation: AnyOperation, raw_params: Mapping[str, str]) -> bytes:
    """Of all parameters that have an effect: signature, nonce and time are not among the operation's."""
    effective = [
        (row.name, raw_params[row.name])
        for row in operation.parameters
        if raw_params.get(row.name) and not row.ignored and row.name != _NAME
    ]
    return hashlib.sha256(msgspec.json.encode(effective)).digest()
