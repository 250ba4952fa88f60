"""Who made a call, by its signature, or why it is refused.

Checked in this order: how it is signed, all that its scheme checks, and last the nonce, so that only the
owner of a key can use one up.
"""

from collections.abc import Mapping
from typing import NamedTuple

from waypost.api.errors.catalogue import ApiError
from waypost.api.nonces import NonceClaim, NonceGuard
from waypost.api.request import Call
from waypost.api.signatures import mns, v1, v3
from waypost.api.signatures.checks import KeyRing, SigningKey
from waypost.api.signatures.scheme import Scheme, scheme_of
from waypost.api.throttle import FailedSignatures
from waypost.model import codes


class Authenticated(NamedTuple):
    """Who made a call.

    Attributes:
        key: the key that signed it.
        claim: the nonce it used, to be written in the transaction of the call.
        scheme: how it was signed.
    """

    key: SigningKey
    claim: NonceClaim
    scheme: Scheme


def authenticate(
    call: Call,
    params: Mapping[str, str],
    keys: KeyRing,
    nonces: NonceGuard,
    failed: FailedSignatures,
    now_s: float,
) -> Authenticated:
    """Checks who made a call.

    Args:
        call: the call.
        params: its parameters, from `request.parameters`.
        keys: where its access key is looked up.
        nonces: where its nonce is claimed; a V3 call without one is known by its signature instead.
        failed: limits how many wrong signatures are answered in detail.
        now_s: Unix time of the service's clock in seconds.

    Raises:
        ApiError: with one of the codes of signatures; System.LimitControl for too many wrong signatures.
    """
    scheme = scheme_of(call, params)
    if scheme is Scheme.V3:
        key, nonce = v3.verify(call, keys, failed, now_s)
    else:
        key, nonce = v1.verify(call, params, keys, failed, now_s)
    claim = nonces.claim(key.access_key_id, nonce, now_s)
    if claim is None:
        raise ApiError(codes.SIGNATURE_NONCE_USED, "Each call needs a new nonce, a repeated call too.")
    return Authenticated(key, claim, scheme)


def prepare_key(
    access_key_id: str, secret: str, enabled: bool, owner: object, *, ends_at: int | None = None
) -> SigningKey:
    """Makes a key ready to check signatures of every scheme.

    Args:
        owner: whose it is, kept for the caller of these functions.
        ends_at: when a temporary key expires, Unix seconds; None for a lasting one.
    """
    prepared = v3.prepare(secret), v1.prepare(secret), mns.prepare(secret)
    return SigningKey(access_key_id, enabled, owner, *prepared, ends_at)
