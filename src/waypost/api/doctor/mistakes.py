"""A mistake that clients make in a signature, and those that every scheme knows."""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, quote_plus

from waypost.api.doctor.signing import Signing, V1Signing, V3Signing, hmac_of, in_hex
from waypost.api.request import Call


class Mistake(NamedTuple):
    """One mistake. Two of one part are not tried together.

    Attributes:
        part: the part of the signing that it changes.
        cause: what is wrong and what is right, as a sentence.
        value: the part as the client has it, made of the call and of the right signing.
    """

    part: str
    cause: str
    value: Callable[[Call, Any], object]

    def applied(self, call: Call, signing: Signing) -> Signing:
        """The signing with this mistake."""
        parts: Any = {self.part: self.value(call, signing)}
        changed: Signing = signing._replace(**parts)
        return changed


HEX = re.compile("%[0-9A-F]{2}")
_SECRETS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("The secret has a line break at its end; read it without.", lambda secret: secret + b"\n"),
    ("The secret has a carriage return and a line break at its end.", lambda secret: secret + b"\r\n"),
    ("The secret has a blank at its end.", lambda secret: secret + b" "),
    ("The secret has a blank at its beginning.", lambda secret: b" " + secret),
    ("The secret stands in double quotes.", lambda secret: b'"' + secret + b'"'),
    ("The secret stands in single quotes.", lambda secret: b"'" + secret + b"'"),
    ("The secret was written in lower case.", lambda secret: secret.lower()),
    ("The secret is empty.", lambda _: b""),
    (
        "The hash of the secret was used, not the secret.",
        lambda secret: hashlib.sha256(secret).hexdigest().encode(),
    ),
)


def secret_mistakes(access_key_id: str, end: bytes = b"") -> Iterator[Mistake]:
    """Mistakes in the secret, which every scheme has.

    Args:
        end: what a scheme puts behind the secret.
    """
    for cause, change in _SECRETS:
        yield _of_secret(cause, change, end)
    yield _of_secret("The AccessKeyId was used as the secret.", lambda _: access_key_id.encode(), end)


def _of_secret(cause: str, change: Callable[[bytes], bytes], end: bytes) -> Mistake:
    return Mistake("secret", cause, lambda _, signing: change(signing.secret.removesuffix(end)) + end)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _spelled(query: str, quoted: Callable[[str], str]) -> str:
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in _pairs(query))


def form_of(call: Call) -> str:
    """The form body as sent; empty for a body of another type."""
    is_form = call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return call.body.decode("utf-8", "replace") if is_form else ""


def all_sorted(*raw: str) -> str:
    """Parameters as sent, in canonical form."""
    pairs = sorted((quote(n, safe=""), quote(v, safe="")) for part in raw for n, v in _pairs(part))
    return "&".join(f"{name}={value}" for name, value in pairs)


SPELLINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("A blank was written as +; it must be %20.", lambda query: query.replace("%20", "+")),
    ("A * was left as it is; it must be %2A.", lambda query: query.replace("%2A", "*")),
    ("A ~ was written as %7E; it must stay as it is.", lambda query: query.replace("~", "%7E")),
    (
        "Blanks were written as +, * was left as it is, and ~ was written as %7E (as URLEncoder does); they "
        "must be %20, %2A and ~.",
        lambda query: query.replace("%20", "+").replace("%2A", "*").replace("~", "%7E"),
    ),
    (
        "Percent-encoding has lower-case digits; they must be upper case.",
        lambda query: HEX.sub(lambda m: m[0].lower(), query),
    ),
    ("Names and values were not percent-encoded.", lambda query: _spelled(query, lambda text: text)),
    ("A / was left as it is; it must be %2F.", lambda query: query.replace("%2F", "/")),
    ("A : was left as it is; it must be %3A.", lambda query: query.replace("%3A", ":")),
    (
        "The characters !'()* were left as they are (as encodeURIComponent does); they must be "
        "percent-encoded.",
        lambda query: _spelled(query, lambda text: quote(text, safe="!'()*")),
    ),
    (
        "Names and values were percent-encoded twice.",
        lambda query: _spelled(query, lambda text: quote(quote(text, safe=""), safe="")),
    ),
    (
        "Parameters with an empty value were left out.",
        lambda query: "&".join(part for part in query.split("&") if not part.endswith("=")),
    ),
    (
        "Parameters with an empty value were written without =.",
        lambda query: "&".join(part.removesuffix("=") for part in query.split("&")),
    ),
    (
        "The parameters were sorted without regard to case; capitals come first.",
        lambda query: "&".join(sorted(query.split("&"), key=str.lower)),
    ),
    (
        "The parameters were sorted the other way round.",
        lambda query: "&".join(sorted(query.split("&"), reverse=True)),
    ),
    ("Blanks were written as +, and the rest as quote_plus does.", lambda query: _spelled(query, quote_plus)),
)


def other_method(_: Call, signing: V3Signing | V1Signing) -> str:
    """The method that a request of a client mostly has if it is not this one."""
    return "GET" if signing.method == "POST" else "POST"


ANY_SCHEME = (
    Mistake("method", "The method was written in lower case.", lambda _, signing: signing.method.lower()),
    Mistake("text_end", "The string to sign has a line break at its end.", lambda *_: "\n"),
)
"""What can be wrong in the same way in every scheme."""

SHA1_SCHEMES = (
    Mistake(
        "digest", "The signature was made by HMAC-SHA256; it must be HMAC-SHA1.", lambda *_: hmac_of("sha256")
    ),
    Mistake("spelled", "The signature is in hexadecimal digits; it must be base64.", lambda *_: in_hex),
)
"""The same of V1 and of the queues."""
