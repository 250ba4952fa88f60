"""Clients that sign by code of their own, with a flaw."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from waypost.api.request import Call

KEY, SECRET = "LTAI5tKey", "S3cr/etOf+Key"
NOW = datetime(2026, 11, 27, 8, 0, 0, tzinfo=UTC)
HOST = "127.0.0.1:8080"
FORM = "application/x-www-form-urlencoded"
PARAMETERS = {
    "ChannelType": "viber",
    "Content": '{"text": "A *bold* ~offer~ (today!)", "a": "b/c"}',
    "From": "20001",
    "label": "promotion",
    "To": "4915112345678",
    "Tag": "",
}


def escaped(text: str) -> str:
    """Percent-encoding as it must be."""
    return quote(text, safe="")


def pairs_of(parameters: Mapping[str, str], escape: Callable[[str], str] = escaped, **how: Any) -> str:
    """Parameters, sorted and percent-encoded."""
    return "&".join(f"{escape(name)}={escape(value)}" for name, value in sorted(parameters.items(), **how))


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def v3_request(
    *,
    method: str = "POST",
    signed_method: str = "POST",
    path: str = "/",
    query: str = pairs_of(PARAMETERS),
    sent_query: str = pairs_of(PARAMETERS),
    header: str = "{name}:{value}\n",
    name_of: Callable[[str], str] = str,
    value_of: Callable[[str], str] = str,
    lines: Callable[[list[str]], list[str]] = sorted,
    between: str = "\n",
    listed: Callable[[list[str]], list[str]] = sorted,
    names: str = "",
    payload: str = "",
    sent_payload: str = "",
    end: str = "",
    begins: str = "ACS3-HMAC-SHA256\n",
    hashed: Callable[[bytes], str] = sha256_hex,
    text_end: str = "",
    key: str = KEY,
    secret: str = SECRET,
    digest: Callable[[bytes, bytes], bytes] = lambda key, text: hmac.new(key, text, "sha256").digest(),
    spelled: Callable[[bytes], str] = bytes.hex,
    body: bytes = b"",
    content_type: str = "",
    stamp: str = NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
) -> Call:
    """A V3 request; each argument is a part of its signature that may be wrong."""
    headers = {
        "x-acs-version": "2020-06-06",
        "host": HOST,
        "x-acs-action": "SendChatappMessage",
        "x-acs-date": stamp,
        "x-acs-signature-nonce": "7c1",
        "x-acs-content-sha256": sent_payload or sha256_hex(body),
    } | ({"content-type": content_type} if content_type else {})
    signed = listed(list(headers))
    block = "".join(header.format(name=name_of(n), value=value_of(headers[n])) for n in lines(list(headers)))
    canonical = (
        f"{signed_method}\n{path}\n{query}\n{block}{between}{names or ';'.join(signed)}\n"
        f"{payload or sha256_hex(body)}{end}"
    )
    text = f"{begins}{hashed(canonical.encode())}{text_end}"
    signature = spelled(digest(secret.encode(), text.encode()))
    credential = f"Credential={key},SignedHeaders={';'.join(signed)},Signature={signature}"
    headers["authorization"] = f"ACS3-HMAC-SHA256 {credential}"
    return Call(method, "/", sent_query, headers, body, "")


def v1_request(
    *,
    method: str = "GET",
    signed_method: str = "GET",
    path: str = "%2F",
    in_body: bool = False,
    signed: Callable[[Mapping[str, str]], str] = pairs_of,
    sent: Callable[[Mapping[str, str]], str] = pairs_of,
    escape: Callable[[str], str] = escaped,
    text_end: str = "",
    secret: str = f"{SECRET}&",
    digest: Callable[[bytes, bytes], bytes] = lambda key, text: hmac.new(key, text, "sha1").digest(),
    spelled: Callable[[bytes], str] = lambda digest: base64.b64encode(digest).decode(),
    quoted: Callable[[str], str] = escaped,
    stamp: str = NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
    nonce: str = "7c1",
) -> Call:
    """A V1 request; each argument is a part of its signature that may be wrong."""
    parameters = {
        **PARAMETERS,
        "AccessKeyId": KEY,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": nonce,
        "Timestamp": stamp,
        "Action": "SendChatappMessage",
        "Version": "2020-06-06",
        "Format": "JSON",
    }
    text = f"{signed_method}&{path}&{escape(signed(parameters))}{text_end}"
    signature = spelled(digest(secret.encode(), text.encode()))
    raw = f"{sent(parameters)}&Signature={quoted(signature)}"
    if in_body:
        form = {name: parameters.pop(name) for name in ("Content", "To")}
        raw = f"{sent(parameters)}&Signature={quoted(signature)}"
        return Call(method, "/", raw, {"host": HOST, "content-type": FORM}, pairs_of(form).encode(), "")
    return Call(method, "/", raw, {"host": HOST}, b"", "")


def queue_request(
    *,
    signed_method: str = "GET",
    md5: str = "",
    content_type: str = "text/xml",
    date: str = "Fri, 27 Nov 2026 08:00:00 GMT",
    own: str = "x-mns-date:1\nx-mns-version:2015-06-06\n",
    target: str = "/queues/a/messages?waitseconds=3",
    text_end: str = "",
    secret: str = SECRET,
    spelled: Callable[[bytes], str] = lambda digest: base64.b64encode(digest).decode(),
    algorithm: str = "sha1",
) -> Call:
    """A request to the queues; each argument is a part of its signature that may be wrong."""
    text = f"{signed_method}\n{md5}\n{content_type}\n{date}\n{own}{target}{text_end}"
    signature = spelled(hmac.new(secret.encode(), text.encode(), algorithm).digest())
    headers = {
        "host": HOST,
        "content-type": "text/xml",
        "date": "Fri, 27 Nov 2026 08:00:00 GMT",
        "x-mns-version": "2015-06-06",
        "x-mns-date": "1",
        "authorization": f"MNS {KEY}:{signature}",
    }
    return Call("GET", "/queues/a/messages", "waitseconds=3", headers, b"", "")
