"""How a signature is computed, step by step, with each part exchangeable: a mistake is another part."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import NamedTuple

Digest = Callable[[bytes, bytes], bytes]
"""Key and text to a digest."""


def hmac_of(algorithm: str) -> Digest:
    """A keyed hash."""
    return lambda key, text: hmac.new(key, text, algorithm).digest()


def hash_of(algorithm: str) -> Digest:
    """A hash over key and text, which is no keyed hash."""
    return lambda key, text: hashlib.new(algorithm, key + text).digest()


def in_hex(digest: bytes) -> str:
    """A digest in lower-case hexadecimal digits."""
    return digest.hex()


def in_base64(digest: bytes) -> str:
    """A digest in base64."""
    return base64.b64encode(digest).decode()


def sha256_of(text: str) -> str:
    """The SHA-256 hash of a text, in lower-case hexadecimal digits."""
    return hashlib.sha256(encoded_text(text)).hexdigest()


def encoded_text(text: str) -> bytes:
    """A text as it is signed; bytes of a query that are no text are themselves."""
    return text.encode("utf-8", "surrogateescape")


class V3Signing(NamedTuple):
    """The V3 signature, part by part.

    Attributes:
        headers: a line for each signed header, with its end.
        blank: what stands between the header lines and the names of the signed headers.
        end: what follows the hash of the body.
        hashed: how the canonical request stands in the string to sign.
        text_end: what follows that.
    """

    method: str
    query: str
    headers: str
    signed_headers: str
    payload_hash: str
    secret: bytes
    path: str = "/"
    blank: str = "\n"
    end: str = ""
    algorithm: str = "ACS3-HMAC-SHA256\n"
    hashed: Callable[[str], str] = sha256_of
    text_end: str = ""
    digest: Digest = hmac_of("sha256")
    spelled: Callable[[bytes], str] = in_hex

    @property
    def canonical(self) -> str:
        """The canonical request."""
        beginning = f"{self.method}\n{self.path}\n{self.query}\n{self.headers}{self.blank}"
        return f"{beginning}{self.signed_headers}\n{self.payload_hash}{self.end}"

    @property
    def text(self) -> str:
        """The string to sign."""
        return f"{self.algorithm}{self.hashed(self.canonical)}{self.text_end}"

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The canonical request and the string to sign."""
        return [("canonical request", self.canonical), ("string to sign", self.text)]

    @property
    def signature(self) -> str:
        """The signature."""
        return self.spelled(self.digest(self.secret, encoded_text(self.text)))


class V1Signing(NamedTuple):
    """The V1 signature, part by part.

    Attributes:
        parameters: the canonical parameters.
        escaped: how they stand in the string to sign.
    """

    method: str
    parameters: str
    escaped: Callable[[str], str]
    secret: bytes
    path: str = "%2F"
    text_end: str = ""
    digest: Digest = hmac_of("sha1")
    spelled: Callable[[bytes], str] = in_base64

    @property
    def text(self) -> str:
        """The string to sign."""
        return f"{self.method}&{self.path}&{self.escaped(self.parameters)}{self.text_end}"

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The canonical parameters and the string to sign."""
        return [("canonical parameters", self.parameters), ("string to sign", self.text)]

    @property
    def signature(self) -> str:
        """The signature."""
        return self.spelled(self.digest(self.secret, encoded_text(self.text)))


class QueueSigning(NamedTuple):
    """The signature of the queue service, part by part.

    Attributes:
        headers: a line for each header that begins with `x-mns-`, with its end.
    """

    method: str
    md5: str
    content_type: str
    date: str
    headers: str
    target: str
    secret: bytes
    text_end: str = ""
    digest: Digest = hmac_of("sha1")
    spelled: Callable[[bytes], str] = in_base64

    @property
    def text(self) -> str:
        """The string to sign."""
        fixed = f"{self.method}\n{self.md5}\n{self.content_type}\n{self.date}\n"
        return f"{fixed}{self.headers}{self.target}{self.text_end}"

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The string to sign."""
        return [("string to sign", self.text)]

    @property
    def signature(self) -> str:
        """The signature."""
        return self.spelled(self.digest(self.secret, encoded_text(self.text)))


Signing = V3Signing | V1Signing | QueueSigning
"""A way to sign a call."""
