"""Authenticates RPC calls by their signatures.

The scheme is determined first, then checked, and the nonce is claimed last, so that only the owner of a key
can use up its nonces.
"""

from collections.abc import Mapping

import msgspec

from waypost.api.errors.catalogue import ApiError
from waypost.api.nonces import NonceClaim, NonceGuard
from waypost.api.request import Call
from waypost.api.signatures import mns, v1, v3
from waypost.api.signatures.checks import KeyRing, SigningKey
from waypost.api.signatures.scheme import Scheme, scheme_of
from waypost.api.throttle import FailedSignatures
from waypost.model import codes
from waypost.storage.changes import ClaimNonce


class Authenticated(msgspec.Struct, frozen=True):
    """An authenticated call.

    Attributes:
        key: the key that signed it.
        claim: its nonce, to be written in the transaction of the call.
        scheme: the scheme of its signature.
    """

    key: SigningKey
    claim: NonceClaim
    scheme: Scheme

    def claim_command(self) -> ClaimNonce:
        """The command that writes its nonce."""
        return ClaimNonce(self.key.access_key_id, self.claim.digest, self.claim.slice, self.claim.valid)


def authenticate(
    call: Call,
    params: Mapping[str, str],
    keys: KeyRing,
    nonces: NonceGuard,
    failed: FailedSignatures,
    now_s: float,
) -> Authenticated:
    """Checks the signature of a call and claims its nonce.

    Args:
        params: the decoded parameters, from `request.parameters`.
        keys: looks up the access key.
        nonces: claims the nonce; for a V3 call without one, its signature is claimed instead.
        failed: limits the wrong signatures that are answered in detail.
        now_s: real time, Unix seconds.

    Raises:
        ApiError: a signature error, or System.LimitControl after too many wrong signatures.
    """
    scheme = scheme_of(call, params)
    if scheme is Scheme.V3:
        key, nonce = v3.verify(call, keys, failed, now_s)
    else:
        key, nonce = v1.verify(call, params, keys, failed, now_s)
    return claim_nonce(key, nonce, scheme, nonces, now_s)


def claim_nonce(
    key: SigningKey, nonce: str, scheme: Scheme, nonces: NonceGuard, now_s: float
) -> Authenticated:
    """Claims the nonce of a call with a right signature.

    Raises:
        ApiError: SignatureNonceUsed.
    """
    claim = nonces.claim(key.access_key_id, nonce, now_s)
    if claim is None:
        raise ApiError(codes.SIGNATURE_NONCE_USED, "Each call needs a new nonce, a repeated call too.")
    return Authenticated(key, claim, scheme)


def prepare_key(
    access_key_id: str, secret: str, enabled: bool, owner: object, *, ends_at: int | None = None
) -> SigningKey:
    """Prepares a key to check signatures of every scheme.

    Args:
        owner: the owner of the key, which is only passed on.
        ends_at: when the key expires, Unix seconds; None for never.
    """
    prepared = v3.prepare(secret), v1.prepare(secret), mns.prepare(secret)
    return SigningKey(access_key_id, enabled, owner, *prepared, ends_at)
