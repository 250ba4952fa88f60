"""Checks that all signature schemes share: the key, the time, and the error of a wrong signature."""

import hmac
import re
from calendar import timegm
from functools import lru_cache
from time import strptime
from typing import Protocol

import msgspec

from waypost.api.errors.catalogue import ApiError, SignatureMismatch, limited
from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.api.signatures.keyed_hash import KeyedHash
from waypost.api.throttle import FailedSignatures
from waypost.model import codes
from waypost.model.quoting import quoted, shown

TEMPORARY = "STS."
"""The prefix of every temporary AccessKeyId."""

_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# Of a V1 call; the string to sign of V3 is always shorter. Clients compare it with their own.
_LONGEST_SHOWN = 4096


class SigningKey(msgspec.Struct, frozen=True):
    """An access key, prepared to check signatures; it does not contain the plain secret.

    Attributes:
        access_key_id: its id.
        enabled: whether it may be used.
        owner: the owner of the key, which these functions only pass on.
        hmac_v3: the keyed hash for V3, from `v3.prepare`.
        hmac_v1: the keyed hash for V1, from `v1.prepare`.
        hmac_mns: the keyed hash for the queue service, from `mns.prepare`.
        ends_at: when the key expires, Unix seconds; None for never.
    """

    access_key_id: str
    enabled: bool
    owner: object
    hmac_v3: KeyedHash
    hmac_v1: hmac.HMAC
    hmac_mns: hmac.HMAC
    ends_at: int | None = None


class KeyRing(Protocol):
    """Looks up the access key of every call, in memory."""

    def find(self, access_key_id: str, security_token: str = "") -> SigningKey | None:
        """The key with this id, enabled or not, expired or not; None if there is none.

        Args:
            security_token: the SecurityToken of a temporary key; empty for none.

        Raises:
            ApiError: the token is missing, malformed, or belongs to another key.
        """


def usable_key(keys: KeyRing, access_key_id: str, security_token: str, now_s: float) -> SigningKey:
    """The key with that id, if it may be used now.

    Raises:
        ApiError: there is no such key, it is disabled or expired, or the token belongs to another key.
    """
    key = keys.find(access_key_id, security_token)
    if key is None:
        raise ApiError(
            codes.INVALID_ACCESS_KEY_ID_NOT_FOUND, f"AccessKeyId {shown(access_key_id)} is not known here."
        )
    if not key.enabled:
        raise ApiError(codes.INVALID_ACCESS_KEY_ID_INACTIVE, f"AccessKeyId {access_key_id} was switched off.")
    if key.ends_at is not None and now_s >= key.ends_at:
        if not access_key_id.startswith(TEMPORARY):
            details = f"AccessKeyId {access_key_id} has ended; another has taken its place."
            raise ApiError(codes.INVALID_ACCESS_KEY_ID_INACTIVE, details)
        raise ApiError(codes.INVALID_SECURITY_TOKEN_EXPIRED, "Assume the role or query the token again.")
    return key


# The timestamps of calls lie within a few seconds of now, so few distinct texts are parsed.
@lru_cache(maxsize=64)
def parse_timestamp(text: str) -> int:
    """Parses a time in the format `yyyy-MM-ddTHH:mm:ssZ` to Unix seconds.

    Raises:
        ValueError: the format is different, or there is no such date or time.
    """
    # What is no time is not kept, so nothing long is.
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("the time is not written as yyyy-MM-ddTHH:mm:ssZ")
    return timegm(strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def check_time(name: str, text: str, now_s: float) -> None:
    """Refuses a call whose timestamp differs from now by more than `CLOCK_TOLERANCE_S`.

    Args:
        name: the header or parameter with the timestamp, for the message.

    Raises:
        ApiError: InvalidTimeStamp.Format or InvalidTimeStamp.Expired.
    """
    try:
        ahead_s = parse_timestamp(text) - now_s
    except ValueError:
        details = f"{name} is {quoted(text)}; it must be UTC, written as in 2026-11-23T03:46:08Z."
        raise ApiError(codes.INVALID_TIME_STAMP_FORMAT, details) from None
    if abs(ahead_s) > CLOCK_TOLERANCE_S:
        way = "ahead of" if ahead_s > 0 else "behind"
        details = f"{name} is {abs(ahead_s):.0f} s {way} this service; allowed are {CLOCK_TOLERANCE_S} s."
        raise ApiError(codes.INVALID_TIME_STAMP_EXPIRED, details)


def wrong_signature(
    failed: FailedSignatures,
    access_key_id: str,
    peer: str,
    mismatch: SignatureMismatch,
    reason: str = "",
) -> ApiError:
    """The error of a wrong signature; System.LimitControl after too many per second.

    Args:
        mismatch: has the expected string to sign, for the caller to compare with its own.
        reason: a sentence before it, without a colon at the end.
    """
    wait_ms = failed.count_failure(access_key_id, peer)
    if wait_ms:
        return limited(wait_ms, "Too many calls with a wrong signature.")
    # python-core takes Message.split(":")[1] as the string to sign of the server and compares it with its
    # own: no colon may precede this one, and nothing may follow the string.
    string_to_sign = mismatch.string_to_sign
    if len(string_to_sign) > _LONGEST_SHOWN:
        string_to_sign = shown(string_to_sign)
    details = f"{reason} server string to sign is:{string_to_sign}".lstrip()
    return ApiError(
        codes.SIGNATURE_DOES_NOT_MATCH, details, mismatch=mismatch._replace(string_to_sign=string_to_sign)
    )
