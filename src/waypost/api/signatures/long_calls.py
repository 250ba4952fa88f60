"""Checks the signatures of long calls piece by piece, since anybody can send them.

Between the pieces the event loop serves others, and one call is checked at a time: a call of a megabyte takes
some 100 ms in all. What clients sign is streamed into the hash in the form that official clients send.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping

from waypost.api.errors.catalogue import SignatureMismatch
from waypost.api.request import Call
from waypost.api.signatures import v1, v3
from waypost.api.signatures.canonical import LONGEST_AT_ONCE, canonical_pieces
from waypost.api.signatures.checks import KeyRing, SigningKey, wrong_signature
from waypost.api.signatures.scheme import Scheme
from waypost.api.throttle import FailedSignatures

# A call of this size cannot have so many parameters that it matters; with more than so many it can.
_SHORT = 2048
_MANY = 500
_PAUSE_S = 0.002


def is_long(call: Call) -> bool:
    """Whether a call is checked here."""
    size = len(call.raw_query) + len(call.body)
    if size <= _SHORT:
        return False
    return size > LONGEST_AT_ONCE or call.raw_query.count("&") + call.body.count(b"&") > _MANY


class LongCalls:
    """Checks long calls, one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def verify(
        self,
        call: Call,
        params: Mapping[str, str],
        scheme: Scheme,
        keys: KeyRing,
        failed: FailedSignatures,
        now_s: float,
    ) -> tuple[SigningKey, str]:
        """Checks a call as `v1.verify` and `v3.verify` do.

        Args:
            params: the parameters of the signature.

        Returns:
            The key that signed the call, and its nonce.

        Raises:
            ApiError: a signature error, or System.LimitControl after too many wrong signatures.
        """
        if scheme is Scheme.V1:
            key = v1.key_of_v1(params, keys, now_s)
            async with self._turn:
                await self._check_v1(call, params["Signature"], key, failed)
            return key, params["SignatureNonce"]
        authorization, key = v3.key_of_v3(call, keys, now_s)
        async with self._turn:
            await self._check_v3(call, authorization, key, failed)
        return key, v3.signed_nonce(call, authorization, failed)

    async def _check_v1(self, call: Call, signature: str, key: SigningKey, failed: FailedSignatures) -> None:
        beginning = v1.string_to_sign(call.method, "")
        keyed = key.hmac_v1.copy()
        keyed.update(beginning.encode())
        async for piece in _pieces(v1.signed_raw(call), "Signature"):
            keyed.update(_bytes(v1.encoded(piece)))
        expected = base64.b64encode(keyed.digest())
        if not hmac.compare_digest(expected, signature.encode()):
            shown = f"{beginning}... (the call is too long to show it)"
            found = SignatureMismatch(shown, signature)
            raise wrong_signature(failed, key.access_key_id, call.peer, found)

    async def _check_v3(
        self, call: Call, authorization: v3.Authorization, key: SigningKey, failed: FailedSignatures
    ) -> None:
        digest = hashlib.sha256(f"{call.method}\n/\n".encode())
        async for piece in _pieces(call.raw_query):
            digest.update(_bytes(piece))
        end = v3.after_query(call, authorization.signed, call.headers["x-acs-content-sha256"])
        digest.update(_bytes(end))
        text = f"{v3.ALGORITHM}\n{digest.hexdigest()}"
        expected = v3.sign(key.hmac_v3, text)
        if not hmac.compare_digest(expected.encode(), authorization.signature.lower().encode()):
            found = SignatureMismatch(text, authorization.signature)
            raise wrong_signature(failed, key.access_key_id, call.peer, found)


def _bytes(text: str) -> bytes:
    # There may be bytes that are not UTF-8; nobody has signed them.
    return text.encode("utf-8", "surrogateescape")


async def _pieces(raw: str, without: str | None = None) -> AsyncIterator[str]:
    for piece in canonical_pieces(raw, without):
        yield piece
        # Long enough for the threads that wait for the interpreter, such as the database's writer.
        await asyncio.sleep(_PAUSE_S)
