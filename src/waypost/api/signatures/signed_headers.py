"""The headers of a call that we sign ourselves, with the code that signatures are checked with."""

import secrets
from datetime import UTC, datetime

from waypost.api.request import Call
from waypost.api.signatures import v3
from waypost.clock import wall_seconds


def signed_headers(
    action: str,
    version: str,
    query: str,
    host: str,
    access_key_id: str,
    secret: str,
    security_token: str = "",
) -> dict[str, str]:
    """The headers of a POST to `/?query` without a body, its V3 signature among them, by lower-case names.

    Args:
        security_token: of temporary credentials; empty for others.
    """
    headers = {
        "accept": "application/json",
        "host": host,
        "x-acs-action": action,
        "x-acs-date": datetime.fromtimestamp(wall_seconds(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": version,
    }
    if security_token:
        headers["x-acs-security-token"] = security_token
    unsigned = Call("POST", "/", query, headers, b"", "")
    headers["x-acs-content-sha256"] = v3.body_hash(unsigned)
    names = ";".join(sorted(headers))
    signed = v3.SignedHeaders(names)
    text = v3.string_to_sign(v3.canonical_request(unsigned, signed, headers["x-acs-content-sha256"]))
    signature = v3.sign(v3.prepare(secret), text)
    headers["authorization"] = (
        f"{v3.ALGORITHM} Credential={access_key_id},SignedHeaders={names},Signature={signature}"
    )
    return headers
