"""Authenticates requests to the queue service by their signatures."""

import hmac
from base64 import b64encode
from calendar import timegm
from email.utils import parsedate
from hashlib import md5

from waypost.api.caller import Caller
from waypost.api.errors.catalogue import ApiError, SignatureMismatch
from waypost.api.limits import CLOCK_TOLERANCE_S
from waypost.api.queues.call import QueueCall
from waypost.api.queues.errors import QueueError
from waypost.api.signatures import mns
from waypost.api.signatures.checks import KeyRing, usable_key
from waypost.api.throttle import FailedSignatures

_LONGEST_DATE = 64


def authenticate_queue_call(call: QueueCall, keys: KeyRing, failed: FailedSignatures, now_s: float) -> Caller:
    """Checks the signature of a request, and returns the caller.

    Args:
        failed: limits the wrong signatures that are answered in detail.
        now_s: real time, Unix seconds.

    Raises:
        QueueError: an error of authorization, date or signature, or QpsLimitExceeded after too many wrong
            signatures.
    """
    header = call.headers.get("authorization")
    if header is None:
        raise QueueError("MissingAuthorizationHeader")
    authorization = mns.parse_authorization(header)
    if authorization is None:
        raise QueueError("InvalidAuthorizationHeader")
    access_key_id, signature = authorization
    _check_date(call.headers.get("date"), now_s)
    try:
        key = usable_key(keys, access_key_id, call.headers.get("security-token", ""), now_s)
    except ApiError as error:
        raise QueueError("InvalidAccessKeyId", f"{error.code}: {error.message}") from None
    text = mns.string_to_sign(call.method, call.headers, call.target)
    if not hmac.compare_digest(mns.sign(key.hmac_mns, text).encode(), signature.encode()):
        if failed.count_failure(access_key_id, call.peer):
            raise QueueError("QpsLimitExceeded", "Too many calls with a wrong signature.")
        raise QueueError("SignatureDoesNotMatch", mismatch=SignatureMismatch(text, signature))
    _check_body(call)
    assert isinstance(key.owner, Caller)
    return key.owner


def _check_date(text: str | None, now_s: float) -> None:
    if not text:
        raise QueueError("MissingDateHeader")
    parsed = parsedate(text) if len(text) <= _LONGEST_DATE else None
    if parsed is None or not text.endswith("GMT"):
        raise QueueError("InvalidDateHeader")
    try:
        difference_s = abs(timegm(parsed) - now_s)
    except (ValueError, OverflowError):
        raise QueueError("InvalidDateHeader") from None
    if difference_s > CLOCK_TOLERANCE_S:
        raise QueueError("TimeExpired")


def _check_body(call: QueueCall) -> None:
    """Refuses a body that does not match its digest.

    A signature covers the body only through the digest, which is optional in the official documentation; the
    official client sends it in hexadecimal.
    """
    content_md5 = call.headers.get("content-md5")
    digest = md5(call.body, usedforsecurity=False)
    allowed = {b64encode(digest.digest()).decode(), b64encode(digest.hexdigest().encode()).decode()}
    if content_md5 and content_md5 not in allowed:
        raise QueueError("InvalidDegist")
