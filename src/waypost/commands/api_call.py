"""Makes a signed API call, with the signing code that the API itself checks signatures with."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from waypost.api.operations.catalogue import EVERY
from waypost.api.product import CAMS
from waypost.api.request import Call
from waypost.api.signatures import v3
from waypost.clock import wall_seconds

_TIMEOUT = 10.0


class NotReachedError(Exception):
    """The endpoint is not reachable or is not this API; the message has the reason."""


def call_api(
    endpoint: str,
    access_key_id: str,
    secret: str,
    action: str,
    parameters: Mapping[str, str],
    version: str | None = None,
) -> tuple[int, dict[str, Any]]:
    """Makes a call; returns its HTTP status and the members of its JSON response.

    Args:
        endpoint: `http://host:port` or `https://host`.
        parameters: the parameters of the operation.
        version: the Version of the product; None for the one that has the operation.

    Raises:
        NotReachedError: there is no connection, or the response is not from this API.
    """
    parts = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotReachedError(f"{endpoint!r} is not an endpoint such as http://127.0.0.1:8080")
    query = urlencode(parameters, quote_via=quote)
    if version is None:
        known = EVERY.get(action)
        version = (known.operation.product if known is not None else CAMS).version
    headers = _signed_headers(action, version, query, parts.netloc, access_key_id, secret)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        connection = connect(parts.hostname, parts.port, timeout=_TIMEOUT)
        try:
            connection.request("POST", f"/?{query}", headers=headers)
            response = connection.getresponse()
            return response.status, msgspec.json.decode(response.read(), type=dict[str, Any])
        finally:
            connection.close()
    except (OSError, ValueError, HTTPException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise NotReachedError(f"{endpoint} cannot be called: {reason or type(error).__name__}") from None
    except msgspec.DecodeError:
        raise NotReachedError(f"{endpoint} answered something else than this API does") from None


def _signed_headers(
    action: str, version: str, query: str, host: str, access_key_id: str, secret: str
) -> dict[str, str]:
    headers = {
        "accept": "application/json",
        "host": host,
        "x-acs-action": action,
        "x-acs-date": datetime.fromtimestamp(wall_seconds(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": version,
    }
    unsigned = Call("POST", "/", query, headers, b"", "")
    headers["x-acs-content-sha256"] = v3.body_hash(unsigned)
    names = ";".join(sorted(headers))
    text = v3.string_to_sign(v3.canonical_request(unsigned, names, headers["x-acs-content-sha256"]))
    signature = v3.sign(v3.prepare(secret), text)
    headers["authorization"] = (
        f"{v3.ALGORITHM} Credential={access_key_id},SignedHeaders={names},Signature={signature}"
    )
    return headers
