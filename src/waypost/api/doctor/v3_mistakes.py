"""The mistakes that clients make in V3 signatures."""

import hashlib
from collections.abc import Callable
from urllib.parse import quote

from waypost.api.doctor.mistakes import ANY_SCHEME, SPELLINGS, Mistake, all_sorted, form_of, other_method
from waypost.api.doctor.signing import V3Signing, hash_of, hmac_of, in_base64, sha256_of


def _query(cause: str, change: Callable[[str], str]) -> Mistake:
    return Mistake("query", cause, lambda _, signing: change(signing.query))


def _header_lines(signing: V3Signing, change: Callable[[str, str], str]) -> str:
    lines = (line.partition(":") for line in signing.headers.splitlines())
    return "".join(f"{change(name, value)}\n" for name, _, value in lines)


def _without_port(name: str, value: str) -> str:
    return f"{name}:{value.partition(':')[0] if name == 'host' else value}"


def _with_title(name: str, value: str) -> str:
    return f"{'-'.join(word.capitalize() for word in name.split('-'))}:{value}"


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


V3_MISTAKES = (
    Mistake("query", "The parameters of the query were not sorted.", lambda call, _: call.raw_query),
    Mistake(
        "query",
        "The parameters of the query were left out of the canonical request.",
        lambda call, _: "",
    ),
    Mistake(
        "query",
        "The parameters of the form body were signed as a part of the query; the body's hash signs them.",
        lambda call, _: all_sorted(call.raw_query, form_of(call)),
    ),
    Mistake("query", "The query has a ? in front.", lambda _, signing: f"?{signing.query}"),
    *(_query(cause, change) for cause, change in SPELLINGS),
    Mistake("method", "The method that was signed is not the one of the request.", other_method),
    Mistake("path", "The path is empty in the canonical request; it must be /.", lambda *_: ""),
    Mistake("path", "The path was percent-encoded; it must be /.", lambda *_: "%2F"),
    Mistake("path", "The path is left out with its line.", lambda *_: "/\n/"),
    Mistake(
        "headers",
        "host was signed without its port.",
        lambda _, signing: _header_lines(signing, _without_port),
    ),
    Mistake(
        "headers",
        "The names of headers were not written in lower case.",
        lambda _, signing: _header_lines(signing, _with_title),
    ),
    Mistake(
        "headers",
        "There is a blank between the name of a header and its value.",
        lambda _, signing: _header_lines(signing, lambda name, value: f"{name}: {value}"),
    ),
    Mistake(
        "headers",
        "The header lines are not sorted by name.",
        lambda call, signing: "".join(
            f"{name}:{call.headers[name]}\n" for name in signing.signed_headers.split(";")
        ),
    ),
    Mistake(
        "headers",
        "The header lines are sorted the other way round.",
        lambda _, signing: "".join(sorted(signing.headers.splitlines(keepends=True), reverse=True)),
    ),
    Mistake(
        "headers",
        "The values of headers were percent-encoded.",
        lambda _, signing: _header_lines(signing, lambda name, value: f"{name}:{quote(value, safe='')}"),
    ),
    Mistake("headers", "The header lines were left out.", lambda *_: ""),
    Mistake("blank", "There must be an empty line behind the header lines.", lambda *_: ""),
    Mistake(
        "blank", "There are two empty lines behind the header lines; there must be one.", lambda *_: "\n\n"
    ),
    Mistake(
        "signed_headers",
        "The names of the signed headers are sorted in the canonical request, and not in SignedHeaders.",
        lambda _, signing: ";".join(sorted(signing.signed_headers.split(";"))),
    ),
    Mistake(
        "signed_headers",
        "The names of the signed headers are joined by commas; it must be semicolons.",
        lambda _, signing: signing.signed_headers.replace(";", ","),
    ),
    Mistake("signed_headers", "The line of the signed headers' names is empty.", lambda *_: ""),
    Mistake(
        "payload_hash",
        "The hash of an empty body was signed, and not the body's.",
        lambda *_: _hash(b""),
    ),
    Mistake("payload_hash", "The body's hash is missing at the end of the canonical request.", lambda *_: ""),
    Mistake(
        "payload_hash",
        "The body itself was signed, not its hash.",
        lambda call, _: call.body.decode("utf-8", "replace"),
    ),
    Mistake(
        "payload_hash",
        "The body's hash was signed in capitals.",
        lambda _, signing: signing.payload_hash.upper(),
    ),
    Mistake(
        "payload_hash",
        "The hash of the body that came is not the one that was signed.",
        lambda call, _: _hash(call.body),
    ),
    Mistake(
        "payload_hash",
        "UNSIGNED-PAYLOAD was signed; it must be the body's hash.",
        lambda *_: "UNSIGNED-PAYLOAD",
    ),
    Mistake("end", "The canonical request has a line break at its end.", lambda *_: "\n"),
    Mistake(
        "algorithm",
        "The string to sign does not begin with ACS3-HMAC-SHA256 and a line break.",
        lambda *_: "",
    ),
    Mistake(
        "algorithm",
        "There is no line break behind ACS3-HMAC-SHA256 in the string to sign.",
        lambda *_: "ACS3-HMAC-SHA256",
    ),
    Mistake(
        "algorithm",
        "The string to sign begins with another algorithm than ACS3-HMAC-SHA256.",
        lambda *_: "HMAC-SHA256\n",
    ),
    Mistake(
        "hashed",
        "The canonical request itself was signed; it must be its hash.",
        lambda *_: lambda text: text,
    ),
    Mistake(
        "hashed",
        "The canonical request's hash was written in capitals.",
        lambda *_: lambda text: sha256_of(text).upper(),
    ),
    Mistake(
        "hashed",
        "The canonical request's hash was made of lines that end with \\r\\n.",
        lambda *_: lambda text: sha256_of(text.replace("\n", "\r\n")),
    ),
    Mistake(
        "hashed",
        "The canonical request's hash was written in base64; it must be hexadecimal digits.",
        lambda *_: lambda text: in_base64(bytes.fromhex(sha256_of(text))),
    ),
    *ANY_SCHEME,
    Mistake(
        "digest", "The signature was made by HMAC-SHA1; it must be HMAC-SHA256.", lambda *_: hmac_of("sha1")
    ),
    Mistake(
        "digest", "The signature is a hash, not an HMAC keyed by the secret.", lambda *_: hash_of("sha256")
    ),
    Mistake("spelled", "The signature is in base64; it must be hexadecimal digits.", lambda *_: in_base64),
    Mistake(
        "secret",
        "The secret has an & behind it, as in V1; V3 has none.",
        lambda _, signing: signing.secret + b"&",
    ),
)
