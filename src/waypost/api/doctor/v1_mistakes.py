"""The mistakes that clients make in V1 signatures."""

from collections.abc import Callable
from urllib.parse import quote_plus

from waypost.api.doctor.mistakes import (
    ANY_SCHEME,
    HEX,
    SHA1_SCHEMES,
    SPELLINGS,
    Mistake,
    all_sorted,
    form_of,
    other_method,
)
from waypost.api.doctor.signing import hash_of


def _spelling(cause: str, change: Callable[[str], str]) -> Mistake:
    return Mistake("parameters", cause, lambda _, signing: change(signing.parameters))


def _unescaped(text: str) -> str:
    return text


V1_MISTAKES = (
    Mistake(
        "parameters",
        "The parameters of the form body were not signed.",
        lambda call, _: _without_signature(all_sorted(call.raw_query)),
    ),
    Mistake(
        "parameters",
        "The parameters of the query were not signed.",
        lambda call, _: _without_signature(all_sorted(form_of(call))),
    ),
    Mistake(
        "parameters",
        "The parameters were not sorted.",
        lambda call, _: "&".join(
            part for part in call.raw_query.split("&") if not part.startswith("Signature=")
        ),
    ),
    *(_spelling(cause, change) for cause, change in SPELLINGS),
    Mistake("method", "The method that was signed is not the one of the request.", other_method),
    Mistake("path", "The / in the string to sign must be written as %2F.", lambda *_: "/"),
    Mistake(
        "path", "The path in the string to sign is %252F; it is encoded once, to %2F.", lambda *_: "%252F"
    ),
    Mistake(
        "escaped",
        "The parameters must be percent-encoded once more in the string to sign.",
        lambda *_: _unescaped,
    ),
    Mistake(
        "escaped",
        "The parameters were percent-encoded by quote_plus in the string to sign.",
        lambda *_: quote_plus,
    ),
    Mistake(
        "escaped",
        "In the string to sign percent-encoding has lower-case digits; they must be upper case.",
        lambda _, signing: lambda text: HEX.sub(lambda match: match[0].lower(), signing.escaped(text)),
    ),
    *ANY_SCHEME,
    Mistake(
        "digest", "The signature is a hash, not an HMAC keyed by the secret.", lambda *_: hash_of("sha1")
    ),
    *SHA1_SCHEMES,
    Mistake(
        "secret",
        "V1 signs with the secret and an & behind it; the & is missing.",
        lambda _, signing: signing.secret[:-1],
    ),
)


def _without_signature(parameters: str) -> str:
    return "&".join(part for part in parameters.split("&") if not part.startswith("Signature="))
