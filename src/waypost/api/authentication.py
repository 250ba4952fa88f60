"""Finds out who made a call, or why that can't be believed.

In this order: how it is signed, what a signature must have, whether the key exists and is enabled, the time,
the signature, the body, and last the nonce, so that only the owner of a key can use one up.
"""

import hmac
import re
from calendar import timegm
from collections.abc import Mapping
from functools import lru_cache
from time import strptime
from typing import NamedTuple, Protocol

import msgspec

from waypost.api.errors.catalogue import ApiError, limited
from waypost.api.nonces import NonceClaim, NonceGuard
from waypost.api.request import Call
from waypost.api.signatures import mns, v1, v3
from waypost.api.signatures.scheme import Scheme, scheme_of
from waypost.api.throttle import FailedSignatures

TOLERANCE_S = 900
"""How far a call's time may be from ours, either way. Source: help.aliyun.com/document_detail/48054.html"""

_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_TIMESTAMP_LENGTH = 20


class SigningKey(msgspec.Struct, frozen=True):
    """An access key, made ready to check signatures with; its secret can't be read from it.

    Attributes:
        access_key_id: its id.
        enabled: whether it may be used.
        owner: whatever the service knows of the account and user it belongs to.
        hmac_v3: prepared for V3, from `v3.prepare`.
        hmac_v1: prepared for V1, from `v1.prepare`.
        hmac_mns: prepared for the queues, from `mns.prepare`.
        ends_at: when a temporary key is over, Unix seconds; None for a lasting one.
    """

    access_key_id: str
    enabled: bool
    owner: object
    hmac_v3: hmac.HMAC
    hmac_v1: hmac.HMAC
    hmac_mns: hmac.HMAC
    ends_at: int | None = None

    @classmethod
    def prepare(
        cls, access_key_id: str, secret: str, enabled: bool, owner: object, *, ends_at: int | None = None
    ) -> "SigningKey":
        """Makes a key ready from its secret."""
        prepared = v3.prepare(secret), v1.prepare(secret), mns.prepare(secret)
        return cls(access_key_id, enabled, owner, *prepared, ends_at)


class KeyRing(Protocol):
    """Where access keys are looked up, for every call; it answers from memory."""

    def find(self, access_key_id: str, security_token: str = "") -> SigningKey | None:
        """Returns the key with this id, enabled or not, over or not, or None if there is none.

        Args:
            security_token: that of a temporary key; empty for none.

        Raises:
            ApiError: the token is missing, cannot be read, or belongs to another key.
        """


class Authenticated(NamedTuple):
    """Who made a call.

    Attributes:
        access_key_id: the key that signed it.
        claim: the nonce it used, to be written in the transaction of the call.
        key: the key.
        scheme: how it was signed.
    """

    access_key_id: str
    claim: NonceClaim
    key: SigningKey
    scheme: Scheme


def authenticate(
    call: Call,
    params: Mapping[str, str],
    keys: KeyRing,
    guard: NonceGuard,
    failed: FailedSignatures,
    now_s: float,
) -> Authenticated:
    """Checks who made a call.

    Args:
        call: the call.
        params: its parameters, from `request.parameters`.
        keys: where its key is found.
        guard: where its nonce is taken; a V3 call without one is known by its signature instead.
        failed: limits how many wrong signatures are answered in detail.
        now_s: Unix time of the service's clock in seconds.

    Raises:
        ApiError: with one of the codes of signatures; System.LimitControl for too many wrong signatures.
    """
    scheme = scheme_of(call, params)
    if scheme is Scheme.V3:
        authorization = v3.parse_authorization(call.headers["authorization"])
        v3.require_signed_headers(call, authorization.signed_headers)
        token = call.headers.get("x-acs-security-token", "")
        key = usable(keys, authorization.access_key_id, token, now_s)
        _check_time("x-acs-date", call.headers["x-acs-date"], now_s)
        text = v3.mismatch(call, authorization, key.hmac_v3)
        if text is not None:
            raise _wrong_signature(key, call, failed, text)
        _check_body(call, authorization, key, failed)
        nonce = call.headers.get("x-acs-signature-nonce") or authorization.signature.lower()
    else:
        v1.require_fields(params)
        key = usable(keys, params["AccessKeyId"], params.get("SecurityToken", ""), now_s)
        _check_time("Timestamp", params["Timestamp"], now_s)
        text = v1.mismatch(call, params["Signature"], key.hmac_v1)
        if text is not None:
            raise _wrong_signature(key, call, failed, text)
        nonce = params["SignatureNonce"]
    claim = guard.claim(key.access_key_id, nonce, now_s)
    if claim is None:
        raise ApiError("SignatureNonceUsed", "Each call needs a new nonce, a repeated call too.")
    return Authenticated(key.access_key_id, claim, key, scheme)


