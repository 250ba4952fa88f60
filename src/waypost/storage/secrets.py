"""Encryption of secrets at rest, with a key that is kept outside the database."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waypost.storage.private_files import make_private_files

_NONCE_BYTES = 12


class SecretsError(Exception):
    """The key file cannot be used, or is not the one a secret was encrypted with."""


class SecretBox:
    """Encrypts and decrypts with AES-256-GCM.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def from_file(cls, path: Path, *, create: bool = True) -> "SecretBox":
        """Reads the key from a file; if there is none, creates one that only its owner can read.

        Args:
            create: whether it may be created: not where secrets are encrypted with one already.

        Raises:
            SecretsError: the file is not a key file, or cannot be created or read.
        """
        try:
            make_private_files(path)
            if not path.exists():
                if not create:
                    raise SecretsError(
                        f"{path}: there is no key file, and the database holds access keys whose secrets "
                        "were encrypted with one. Put it back there from your copy, or name where it is by "
                        "[store] key_file"
                    )
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    file.write(AESGCM.generate_key(256).hex() + "\n")
                    file.flush()
                    os.fsync(file.fileno())
            key = bytes.fromhex(path.read_text().strip())
        except (OSError, ValueError) as error:
            raise SecretsError(f"{path}: {error}") from None
        if len(key) != 32:
            raise SecretsError(f"{path}: holds {len(key)} bytes; a key has 32, written as 64 hex digits")
        return cls(key)

    def encrypt(self, secret: str, owner: str) -> bytes:
        """Encrypts a secret.

        Args:
            owner: what it is the secret of, such as an AccessKeyId; `decrypt` needs the same one.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def decrypt(self, encrypted: bytes, owner: str) -> str:
        """Decrypts a secret.

        Raises:
            SecretsError: it was encrypted with another key or for another owner, or is damaged.
        """
        nonce, ciphertext = encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, owner.encode()).decode()
        except InvalidTag:
            raise SecretsError(f"the secret of {owner} was encrypted with another key file") from None
