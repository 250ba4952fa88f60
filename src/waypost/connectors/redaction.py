"""Removes credentials from what a provider answers, before the operator reads it.

A gateway's error page may repeat the whole request: its URL, its headers and the text of the message.
"""

import html
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, urlsplit

import msgspec

REDACTED = "***"
MAX_TEXT_LENGTH = 200
"""How much of an answer is kept, in characters."""

# Shorter ones may be part of any word; they are only looked for as whole words.
_SHORT = 6
_NAMES = (
    r"[\w-]{0,40}?(?:pass(?:word|wd|phrase)?|pwd|user(?:name)?|secret|api_?-?key|authorization|credentials?)"
    r"|(?:(?:access|auth|verify|refresh|bearer|app|bot|page|secret)[_-]?)?token|auth|sig(?:nature)?"
)
_NAMED = re.compile(rf"""(?i)(["']?\b(?:{_NAMES})["']?\s*(?:=|:|%3D)\s*["']?)[^\s"'&<>,;}}]+""")
_SCHEME = re.compile(r"(?i)\b(bearer|basic|digest)\s+[\w.~+/=-]+")
_BOT_TOKEN = re.compile(r"\b\d{6,}(?::|%3A)[\w-]{20,}")
_QUERY = re.compile(r"(?i)(https?://[^\s?\"'<>]*\?)[^\s\"'<>]+")
_SPACE = re.compile(r"\s+")
_USER_INFO = re.compile(r"(?i)(https?://)[^\s/@\"'<>]+@")


class Redaction:
    """Replaces secrets by `***`, however they are escaped, and whatever is named like one.

    Args:
        secrets: the credentials that a provider may repeat.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = _pattern(secrets)

    def apply(self, text: str, more: Iterable[str] = ()) -> str:
        """The text without secrets, as one line of at most 200 characters.

        Args:
            more: further secrets of this text.
        """
        for pattern in (self._secrets, _pattern(more)):
            if pattern is not None:
                text = pattern.sub(REDACTED, text)
        text = _USER_INFO.sub(rf"\1{REDACTED}@", text)
        text = _QUERY.sub(rf"\1{REDACTED}", text)
        text = _SCHEME.sub(rf"\1 {REDACTED}", text)
        text = _BOT_TOKEN.sub(REDACTED, text)
        text = _NAMED.sub(rf"\1{REDACTED}", text)
        return _SPACE.sub(" ", text)[:MAX_TEXT_LENGTH]


def secrets_of_url(url: str) -> list[str]:
    """The user, the password and the query of a URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    return [part for part in (parts.username, parts.password, parts.query) if part]


def _pattern(secrets: Iterable[str]) -> re.Pattern[str] | None:
    forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
    if not forms:
        return None
    return re.compile("|".join(map(_literal, forms)), re.IGNORECASE)


def _forms(secret: str) -> set[str]:
    if not secret:
        return set()
    escaped = msgspec.json.encode(secret).decode()[1:-1]
    return {
        secret,
        escaped,
        escaped.replace("/", "\\/"),
        html.escape(secret),
        quote(secret),
        quote(secret, safe=""),
        quote(quote(secret, safe=""), safe=""),
        quote_plus(secret),
    }


def _literal(form: str) -> str:
    literal = re.escape(form)
    return rf"(?<!\w){literal}(?!\w)" if len(form) < _SHORT else literal
