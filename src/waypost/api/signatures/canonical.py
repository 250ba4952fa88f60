"""The canonical form of parameters, which V1 and V3 sign: sorted by name, percent-encoded by RFC 3986.

Clients sign this form but may send another: Python's urllib sends a space as `+`, Java's URLEncoder also
sends `~` as `%7E` and `*` as it is, and Node does not escape `!'()*`.
"""

from urllib.parse import quote

from waypost.api.request import decoded_pairs


def sorted_query(raw: str, without: str | None = None) -> str:
    """Sorts a query string or form body, and replaces what urllib and URLEncoder write differently.

    For nearly every call this is the canonical form, at a fraction of its cost. It has the names and values
    of `raw`, so a signature over it is one over them, and a call that has one needs no other check. One that
    has none is checked by `canonical_query`.

    Args:
        raw: the parameters as sent, still encoded.
        without: the name of a parameter to omit, if any.
    """
    parts = raw.replace("+", "%20").replace("*", "%2A").replace("%7E", "~").split("&")
    if without is not None:
        parts = [part for part in parts if not part.startswith(f"{without}=")]
    parts.sort()
    return "&".join(parts)


def canonical_query(raw: str, without: str | None = None) -> str:
    """Converts a query string or form body to canonical form: decodes all names and values and encodes them.

    Equal names are sorted by their encoded value.

    Args:
        raw: the parameters as sent, still encoded.
        without: the name of a parameter to omit, if any.

    Raises:
        ApiError: InvalidParameter, if a name or value is not percent-encoded UTF-8.
    """
    encoded = sorted((name, quote(value, safe="")) for name, value in decoded_pairs(raw) if name != without)
    return "&".join([f"{quote(name, safe='')}={value}" for name, value in encoded])
