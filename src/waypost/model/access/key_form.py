"""The form of access keys that somebody brings along: what an AccessKeyId and its secret may consist of."""

import re

KEY_ID = "3 to 64 letters, digits, '.', '_' and '-', and does not begin with STS."
"""What an AccessKeyId has, as a sentence goes on with it."""
KEY_SECRET = "8 to 128 characters of ASCII without spaces"
"""What a secret has, as a sentence goes on with it."""

_ID = re.compile(r"[A-Za-z0-9._-]{3,64}")
_SECRET = re.compile(r"[!-~]{8,128}")


def is_key_id(text: str) -> bool:
    """Whether a text can be an AccessKeyId. Those that begin with STS. are of temporary credentials."""
    return _ID.fullmatch(text) is not None and not text.startswith("STS.")


def is_key_secret(text: str) -> bool:
    """Whether a text can be the secret of an access key."""
    return _SECRET.fullmatch(text) is not None
