"""`ClientToken`, an idempotency token: a call that is repeated with the same token is carried out only once.

The official send operations have no such token. The rules are those of other official products: the same
token with the same parameters returns the answer of the first call, with other parameters it is refused.
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
    """Decodes a token: up to 64 printable ASCII characters."""
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
    """The result of `accept` or, when the token was used before, the answer of the call that used it first.

    Raises:
        ApiError: the token is malformed, or was used with other parameters; also what `accept` raises.
    """
    return _idempotent(request, store, accept) if request.raw_params.get(_NAME) else accept()


async def _idempotent(
    request: Request[P], store: Store, accept: Callable[[], Result[A] | Awaitable[Result[A]]]
) -> Result[A]:
    token_faults = [fault for fault in request.faults if fault.parameter == _NAME]
    if token_faults:
        raise from_faults(token_faults)
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
        # The same call may arrive twice concurrently: only the transaction decides which one is first.
        first = transaction.client_tokens.claim(used, since)
        if first is not None:
            answer: A = _first_answer(operation, first, digest)
            return answer
        transaction.write(*result.commands)
        return result.write(transaction) if result.write is not None else None

    return msgspec.structs.replace(result, write=write, commands=())


def _first_answer(operation: Operation[P, A], first: UsedToken, digest: bytes) -> A:
    """The answer of the call that used the token first.

    Raises:
        ApiError: that call had other parameters.
    """
    if first.digest != digest:
        problem, allowed = "was used for another call", "a new call needs a new token"
        code = codes.IDEMPOTENT_PARAMETER_MISMATCH
        raise from_faults([Fault(code, _NAME, problem, allowed, first.token)])
    return msgspec.json.decode(first.answer, type=operation.answer_type)


def _digest(operation: AnyOperation, raw_params: Mapping[str, str]) -> bytes:
    """The digest of all parameters of the operation; signature, nonce and timestamp are not among them."""
    effective = [
        (row.name, raw_params[row.name])
        for row in operation.parameters
        if raw_params.get(row.name) and not row.ignored and row.name != _NAME
    ]
    return hashlib.sha256(msgspec.json.encode(effective)).digest()