def parse_timestamp(text: str) -> int:
    """Reads a time written as `yyyy-MM-ddTHH:mm:ssZ`, as Unix time in seconds.

    Raises:
        ValueError: it is not written so, or there is no such moment.
    """
    if len(text) != _TIMESTAMP_LENGTH:
        raise ValueError("the time is not 20 characters long")
    return _parsed(text)


# Calls come with the time of this second or of a few around it.
@lru_cache(maxsize=64)
def _parsed(text: str) -> int:
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("the time is not written as yyyy-MM-ddTHH:mm:ssZ")
    return timegm(strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def usable(keys: KeyRing, access_key_id: str, security_token: str, now_s: float) -> SigningKey:
    """The key with that id, if it may be used now.

    Raises:
        ApiError: there is none, it is switched off or over, or its token is not its own.
    """
    key = keys.find(access_key_id, security_token)
    if key is None:
        raise ApiError("InvalidAccessKeyId.NotFound", f"AccessKeyId {access_key_id} is not known here.")
    if not key.enabled:
        raise ApiError("InvalidAccessKeyId.Inactive", f"AccessKeyId {access_key_id} was switched off.")
    if key.ends_at is not None and now_s >= key.ends_at:
        raise ApiError("InvalidSecurityToken.Expired", "Assume the role again.")
    return key


def _check_time(name: str, text: str, now_s: float) -> None:
    try:
        ahead_s = parse_timestamp(text) - now_s
    except ValueError:
        details = f"{name} is {text[:40]!r}; it must be UTC, written as in 2026-11-23T03:46:08Z."
        raise ApiError("InvalidTimeStamp.Format", details) from None
    if abs(ahead_s) > TOLERANCE_S:
        way = "ahead of" if ahead_s > 0 else "behind"
        details = f"{name} is {abs(ahead_s):.0f} s {way} this service; allowed are {TOLERANCE_S} s."
        raise ApiError("InvalidTimeStamp.Expired", details)


def _check_body(
    call: Call, authorization: v3.Authorization, key: SigningKey, failed: FailedSignatures
) -> None:
    arrived = v3.body_hash(call)
    if hmac.compare_digest(arrived.encode(), call.headers["x-acs-content-sha256"].lower().encode()):
        return
    text = v3.string_to_sign(v3.canonical_request(call, authorization.signed_headers, arrived))
    raise _wrong_signature(
        key, call, failed, text, f"The body's SHA-256 is not x-acs-content-sha256 but {arrived};"
    )


def _wrong_signature(
    key: SigningKey, call: Call, failed: FailedSignatures, text: str, why: str = ""
) -> ApiError:
    wait_ms = failed.refuse(key.access_key_id, call.peer)
    if wait_ms:
        return limited(wait_ms, "Too many calls with a wrong signature.")
    # python-core takes Message.split(":")[1] for our string to sign and compares it with its own: no colon
    # may come before this one, and nothing may follow the string.
    return ApiError("SignatureDoesNotMatch", f"{why} server string to sign is:{text}".lstrip())
