"""Encryption of secrets at rest, with keys that are kept outside the database."""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waypost.storage.key_file import KeyFile, SecretsError

__all__ = ["SecretBox", "SecretsError"]

_NONCE_BYTES = 12


class SecretBox:
    """Encrypts and decrypts with AES-256-GCM.

    Args:
        keys: 32 bytes each; the first encrypts, and all are tried to decrypt.
        key_file: where they came from; it is read again when it has changed, since `waypost db rotate-key`
            replaces keys while the service runs.

    Attributes:
        generation: how often other keys came into use.
    """

    def __init__(self, *keys: bytes, key_file: KeyFile | None = None) -> None:
        self._key_file = key_file
        self.generation = 0
        self._use(keys)

    @classmethod
    def from_file(cls, path: Path, *, create: bool = True) -> "SecretBox":
        """Reads the keys from a file; if there is none, creates one that only its owner can read.

        Args:
            create: whether it may be created: not where secrets are encrypted with one already.

        Raises:
            SecretsError: the file is not a key file, or cannot be created or read.
        """
        key_file = KeyFile.open(path, create=create)
        return cls(*key_file.keys, key_file=key_file)

    def _use(self, keys: Sequence[bytes]) -> None:
        self._ciphers = [AESGCM(key) for key in keys]

    def refresh(self) -> bool:
        """Uses the keys that the file has now; returns whether it was changed."""
        if self._key_file is None or not self._key_file.refresh():
            return False
        self._use(self._key_file.keys)
        self.generation += 1
        return True

    def encrypt(self, secret: str, owner: str) -> bytes:
        """Encrypts a secret.

        Args:
            owner: what it is the secret of, such as an AccessKeyId; `decrypt` needs the same one.
        """
        self.refresh()
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, secret.encode(), owner.encode())

    def decrypt(self, encrypted: bytes, owner: str) -> str:
        """Decrypts a secret.

        Raises:
            SecretsError: it was encrypted with another key or for another owner, or is damaged.
        """
        secret = self._decrypted(encrypted, owner)
        if secret is None and self.refresh():
            secret = self._decrypted(encrypted, owner)
        if secret is None:
            raise SecretsError(f"the secret of {owner} was encrypted with another key file")
        return secret

    def is_current(self, encrypted: bytes, owner: str) -> bool:
        """Whether a secret was encrypted with the first key."""
        return _decrypted_by(self._ciphers[0], encrypted, owner) is not None

    def _decrypted(self, encrypted: bytes, owner: str) -> str | None:
        for cipher in self._ciphers:
            secret = _decrypted_by(cipher, encrypted, owner)
            if secret is not None:
                return secret
        return None


def _decrypted_by(cipher: AESGCM, encrypted: bytes, owner: str) -> str | None:
    nonce, ciphertext = encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:]
    try:
        return cipher.decrypt(nonce, ciphertext, owner.encode()).decode()
    except InvalidTag:
        return None
