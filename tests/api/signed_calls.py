"""Signed calls, and fakes to authenticate them: a key ring, and a nonce log that keeps everything."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote

from tests.api.vectors import ACCESS_KEY_ID, SECRET, signing_key
from waypost.api.authentication import Authenticated, authenticate
from waypost.api.nonces import NonceClaim, NonceGuard
from waypost.api.request import Call, parameters
from waypost.api.signatures.checks import SigningKey, parse_timestamp
from waypost.api.throttle import FailedSignatures

DATE = "2026-11-23T03:46:08Z"
NOW_S = parse_timestamp(DATE)


class Keys:
    def __init__(self, *keys: SigningKey) -> None:
        self.by_id = {key.access_key_id: key for key in keys}
        self.tokens: list[str] = []

    def find(self, access_key_id: str, security_token: str = "") -> SigningKey | None:
        self.tokens.append(security_token)
        return self.by_id.get(access_key_id)


class FakeNonceLog:
    """The store's nonces, as rows; `queries` are the slices of each read."""

    def __init__(self) -> None:
        self.rows: set[tuple[str, bytes, int]] = set()
        self.queries: list[tuple[int, ...]] = []

    def seen(self, access_key_id: str, digest: bytes, slices: Sequence[int]) -> bool:
        self.queries.append(tuple(slices))
        return any((access_key_id, digest, number) in self.rows for number in slices)

    def write(self, access_key_id: str, claim: NonceClaim) -> None:
        self.rows.add((access_key_id, claim.digest, claim.slice))


class Authenticator:
    """Everything that a call meets until it is known who made it."""

    def __init__(self, *keys: SigningKey, failures_per_second: int = 1000) -> None:
        self.keys = Keys(*(keys or (signing_key(),)))
        self.guard = NonceGuard(FakeNonceLog())
        self.failed = FailedSignatures(failures_per_second, now=lambda: 5.0)

    def authenticate(self, call: Call, now_s: float = NOW_S) -> Authenticated:
        return authenticate(call, parameters(call), self.keys, self.guard, self.failed, now_s)


def v3_call(
    query: str = "To=8613900000000",
    body: bytes = b"",
    *,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    without: Sequence[str] = (),
    unsigned: Sequence[str] = (),
    access_key_id: str = ACCESS_KEY_ID,
    secret: str = SECRET,
    canonical_query: str | None = None,
) -> Call:
    """Signs a call by V3 the plain way, independently of the code under test; the query is canonical."""
    sent = {
        "host": "localhost:8080",
        "x-acs-action": "SendChatappMessage",
        "x-acs-version": "2020-06-06",
        "x-acs-date": DATE,
        "x-acs-signature-nonce": "nonce-1",
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
    } | (headers or {})
    for name in without:
        del sent[name]
    signed = sorted(sent.keys() - set(unsigned))
    lines = "".join(f"{name}:{sent[name]}\n" for name in signed)
    query_signed = query if canonical_query is None else canonical_query
    canonical = (
        f"{method}\n/\n{query_signed}\n{lines}\n{';'.join(signed)}\n{sent.get('x-acs-content-sha256', '')}"
    )
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    sent["authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={access_key_id},SignedHeaders={';'.join(signed)},Signature={signature}"
    )
    return Call(method, "/", query, sent, body, "192.0.2.1")


def v1_params(**changed: str | None) -> dict[str, str]:
    params: dict[str, str | None] = {
        "Action": "SendChatappMessage",
        "Version": "2020-06-06",
        "AccessKeyId": ACCESS_KEY_ID,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": "nonce-1",
        "Timestamp": DATE,
        "To": "8613900000000",
    }
    params |= changed
    return {name: value for name, value in params.items() if value is not None}


def v1_call(params: dict[str, str], *, method: str = "GET", signed: bool = True) -> Call:
    """Signs a call by V1 the plain way, all of it in the query."""
    query = "&".join(f"{quote(name, safe='')}={quote(params[name], safe='')}" for name in sorted(params))
    text = f"{method}&%2F&{quote(query, safe='')}"
    signature = base64.b64encode(hmac.digest(f"{SECRET}&".encode(), text.encode(), "sha1")).decode()
    raw = f"{query}&Signature={quote(signature, safe='')}" if signed else query
    return Call(method, "/", raw, {"host": "localhost:8080"}, b"", "192.0.2.1")
