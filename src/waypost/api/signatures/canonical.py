"""The canonical form of parameters, which V1 and V3 sign: sorted by name, percent-encoded by RFC 3986.

Clients sign this form but may send another: Python's urllib sends a space as `+`, and Node does
not escape `!'()*`.
"""

import re
from urllib.parse import quote

from waypost.api.request import decoded_pairs

_UNRESERVED = r"[A-Za-z0-9_.~\-]"
# Upper-case escapes of all bytes but the unreserved characters of RFC 3986.
_ESCAPE = r"%(?:2[0-9ABCF]|[018-9A-F][0-9A-F]|3[A-F]|40|5[BCDE]|60|7[BCDF])"
_PART = rf"{_UNRESERVED}++=(?:{_UNRESERVED}++|{_ESCAPE})*+"
_CANONICAL_BUT_ORDER = re.compile(rf"{_PART}(?:&{_PART})*+")


def canonical_query(raw: str, without: str | None = None) -> str:
    """Converts a query string or form body to canonical form.

    Equal names are sorted by their encoded value. Most calls differ from the canonical form only in their
    order and in `+` for a space, and are just sorted; the others are decoded and encoded again.

    Args:
        raw: the parameters as sent, still encoded.
        without: the name of a parameter to omit, if any.

    Raises:
        ApiError: InvalidParameter, if a name or value is not percent-encoded UTF-8.
    """
    if not raw:
        return ""
    spaced = raw.replace("+", "%20")
    if _CANONICAL_BUT_ORDER.fullmatch(spaced):
        # With \0 for =, comparing whole parts compares their names first: `To` sorts before `To.1`.
        parts = sorted(spaced.replace("=", "\0").split("&"))
        if without is not None:
            parts = [part for part in parts if not part.startswith(f"{without}\0")]
        return "&".join(parts).replace("\0", "=")
    encoded = sorted((name, quote(value, safe="")) for name, value in decoded_pairs(raw) if name != without)
    return "&".join([f"{quote(name, safe='')}={value}" for name, value in encoded])
