"""Prepared calls of the sends, signed by V3 as the official Python SDK signs them."""

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from waypost.api.request import Call
from waypost.api.signatures import v3
from waypost.api.signatures.keyed_hash import KeyedHash

_SIGNED = (
    "accept;host;user-agent;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;"
    "x-acs-signature-nonce;x-acs-version"
)
_EMPTY = hashlib.sha256(b"").hexdigest()


def requests(
    count: int, port: int, *, key: str = "sandbox", secret: str = "", last_digits: str = "0002", **more: str
) -> list[bytes]:
    """`count` calls, each to another recipient with these last digits, as the bytes on the wire. An empty
    secret is the id of the key, as in the sandbox."""
    prepared = v3.prepare(secret or key)
    return [
        operation_request(
            "SendChatappMessage",
            {
                "ChannelType": "viber",
                "Content": '{"text":"Your order has left our warehouse."}',
                "From": "20001",
                "Label": "promotion",
                "MessageType": "text",
                "To": f"4915{number:07d}{last_digits}",
                "Type": "message",
                **more,
            },
            port,
            key,
            prepared,
        )
        for number in range(count)
    ]


def mass_request(recipients: int, port: int, *, key: str = "sandbox") -> bytes:
    """One call to so many recipients, each with two values of its own, all of it in the query."""
    people = [
        {"To": f"4915{number:07d}0002", "TemplateParams": {"name": f"Zoe {number}", "code": f"{number:04d}"}}
        for number in range(recipients)
    ]
    parameters = {
        "ChannelType": "viber",
        "From": "20001",
        "Label": "promotion",
        "Language": "en",
        "SenderList": json.dumps(people, separators=(",", ":")),
        "TemplateCode": "sandbox_welcome",
    }
    return operation_request("SendChatappMassMessage", parameters, port, key, v3.prepare(key))


def operation_request(
    action: str, parameters: Mapping[str, str], port: int, key: str, prepared: KeyedHash
) -> bytes:
    """A call of any operation, as the bytes on the wire."""
    headers = {
        "accept": "application/json",
        "host": f"127.0.0.1:{port}",
        "user-agent": "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.6 TeaDSL/2",
        "x-acs-action": action,
        "x-acs-content-sha256": _EMPTY,
        "x-acs-credentials-provider": "static_ak",
        "x-acs-date": datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": "2020-06-06",
    }
    query = urlencode(parameters, quote_via=quote)
    call = Call("POST", "/", query, headers, b"", "")
    text = v3.string_to_sign(v3.canonical_request(call, v3.SignedHeaders(_SIGNED), _EMPTY))
    signature = v3.sign(prepared, text)
    lines = [f"POST /?{query} HTTP/1.1", "accept-encoding: identity"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(
        f"Authorization: ACS3-HMAC-SHA256 Credential={key},SignedHeaders={_SIGNED},Signature={signature}"
    )
    lines.append("Content-Length: 0")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
