"""The parameters of the OpenAPI document that sign a call, by one of two schemes (signatures.md)."""

from typing import Any

from waypost.api.gateway import VERSION

SECURITY_SCHEMES: dict[str, Any] = {
    "V3": {
        "type": "http",
        "scheme": "ACS3-HMAC-SHA256",
        "description": "Authorization: ACS3-HMAC-SHA256 Credential=<AccessKeyId>,SignedHeaders=<names joined "
        "by ;>,Signature=<hex>. Signed are the method, the path, the query, host, every x-acs-* header and "
        "the SHA-256 of the body. Current official SDKs sign so.",
    },
    "V1": {
        "type": "apiKey",
        "in": "query",
        "name": "Signature",
        "description": "HMAC-SHA1, in Base64, over the method and all parameters of query and form; the "
        "parameters AccessKeyId, SignatureMethod, SignatureVersion, SignatureNonce and Timestamp belong to "
        "it. The older core SDKs (CommonRequest) sign so.",
    },
}


def _parameter(place: str, name: str, description: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": False,
        "description": description,
        "schema": {"type": "string", "examples": [example]},
    }


_V3 = (
    ("x-acs-action", "V3: the operation.", "SendChatappMessage"),
    ("x-acs-version", f"V3: the version, {VERSION}.", VERSION),
    ("x-acs-date", "V3: the time of the call, UTC.", "2026-11-23T03:46:08Z"),
    ("x-acs-signature-nonce", "V3: new for every call.", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
    (
        "x-acs-content-sha256",
        "V3: the SHA-256 of the body in hex.",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    ("x-acs-security-token", "V3: the SecurityToken of a temporary access key.", "CAIS..."),
)
_V1 = (
    ("Action", "V1: the operation.", "SendChatappMessage"),
    ("Version", f"V1: the version, {VERSION}.", VERSION),
    ("Format", "V1: JSON (default) or XML.", "JSON"),
    ("AccessKeyId", "V1: the id of the access key.", "sandbox"),
    ("SecurityToken", "V1: that of a temporary access key.", "CAIS..."),
    ("SignatureMethod", "V1: HMAC-SHA1.", "HMAC-SHA1"),
    ("SignatureVersion", "V1: 1.0.", "1.0"),
    ("SignatureNonce", "V1: new for every call.", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
    ("Timestamp", "V1: the time of the call, UTC.", "2026-11-23T03:46:08Z"),
)

SIGNING_PARAMETERS: dict[str, Any] = {
    **{name: _parameter("header", name, words, example) for name, words, example in _V3},
    **{name: _parameter("query", name, words, example) for name, words, example in _V1},
}
"""The parameters that identify and sign a call, by name; all are optional, since a call uses one scheme."""
