"""Makes a signed API call, with the signing code that the API itself checks signatures with."""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from waypost.api.operations.catalogue import EVERY
from waypost.api.product import CAMS
from waypost.api.signatures.signed_headers import signed_headers

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
    headers = signed_headers(action, version, query, parts.netloc, access_key_id, secret)
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
