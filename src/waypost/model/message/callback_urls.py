"""The URLs that customers give for their receipts: what is one, and not where it leads."""

from urllib.parse import urlsplit


def url_error(text: str) -> str | None:
    """What is wrong with a URL to push to, as a sentence; None for a good one."""
    if not text.isascii() or not text.isprintable() or " " in text:
        return "it has characters that a URL cannot have."
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "it is not a URL."
    if parts.scheme not in ("http", "https"):
        return "it must begin with http:// or https://."
    if not parts.hostname or port == 0:
        return "it names no host and port that could be called."
    if parts.username is not None or parts.password is not None:
        return "it must not hold a name or a password."
    return None
