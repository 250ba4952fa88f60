"""The V3 signature, ACS3-HMAC-SHA256, which current SDKs send in the header `Authorization`.

    Authorization: ACS3-HMAC-SHA256 Credential=<id>,SignedHeaders=<h1;h2>,Signature=<hex>

    canonical request = METHOD \\n / \\n query \\n headers \\n signed headers \\n hash of the body
    string to sign    = ACS3-HMAC-SHA256 \\n hex(sha256(canonical request))
    signature         = hex(hmac_sha256(secret, string to sign))

Source: https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature, and
observed calls of the SDKs: Python signs every header it sets, so the list is always taken from the call.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from operator import itemgetter

import msgspec

from waypost.api.errors.catalogue import ApiError, SignatureMismatch
from waypost.api.request import Call
from waypost.api.signatures.canonical import canonical_query, sorted_query
from waypost.api.signatures.checks import KeyRing, SigningKey, check_time, usable_key, wrong_signature
from waypost.api.signatures.keyed_hash import KeyedHash
from waypost.api.throttle import FailedSignatures
from waypost.model import codes
from waypost.model.quoting import shown

ALGORITHM = "ACS3-HMAC-SHA256"

REQUIRED_HEADERS = frozenset({"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-content-sha256"})
"""Headers that must be signed, since changing one could turn the call into a different one."""

_EMPTY_BODY_HASH = hashlib.sha256(b"").hexdigest()

_AUTHORIZATION = re.compile(
    r"(ACS3-[A-Z0-9-]+)\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([^,\s]+)"
)

_LONGEST_AUTHORIZATION = 8192
# Longer texts are not cached, so that the cache stays small.
_LONGEST_CACHED = 1024


class SignedHeaders:
    """A parsed list of signed headers: a template, and a getter for its values in the headers of a call.

    Attributes:
        text: lower-case header names, joined by `;`, as sent.
        pick: returns the values for the template from headers: a string for one name, a tuple for several.
        missing: the headers of `REQUIRED_HEADERS` that are not in the list.
    """

    __slots__ = ("missing", "names", "pick", "template", "text")

    def __init__(self, text: str) -> None:
        names = sorted(set(text.split(";")))
        self.text = text
        self.names = frozenset(names)
        self.missing = REQUIRED_HEADERS - self.names
        lines = "".join(f"{name}:%s\n" for name in (n.replace("%", "%%") for n in names))
        self.template = f"{lines}\n{text.replace('%', '%%')}"
        self.pick: Callable[[Mapping[str, str]], object] = itemgetter(*names)


class Authorization(msgspec.Struct, frozen=True, gc=False):
    """The `Authorization` header of a V3 call.

    Attributes:
        access_key_id: the key that signed the call.
        signed: the headers that are signed.
        signature: as sent.
    """

    access_key_id: str
    signed: SignedHeaders
    signature: str


def verify(call: Call, keys: KeyRing, failed: FailedSignatures, now_s: float) -> tuple[SigningKey, str]:
    """Checks a V3 call: signed headers, key, time and signature, and the body last.

    Returns:
        The key that signed the call, and its nonce; without one, the signature takes its place.

    Raises:
        ApiError: a signature error, or System.LimitControl after too many wrong signatures.
    """
    authorization, key = key_of_v3(call, keys, now_s)
    text = mismatch(call, authorization, key.hmac_v3)
    if text is not None:
        found = SignatureMismatch(text, authorization.signature)
        raise wrong_signature(failed, key.access_key_id, call.peer, found)
    return key, signed_nonce(call, authorization, failed)


def key_of_v3(call: Call, keys: KeyRing, now_s: float) -> tuple[Authorization, SigningKey]:
    """Checks all of a V3 call that costs little: signed headers, key and time. Returns the key it names.

    Raises:
        ApiError: a signature error.
    """
    headers = call.headers
    authorization = parse_authorization(headers["authorization"])
    require_signed_headers(call, authorization.signed)
    token = headers.get("x-acs-security-token", "")
    key = usable_key(keys, authorization.access_key_id, token, now_s)
    check_time("x-acs-date", headers["x-acs-date"], now_s)
    return authorization, key


def signed_nonce(call: Call, authorization: Authorization, failed: FailedSignatures) -> str:
    """Checks the body of a call with a right signature; returns its nonce, or without one the signature.

    Raises:
        ApiError: the body is not the signed one.
    """
    _check_body(call, authorization, failed)
    return call.headers.get("x-acs-signature-nonce") or authorization.signature.lower()


def _check_body(call: Call, authorization: Authorization, failed: FailedSignatures) -> None:
    """Refuses a body that does not match the signed hash."""
    if not call.body and call.headers["x-acs-content-sha256"] == _EMPTY_BODY_HASH:
        return
    received = body_hash(call)
    if hmac.compare_digest(received.encode(), call.headers["x-acs-content-sha256"].lower().encode()):
        return
    text = string_to_sign(canonical_request(call, authorization.signed, received))
    reason = f"The body's SHA-256 is not x-acs-content-sha256 but {received};"
    found = SignatureMismatch(text, authorization.signature)
    raise wrong_signature(failed, authorization.access_key_id, call.peer, found, reason)


def parse_authorization(header: str) -> Authorization:
    """Parses an `Authorization` header that begins with `ACS3-`.

    Raises:
        ApiError: IncompleteSignature if it is malformed, InvalidSignatureMethod for the algorithms
            ACS3-HMAC-SM3 and ACS3-RSA-SHA256, which some SDKs can be configured to use.
    """
    # All but the signature is the same in each call of a client.
    beginning, _, signature = header.rpartition("=")
    if signature.isalnum() and len(beginning) <= _LONGEST_CACHED:
        signed_by = _cached_beginning(beginning)
        if signed_by is not None:
            return signed_by(signature)
    match = _AUTHORIZATION.fullmatch(header) if len(header) <= _LONGEST_AUTHORIZATION else None
    if match is None:
        raise ApiError(
            codes.INCOMPLETE_SIGNATURE,
            f"The Authorization header must read {ALGORITHM} "
            "Credential=<AccessKeyId>,SignedHeaders=<names joined by ;>,Signature=<hex>.",
        )
    algorithm, access_key_id, signed_headers, signature = match.groups()
    if algorithm != ALGORITHM:
        raise ApiError(
            codes.INVALID_SIGNATURE_METHOD, f"{shown(algorithm)} is not supported; allowed is {ALGORITHM}."
        )
    return Authorization(access_key_id, SignedHeaders(signed_headers), signature)


@lru_cache(maxsize=512)
def _cached_beginning(beginning: str) -> Callable[[str], Authorization] | None:
    """Returns the authorization of a signature, by a header that is left off before it; None if the header is
    refused."""
    match = _AUTHORIZATION.fullmatch(f"{beginning}=0")
    if match is None or match[1] != ALGORITHM or match[4] != "0":
        return None
    return partial(Authorization, match[2], SignedHeaders(match[3]))


def require_signed_headers(call: Call, signed: SignedHeaders) -> None:
    """Refuses a call with an unsigned header of `REQUIRED_HEADERS`, or with a signed header that is absent.

    Raises:
        ApiError: IncompleteSignature, naming the headers.
    """
    names, missing, headers = signed.names, signed.missing, call.headers
    if "x-acs-security-token" in headers:
        missing |= {"x-acs-security-token"} - names
    if missing:
        raise ApiError(codes.INCOMPLETE_SIGNATURE, f"SignedHeaders must name {', '.join(sorted(missing))}.")
    if not names <= headers.keys():
        absent = shown(", ".join(sorted(names - headers.keys())))
        raise ApiError(
            codes.INCOMPLETE_SIGNATURE, f"SignedHeaders names {absent}, which the request does not have."
        )


def canonical_request(call: Call, signed: SignedHeaders, body_hash: str) -> str:
    """Builds the canonical request; all signed headers must be present.

    Raises:
        ApiError: InvalidParameter, if a name or value in the query is not percent-encoded UTF-8.
    """
    return _canonical_request(call, canonical_query(call.raw_query), signed, body_hash)


def _canonical_request(call: Call, query: str, signed: SignedHeaders, body_hash: str) -> str:
    return f"{call.method}\n/\n{query}{after_query(call, signed, body_hash)}"


def after_query(call: Call, signed: SignedHeaders, body_hash: str) -> str:
    """The canonical request from the end of the query on."""
    return f"\n{signed.template % signed.pick(call.headers)}\n{body_hash}"


def string_to_sign(canonical: str) -> str:
    """Builds the string to sign from a canonical request."""
    # A sorted query may have bytes that are not UTF-8; nobody has signed them.
    encoded = canonical.encode("utf-8", "surrogateescape")
    return f"{ALGORITHM}\n{hashlib.sha256(encoded).hexdigest()}"


def prepare(secret: str) -> KeyedHash:
    """Creates the keyed hash of a secret, to be reused for all calls of the access key."""
    return KeyedHash(secret.encode())


def sign(prepared: KeyedHash, text: str) -> str:
    """Signs a string with a prepared key: 64 lower-case hexadecimal digits."""
    return prepared.hexdigest(text.encode())


def body_hash(call: Call) -> str:
    """The SHA-256 hash of the body, as in `x-acs-content-sha256`: 64 lower-case hexadecimal digits."""
    return hashlib.sha256(call.body).hexdigest() if call.body else _EMPTY_BODY_HASH


def mismatch(call: Call, authorization: Authorization, prepared: KeyedHash) -> str | None:
    """Compares the signature of a call with the expected one, in constant time.

    The signature covers the body through the hash in `x-acs-content-sha256`. The caller of this function
    compares that with `body_hash`, so that a changed body and a wrong signature have different errors.

    Returns:
        None if they are equal, otherwise the string to sign that was expected.
    """
    signed_hash = call.headers["x-acs-content-sha256"]
    signature = authorization.signature.lower().encode()
    quick = _canonical_request(call, sorted_query(call.raw_query), authorization.signed, signed_hash)
    if hmac.compare_digest(sign(prepared, string_to_sign(quick)).encode(), signature):
        return None
    text = string_to_sign(canonical_request(call, authorization.signed, signed_hash))
    return None if hmac.compare_digest(sign(prepared, text).encode(), signature) else text
