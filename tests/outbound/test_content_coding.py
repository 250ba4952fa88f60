"""A body that was compressed without a request for it is decoded within the bound."""

import gzip
import zlib

import pytest

from waypost.outbound.content_coding import ContentCodingError, decode_content

LIMIT = 1000
BODY = b'{"status":0}'


def raw_deflate(data: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return encoder.compress(data) + encoder.flush()


DECODED: dict[str, tuple[bytes, bytes, bytes]] = {
    "gzip": (b"gzip", gzip.compress(BODY), BODY),
    "in capitals": (b"GZIP", gzip.compress(BODY), BODY),
    "two members": (b"gzip", gzip.compress(BODY) * 2, BODY * 2),
    "gzip without its trailer": (b"gzip", gzip.compress(BODY)[:-8], BODY),
    "deflate": (b"deflate", zlib.compress(BODY), BODY),
    "deflate without the header of zlib": (b"deflate", raw_deflate(BODY), BODY),
    "nothing": (b"gzip", b"", b""),
    "identity": (b"identity", BODY, BODY),
    "unknown": (b"x-own", BODY, BODY),
    "a bomb": (b"gzip", gzip.compress(b"x" * 10_000_000), b"x" * LIMIT),
    "a bomb of members": (b"gzip", gzip.compress(b"x" * 400) * 5, b"x" * LIMIT),
    "the first part of a long body": (b"deflate", zlib.compress(b"x" * 10_000_000)[:5000], b"x" * LIMIT),
}


@pytest.mark.parametrize(("coding", "body", "decoded"), DECODED.values(), ids=DECODED)
def test_decoded(coding: bytes, body: bytes, decoded: bytes) -> None:
    assert decode_content(coding, body, LIMIT) == decoded


REFUSED: dict[str, tuple[bytes, bytes]] = {
    "not gzip": (b"gzip", b"abc"),
    "gzip and more": (b"gzip", gzip.compress(BODY) + b"abc"),
    "a wrong checksum": (b"gzip", gzip.compress(BODY)[:-8] + bytes(8)),
    "not deflate": (b"deflate", b"\xff\xff\xff"),
    "deflate that is cut off": (b"deflate", zlib.compress(BODY)[:-6]),
    "br": (b"br", b"abc"),
    "zstd": (b"zstd", b"abc"),
}


@pytest.mark.parametrize(("coding", "body"), REFUSED.values(), ids=REFUSED)
def test_not_decodable(coding: bytes, body: bytes) -> None:
    with pytest.raises(ContentCodingError):
        decode_content(coding, body, LIMIT)
