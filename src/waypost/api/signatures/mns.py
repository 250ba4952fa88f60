"""The signature of the queue service, HMAC-SHA1 over headers and target, in the Authorization header.

    string to sign = METHOD \\n Content-MD5 \\n Content-Type \\n Date \\n
                     each x-mns-* header, sorted, as name:value\\n
                     path?query, as sent
    Authorization  = MNS <AccessKeyId>:base64(hmac_sha1(secret, string to sign))

Source: the official client `aliyun-mns-sdk`, `mns_client.py`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

_SCHEME = "MNS "


def prepare(secret: str) -> hmac.HMAC:
    """Creates the keyed hash of a secret, to be reused for all calls of the access key."""
    return hmac.new(secret.encode(), digestmod=hashlib.sha1)


def parse_authorization(header: str) -> tuple[str, str] | None:
    """Parses an Authorization header into access key id and signature; None for another scheme."""
    access_key_id, colon, signature = header.removeprefix(_SCHEME).partition(":")
    if not header.startswith(_SCHEME) or not access_key_id or not colon or not signature:
        return None
    return access_key_id, signature


def string_to_sign(method: str, headers: Mapping[str, str], target: str) -> str:
    """Builds the string to sign.

    Args:
        headers: lower-case name to value.
        target: the path with its query, as sent.
    """
    own = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-mns-"))
    fixed = "\n".join(headers.get(name, "") for name in ("content-md5", "content-type", "date"))
    return f"{method}\n{fixed}\n{own}{target}"


def sign(key: hmac.HMAC, text: str) -> str:
    """Signs a string with a prepared key: 28 characters of base64."""
    mac = key.copy()
    mac.update(text.encode())
    return base64.b64encode(mac.digest()).decode()
