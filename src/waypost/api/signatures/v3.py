"""The V3 signature, ACS3-HMAC-SHA256, which current SDKs send in the header `Authorization`.

    Authorization: ACS3-HMAC-SHA256 Credential=<id>,SignedHeaders=<h1;h2>,Signature=<hex>

    canonical request = METHOD \\n / \\n query \\n headers \\n signed headers \\n hash of the body
    string to sign    = ACS3-HMAC-SHA256 \\n hex(sha256(canonical request))
    signature         = hex(hmac_sha256(secret, string to sign))

Source: https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature, and what
the SDKs were seen to send: Python signs every header it sets, so the list is always taken from the call.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from waypost.api.errors.catalogue import ApiError
from waypost.api.request import Call
from waypost.api.signatures.canonical import canonical_query

ALGORITHM = "ACS3-HMAC-SHA256"

REQUIRED_HEADERS = frozenset({"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-content-sha256"})
"""What must be signed, or a call could be turned into another one that its owner never made."""

_EMPTY_BODY_HASH = hashlib.sha256(b"").hexdigest()

_AUTHORIZATION = re.compile(
    r"(ACS3-[A-Z0-9-]+)\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([^,\s]+)"
)

# A list of signed headers longer than this is worked out anew for each call, so that the cache stays small.
_CACHED_LIST_LENGTH = 1024


class Authorization(NamedTuple):
    """What the `Authorization` header of a V3 call says.

    Attributes:
        access_key_id: whose key signed.
        signed_headers: names of headers in lower case, joined by `;`, as sent.
        signature: as sent.
    """

    access_key_id: str
    signed_headers: str
    signature: str


def parse_authorization(header: str) -> Authorization:
    """Reads an `Authorization` header that begins with `ACS3-`.

    Raises:
        ApiError: IncompleteSignature when it can't be read, InvalidSignatureMethod for the algorithms
            ACS3-HMAC-SM3 and ACS3-RSA-SHA256, which some SDKs can be set to.
    """
    match = _AUTHORIZATION.fullmatch(header)
    if match is None:
        raise ApiError(
            "IncompleteSignature",
            f"The Authorization header must read {ALGORITHM} "
            "Credential=<AccessKeyId>,SignedHeaders=<names joined by ;>,Signature=<hex>.",
        )
    algorithm, access_key_id, signed_headers, signature = match.groups()
    if algorithm != ALGORITHM:
        raise ApiError("InvalidSignatureMethod", f"{algorithm} is not supported; allowed is {ALGORITHM}.")
    return Authorization(access_key_id, signed_headers, signature)


def require_signed_headers(call: Call, signed_headers: str) -> None:
    """Demands that the headers which make the call what it is are signed, and that all signed ones are there.

    Raises:
        ApiError: IncompleteSignature, naming the headers.
    """
    names = _signed(signed_headers).names
    missing = REQUIRED_HEADERS - names
    if "x-acs-security-token" in call.headers:
        missing |= {"x-acs-security-token"} - names
    if missing:
        raise ApiError("IncompleteSignature", f"SignedHeaders must name {', '.join(sorted(missing))}.")
    if not names <= call.headers.keys():
        absent = ", ".join(sorted(names - call.headers.keys()))
        raise ApiError(
            "IncompleteSignature", f"SignedHeaders names {absent}, which the request does not have."
        )


def canonical_request(call: Call, signed_headers: str, body_hash: str) -> str:
    """Writes the call as V3 signs it; the headers that `signed_headers` names must all be there."""
    signed = _signed(signed_headers)
    return (
        f"{call.method}\n/\n{canonical_query(call.raw_query)}\n"
        f"{signed.template % signed.values(call.headers)}\n{body_hash}"
    )


def string_to_sign(canonical: str) -> str:
    """Makes the string to sign of a canonical request."""
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def prepare(secret: str) -> hmac.HMAC:
    """Makes the keyed hash of an access key's secret, to be kept and used for all its calls."""
    return hmac.new(secret.encode(), digestmod=hashlib.sha256)


def sign(prepared: hmac.HMAC, text: str) -> str:
    """Signs a string with a prepared key: 64 lower-case hexadecimal digits."""
    keyed = prepared.copy()
    keyed.update(text.encode())
    return keyed.hexdigest()


def body_hash(call: Call) -> str:
    """Hashes the body as `x-acs-content-sha256` does: 64 lower-case hexadecimal digits."""
    return hashlib.sha256(call.body).hexdigest() if call.body else _EMPTY_BODY_HASH


def mismatch(call: Call, authorization: Authorization, prepared: hmac.HMAC) -> str | None:
    """Compares a call's signature with our own, in constant time.

    The body takes part by the hash in `x-acs-content-sha256`, which the caller of this function compares with
    `body_hash`, so that a changed body can be told from a wrong signature.

    Returns:
        None if they are equal, otherwise the string that we signed.
    """
    claimed = call.headers["x-acs-content-sha256"]
    text = string_to_sign(canonical_request(call, authorization.signed_headers, claimed))
    ours = sign(prepared, text).encode()
    return None if hmac.compare_digest(ours, authorization.signature.lower().encode()) else text


class _SignedHeaders:
    """A list of signed headers, made ready: a template, and what picks its values out of a call's headers."""

    __slots__ = ("_pick", "names", "template")

    def __init__(self, signed_headers: str) -> None:
        names = sorted(set(signed_headers.split(";")))
        self.names = frozenset(names)
        lines = "".join(f"{name}:%s\n" for name in (n.replace("%", "%%") for n in names))
        self.template = f"{lines}\n{signed_headers.replace('%', '%%')}"
        self._pick: Callable[[Mapping[str, str]], object] = itemgetter(*names)

    def values(self, headers: Mapping[str, str]) -> object:
        """Returns what fills the template: a string for one name, a tuple of strings for several."""
        return self._pick(headers)


@lru_cache(maxsize=512)
def _cached(signed_headers: str) -> _SignedHeaders:
    return _SignedHeaders(signed_headers)


def _signed(signed_headers: str) -> _SignedHeaders:
    if len(signed_headers) <= _CACHED_LIST_LENGTH:
        return _cached(signed_headers)
    return _SignedHeaders(signed_headers)
