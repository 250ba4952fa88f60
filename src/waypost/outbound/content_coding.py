"""Decodes a body that was compressed although no compression was requested."""

import zlib

_UNSUPPORTED = frozenset({b"br", b"zstd"})
_ZLIB_METHOD = 8


class ContentCodingError(Exception):
    """The body is not in its declared coding, or in one that is not supported."""


def decode_content(coding: bytes, body: bytes, limit: int) -> bytes:
    """The body without its content coding; a body of an unknown coding is returned as it is.

    Args:
        coding: the value of `Content-Encoding`.
        body: the body as received, or its first part.
        limit: the length at which decoding stops, in bytes.

    Raises:
        ContentCodingError: the body cannot be decoded.

    Source: RFC 9110, section 8.4.1; some servers send `deflate` without the header of zlib.
    """
    coding = coding.lower()
    if coding in _UNSUPPORTED:
        raise ContentCodingError(coding.decode())
    if not body or coding not in (b"gzip", b"deflate"):
        return body
    decoded = b""
    try:
        # A body in gzip may have several members, each with its own header.
        while body and len(decoded) < limit:
            decoder = _decoder(coding, body[0])
            decoded += decoder.decompress(body, limit - len(decoded))
            body = decoder.unused_data
    except zlib.error as error:
        raise ContentCodingError(str(error)) from error
    # gzip's trailer only has a checksum and the length, so that a stream without it is usable.
    if coding == b"deflate" and not decoder.eof and len(decoded) < limit:
        raise ContentCodingError("the stream is cut off")
    return decoded


def _decoder(coding: bytes, first: int) -> "zlib._Decompress":
    if coding == b"gzip":
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    return zlib.decompressobj(wbits=zlib.MAX_WBITS if first & 0xF == _ZLIB_METHOD else -zlib.MAX_WBITS)
