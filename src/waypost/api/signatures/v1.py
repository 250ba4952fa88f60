"""The V1 signature, RPC HMAC-SHA1, which older SDKs send among the parameters.

    query          = enc(name)=enc(value) of all parameters of query and form body but Signature, sorted
    string to sign = METHOD & %2F & enc(query)
    signature      = base64(hmac_sha1(secret + "&", string to sign))

The documentation calls it both signature version 1.0 and "V2". Source:
https://help.aliyun.com/en/document_detail/145075.html and observed calls of the official clients: python-core
signs an empty `SignatureType`, pop-core posts everything, including `Signature`, as a form.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from waypost.api.errors.catalogue import ApiError, SignatureMismatch
from waypost.api.request import Call, raw_parameters
from waypost.api.signatures.canonical import canonical_query, sorted_query
from waypost.api.signatures.checks import KeyRing, SigningKey, check_time, usable_key, wrong_signature
from waypost.api.throttle import FailedSignatures
from waypost.model import codes
from waypost.model.quoting import quoted

ALGORITHM = "HMAC-SHA1"
VERSION = "1.0"

_REQUIRED = ("AccessKeyId", "SignatureMethod", "SignatureVersion", "Timestamp", "SignatureNonce")


def verify(
    call: Call, params: Mapping[str, str], keys: KeyRing, failed: FailedSignatures, now_s: float
) -> tuple[SigningKey, str]:
    """Checks a V1 call: parameters of the signature, key, time, and the signature last.

    Args:
        params: the decoded parameters of the call.

    Returns:
        The key that signed the call, and its nonce.

    Raises:
        ApiError: a signature error, or System.LimitControl after too many wrong signatures.
    """
    key = key_of_v1(params, keys, now_s)
    text = mismatch(call, params["Signature"], key.hmac_v1)
    if text is not None:
        found = SignatureMismatch(text, params["Signature"])
        raise wrong_signature(failed, key.access_key_id, call.peer, found)
    return key, params["SignatureNonce"]


def key_of_v1(params: Mapping[str, str], keys: KeyRing, now_s: float) -> SigningKey:
    """Checks all of a V1 call that costs little: its fields, key and time. Returns the key it names.

    Raises:
        ApiError: a signature error.
    """
    require_fields(params)
    key = usable_key(keys, params["AccessKeyId"], params.get("SecurityToken", ""), now_s)
    check_time("Timestamp", params["Timestamp"], now_s)
    return key


def require_fields(params: Mapping[str, str]) -> None:
    """Refuses a call that lacks a parameter of the V1 signature, or has another algorithm or version.

    Raises:
        ApiError: Missing<Parameter>, InvalidSignatureMethod, InvalidSignatureVersion or InvalidSignatureType.
    """
    for name in _REQUIRED:
        if not params.get(name):
            raise ApiError(codes.missing(name))
    if params["SignatureMethod"].upper() != ALGORITHM:
        method = quoted(params["SignatureMethod"])
        raise ApiError(
            codes.INVALID_SIGNATURE_METHOD, f"SignatureMethod is {method}; allowed is {ALGORITHM}."
        )
    if params["SignatureVersion"] != VERSION:
        version = quoted(params["SignatureVersion"])
        raise ApiError(
            codes.invalid("SignatureVersion"), f"SignatureVersion is {version}; allowed is {VERSION}."
        )
    if params.get("SignatureType"):
        kind = quoted(params["SignatureType"])
        raise ApiError(codes.invalid("SignatureType"), f"SignatureType is {kind}; allowed is an empty value.")


def signed_raw(call: Call) -> str:
    """The parameters of the query and form body as sent."""
    return raw_parameters(call).strip("&")


def signed_parameters(call: Call) -> str:
    """The canonical form of all parameters of the query and form body except `Signature`.

    Raises:
        ApiError: InvalidParameter, if a name or value is not percent-encoded UTF-8.
    """
    return canonical_query(signed_raw(call), without="Signature")


def string_to_sign(method: str, canonical: str) -> str:
    """Builds the string to sign from the method and the canonical parameters."""
    return f"{method}&%2F&{encoded(canonical)}"


def encoded(canonical: str) -> str:
    """A piece of the canonical parameters as it stands in the string to sign."""
    # The canonical form has no other characters that need encoding, and replacing just these is fast.
    return canonical.replace("%", "%25").replace("&", "%26").replace("=", "%3D")


def prepare(secret: str) -> hmac.HMAC:
    """Creates the keyed hash of a secret, to be reused for all calls of the access key."""
    return hmac.new(f"{secret}&".encode(), digestmod=hashlib.sha1)


def sign(prepared: hmac.HMAC, text: str) -> str:
    """Signs a string with a prepared key: 28 characters of base64."""
    keyed = prepared.copy()
    # Sorted parameters may have bytes that are not UTF-8; nobody has signed them.
    keyed.update(text.encode("utf-8", "surrogateescape"))
    return base64.b64encode(keyed.digest()).decode()


def mismatch(call: Call, signature: str, prepared: hmac.HMAC) -> str | None:
    """Compares the signature of a call with the expected one, in constant time.

    Returns:
        None if they are equal, otherwise the string to sign that was expected.
    """
    if _is_signed(
        string_to_sign(call.method, sorted_query(signed_raw(call), "Signature")), signature, prepared
    ):
        return None
    text = string_to_sign(call.method, signed_parameters(call))
    return None if _is_signed(text, signature, prepared) else text


def _is_signed(text: str, signature: str, prepared: hmac.HMAC) -> bool:
    return hmac.compare_digest(sign(prepared, text).encode(), signature.encode())
