"""The V1 signature, RPC HMAC-SHA1, which older SDKs send among the parameters.

    query          = enc(name)=enc(value) of all parameters of query and form body but Signature, sorted
    string to sign = METHOD & %2F & enc(query)
    signature      = base64(hmac_sha1(secret + "&", string to sign))

The documentation calls it both signature version 1.0 and "V2". Source:
https://help.aliyun.com/en/document_detail/145075.html and the official clients on the wire: python-core signs
an empty `SignatureType`, pop-core posts everything, `Signature` included, as a form.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from waypost.api.errors.catalogue import ApiError
from waypost.api.request import Call, form_body
from waypost.api.signatures.canonical import canonical_query
from waypost.api.signatures.checks import KeyRing, SigningKey, check_time, usable_key, wrong_signature
from waypost.api.throttle import FailedSignatures
from waypost.model import codes

ALGORITHM = "HMAC-SHA1"
VERSION = "1.0"

_REQUIRED = ("AccessKeyId", "SignatureMethod", "SignatureVersion", "Timestamp", "SignatureNonce")


def verify(
    call: Call, params: Mapping[str, str], keys: KeyRing, failed: FailedSignatures, now_s: float
) -> tuple[SigningKey, str]:
    """Checks a V1 call: its fields, the key, the time, and the signature.

    Args:
        params: its parameters, decoded.

    Returns:
        The key that signed it, and its nonce.

    Raises:
        ApiError: with one of the codes of signatures; System.LimitControl for too many wrong signatures.
    """
    require_fields(params)
    key = usable_key(keys, params["AccessKeyId"], params.get("SecurityToken", ""), now_s)
    check_time("Timestamp", params["Timestamp"], now_s)
    text = mismatch(call, params["Signature"], key.hmac_v1)
    if text is not None:
        raise wrong_signature(failed, key.access_key_id, call.peer, text)
    return key, params["SignatureNonce"]


def require_fields(params: Mapping[str, str]) -> None:
    """Refuses a call without a parameter that a V1 signature consists of, or of another algorithm or version.

    Raises:
        ApiError: Missing<Parameter>, InvalidSignatureMethod, InvalidSignatureVersion or InvalidSignatureType.
    """
    for name in _REQUIRED:
        if not params.get(name):
            raise ApiError(codes.missing(name))
    if params["SignatureMethod"].upper() != ALGORITHM:
        method = params["SignatureMethod"]
        raise ApiError(
            codes.INVALID_SIGNATURE_METHOD, f"SignatureMethod is {method}; allowed is {ALGORITHM}."
        )
    if params["SignatureVersion"] != VERSION:
        version = params["SignatureVersion"]
        raise ApiError(
            codes.invalid("SignatureVersion"), f"SignatureVersion is {version}; allowed is {VERSION}."
        )
    if params.get("SignatureType"):
        kind = params["SignatureType"]
        raise ApiError(codes.invalid("SignatureType"), f"SignatureType is {kind}; allowed is an empty value.")


def signed_parameters(call: Call) -> str:
    """Writes the parameters of query and form body in canonical form: each one sent, but for `Signature`.

    Raises:
        ApiError: InvalidParameter, for what is not percent-encoded UTF-8.
    """
    raw = call.raw_query
    if call.body:
        raw = f"{raw}&{form_body(call)}"
    return canonical_query(raw.strip("&"), without="Signature")


def string_to_sign(method: str, canonical: str) -> str:
    """Makes the string to sign of parameters in canonical form, for GET or POST as sent."""
    # These three are all in the canonical form that is not unreserved, and encoding them alone is fast.
    encoded = canonical.replace("%", "%25").replace("&", "%26").replace("=", "%3D")
    return f"{method}&%2F&{encoded}"


def prepare(secret: str) -> hmac.HMAC:
    """Makes the keyed hash of an access key's secret, to be kept and used for all its calls."""
    return hmac.new(f"{secret}&".encode(), digestmod=hashlib.sha1)


def sign(prepared: hmac.HMAC, text: str) -> str:
    """Signs a string with a prepared key: 28 characters of base64."""
    keyed = prepared.copy()
    keyed.update(text.encode())
    return base64.b64encode(keyed.digest()).decode()


def mismatch(call: Call, signature: str, prepared: hmac.HMAC) -> str | None:
    """Compares a call's signature with our own, in constant time.

    Returns:
        None if they are equal, otherwise the string that we signed.
    """
    text = string_to_sign(call.method, signed_parameters(call))
    return None if hmac.compare_digest(sign(prepared, text).encode(), signature.encode()) else text
