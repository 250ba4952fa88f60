"""HMAC-SHA256 with a key that is prepared once, as each call of an access key is checked with it.

It is the algorithm of RFC 2104 on the hashes of `hashlib`: copying an `hmac.HMAC` takes code of
Python that costs more than the hashing itself.
"""

import hashlib

_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class KeyedHash:
    """The keyed hash of a secret; it does not contain the secret itself."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER))
        self._outer = hashlib.sha256(block.translate(_OUTER))

    def hexdigest(self, message: bytes) -> str:
        """The HMAC of a message: 64 lower-case hexadecimal digits."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.hexdigest()
