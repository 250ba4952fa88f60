"""Large requests of people who have no key, one after the other."""

import time
from urllib.parse import quote

from tests.attacks.attackers import answer_of, attack
from tests.attacks.harness import attacked_sandbox

_HEAD = "POST /{target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
_CONTENTS = ("%41=%42&", "a=b&", "%41", "+", "'", "%0A\n", "=", "%C3%A9")
_MEGABYTE = 1024 * 1024


def _requests(content: str) -> list[bytes]:
    """A megabyte of that in every place of a call of a known key, and of other paths."""
    now = time.gmtime()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", now)
    v1 = (
        "AccessKeyId=sandbox&Action=SendChatappMassMessage&Version=2020-06-06&Signature=x&SignatureNonce=n"
        f"&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&Timestamp={quote(stamp)}&"
    )
    v3 = (
        "x-acs-action: SendChatappMassMessage\r\nx-acs-version: 2020-06-06\r\nx-acs-content-sha256: 0\r\n"
        f"x-acs-date: {stamp}\r\nAuthorization: ACS3-HMAC-SHA256 Credential=sandbox,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-version,Signature=0\r\n"
    )
    text = (content * _MEGABYTE)[: _MEGABYTE - 2048]
    line = text.replace("\n", "")
    mns = f"Authorization: MNS sandbox:x\r\nDate: {time.strftime('%a, %d %b %Y %H:%M:%S GMT', now)}\r\n"
    return [
        *(_request(f"?{v1}{line}", headers) for headers in ("", v3)),
        *(_request("", headers + _FORM, v1 + text) for headers in ("", v3)),
        *(_request(f"?{v1}", headers, text) for headers in ("", v3)),
        _request(f"queues/{line}", mns),
        _request(f"queues?{line}", mns),
        _request("queues", mns, text),
        _request(f"receipts/sandbox-sms/{line}"),
        _request(f"receipts/sandbox-sms/x?{line}", "", text),
        _request(f"errors?{line}").replace(b"POST", b"GET", 1),
        _request("openapi.json").replace(b"POST", b"GET", 1),
        _request("", f"Authorization: ACS3-HMAC-SHA256 {line}\r\n"),
        _request("", f"x-acs-security-token: CAIS{'A' * _MEGABYTE}"[: _MEGABYTE - 4096] + "\r\n" + v3),
    ]


def _request(target: str, headers: str = "", body: str = "") -> bytes:
    return (_HEAD.format(target=target, headers=headers, length=len(body)) + body).encode()


def test_large_requests_without_a_key() -> None:
    with attacked_sandbox() as attacked, attacked.measured():
        for content in _CONTENTS:
            for request in _requests(content):
                with attack(attacked.running.port) as connection:
                    answer = answer_of(connection, request)
                assert answer, request[:200]
                is_page = b"openapi" in request[:100] or b"errors?" in request[:100]
                assert int(answer.split()[1]) < 500, answer[:3000]
                assert is_page or len(answer) < 3000, answer[:3000]
