"""Ids derived from names: two concurrent calls that create the same object derive the same id."""

import hashlib

_LOWEST_OF_19_DIGITS = 10**18


def derived_id(*parts: str) -> str:
    """Hashes `parts` to 19 digits, the form of a TemplateCode; equal parts give equal ids."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return str(_LOWEST_OF_19_DIGITS + int.from_bytes(digest[:16]) % (9 * _LOWEST_OF_19_DIGITS))
