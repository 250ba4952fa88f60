"""The signature vectors A to J: requests of official clients as captured, and what they signed.

Each file in `vectors/` has a title and the sections request, canonical, string to sign, signature. The access
key and its secret are fake.
"""

from pathlib import Path
from typing import NamedTuple

from waypost.api.authentication import prepare_key
from waypost.api.http_messages import HttpRequest
from waypost.api.request import Call
from waypost.api.signatures.checks import SigningKey

ACCESS_KEY_ID = "testAccessKeyId"
SECRET = "testAccessKeySecret"
V3 = ("a", "b", "c")
V1 = ("d", "e", "f", "g", "h", "i")
PERMANENT_KEYS = ("a", "c", "d", "e", "f", "i")
TEMPORARY_KEYS = ("b", "g", "h")


class Vector(NamedTuple):
    request: HttpRequest
    canonical: str
    string_to_sign: str
    signature: str

    @property
    def call(self) -> Call:
        return Call.from_request(self.request)


def vector(letter: str) -> Vector:
    text = (
        (Path(__file__).parent / "vectors" / f"{letter}.txt").read_text(encoding="utf-8").removesuffix("\n")
    )
    _, request, *signed = (section.partition("\n")[2] for section in text.split("\n== "))
    canonical, string_to_sign, signature = signed or ("", "", "")
    head, _, body = request.partition("\n\n")
    first, *lines = head.split("\n")
    method, target, _ = first.split(" ")
    headers = [line.split(": ", 1) if ": " in line else [line.rstrip(":"), ""] for line in lines]
    made = HttpRequest(
        method,
        "/",
        target.partition("?")[2].encode(),
        [(name.lower().encode(), value.encode()) for name, value in headers],
        "192.0.2.1",
        body=body.encode(),
    )
    return Vector(made, canonical, string_to_sign, signature)


def signing_key(access_key_id: str = ACCESS_KEY_ID, *, enabled: bool = True) -> SigningKey:
    return prepare_key(access_key_id, SECRET, enabled, owner="account 1")
