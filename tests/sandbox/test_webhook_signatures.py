"""The proofs on webhooks, against published vectors and values that OpenSSL computed."""

import base64

import pytest

from waypost.sandbox.webhook_signatures import line_signer, meta_signer, telegram_signer

# RFC 4231, section 4.3 (test case 2): key, data, HMAC-SHA-256.
JEFE = ("Jefe", b"what do ya want for nothing?")
JEFE_DIGEST = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
# printf '' | openssl dgst -sha256 -hmac sandbox-app-secret
EMPTY_DIGEST = "f73aa331dccaef075c5d381ab23781c0e17f69f35487ea45548705d4a5012e55"
# printf '{"text":"\xe4\xbd\xa0\xe5\xa5\xbd"}' | openssl dgst -sha256 -hmac sandbox-app-secret
CHINESE_DIGEST = "32bc9ffee4450ac9733498af5db0b62251595f9be9291cec66f567091839c7ff"

ROWS = [
    (*JEFE, JEFE_DIGEST),
    ("sandbox-app-secret", b"", EMPTY_DIGEST),
    ("sandbox-app-secret", '{"text":"你好"}'.encode(), CHINESE_DIGEST),
]


@pytest.mark.parametrize(("secret", "body", "digest"), ROWS)
def test_meta_signs_in_hexadecimal(secret: str, body: bytes, digest: str) -> None:
    assert meta_signer(secret)(body) == {"X-Hub-Signature-256": f"sha256={digest}"}


@pytest.mark.parametrize(("secret", "body", "digest"), ROWS)
def test_line_signs_in_base64(secret: str, body: bytes, digest: str) -> None:
    assert line_signer(secret)(body) == {"x-line-signature": base64.b64encode(bytes.fromhex(digest)).decode()}


def test_telegram_shows_its_secret_whatever_the_body() -> None:
    signer = telegram_signer("sandbox-token")
    shown = {"X-Telegram-Bot-Api-Secret-Token": "sandbox-token"}
    assert signer(b"") == signer(b'{"update_id":1}') == shown


@pytest.mark.parametrize("signer", [meta_signer, line_signer])
def test_another_byte_or_another_secret_is_another_signature(signer: object) -> None:
    assert callable(signer)
    signatures = {
        tuple(signer(secret)(body).items()) for secret in ("one", "two") for body in (b"{}", b"{} ", b"[]")
    }
    assert len(signatures) == 6
