"""Ids that follow from what they are of: two calls that make the same thing at once make the same id."""

import hashlib

_LOWEST_OF_19_DIGITS = 10**18


def derived_id(*parts: str) -> str:
    """19 digits that follow from `parts`, as a TemplateCode has: always the same ones."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return str(_LOWEST_OF_19_DIGITS + int.from_bytes(digest[:16]) % (9 * _LOWEST_OF_19_DIGITS))
