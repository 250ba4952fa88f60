"""Determines the signature scheme of a call.

The headers `x-acs-action` and `x-acs-version` occur with both schemes, so they do not decide it. A V3 call
has the header `Authorization: ACS3-...`; a V1 call has `Signature` in its query or its form body.
"""

import enum
from collections.abc import Mapping

from waypost.api.errors.catalogue import ApiError
from waypost.api.request import Call
from waypost.model import codes

_BEARER = "Bearer tokens are not supported; use an access key id and its secret."


class Scheme(enum.Enum):
    """A signature scheme of RPC calls."""

    V3 = "ACS3-HMAC-SHA256, in the Authorization header"
    V1 = "HMAC-SHA1, among the parameters"


def scheme_of(call: Call, params: Mapping[str, str]) -> Scheme:
    """The signature scheme of a call.

    Raises:
        ApiError: InvalidSecurityToken.Malformed for a bearer token; IncompleteSignature for an
            `Authorization` header of another kind; MissingAccessKeyId or MissingSignature when the call is
            not signed.
    """
    authorization = call.headers.get("authorization")
    if authorization is not None and authorization.startswith("ACS3-"):
        return Scheme.V3
    if _bears_token(call, params):
        raise ApiError(codes.INVALID_SECURITY_TOKEN_MALFORMED, _BEARER)
    if "Signature" in params:
        return Scheme.V1
    if authorization is not None:
        raise ApiError(
            codes.INCOMPLETE_SIGNATURE, "The Authorization header must begin with ACS3-HMAC-SHA256."
        )
    if params.get("AccessKeyId"):
        raise ApiError(codes.missing("Signature"), "The call names an access key but is not signed.")
    raise ApiError(codes.missing("AccessKeyId"), "The call is not signed; sign it with an access key.")


def _bears_token(call: Call, params: Mapping[str, str]) -> bool:
    return (
        "x-acs-bearer-token" in call.headers
        or "x-acs-zero-trust-idtoken" in call.headers
        or params.get("SignatureType", "").upper() == "BEARERTOKEN"
    )
