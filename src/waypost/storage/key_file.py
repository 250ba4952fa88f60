"""The file of the keys that encrypt secrets: one a line, as hex digits; the first encrypts, all decrypt."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from waypost.storage.private_files import make_private_files

_KEY_BYTES = 32


class SecretsError(Exception):
    """The key file cannot be used, or is not the one a secret was encrypted with."""


class _Version(NamedTuple):
    inode: int
    size: int
    changed_ns: int


class KeyFile:
    """A key file.

    Attributes:
        keys: those that were read last, 32 bytes each.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version = _version(path)
        self.keys = _read(path)

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> "KeyFile":
        """Reads a file; if there is none, creates one with a new key that only its owner can read.

        Args:
            create: whether it may be created: not where secrets are encrypted with one already.

        Raises:
            SecretsError: the file is not a key file, or cannot be created or read.
        """
        make_private_files(path)
        try:
            if not path.exists():
                if not create:
                    raise SecretsError(
                        f"{path}: there is no key file, and the database holds access keys whose secrets "
                        "were encrypted with one. Put it back there from your copy, or name where it is by "
                        "[store] key_file"
                    )
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, [new_key()])
        except OSError as error:
            raise SecretsError(f"{path}: {error}") from None
        return cls(path)

    def refresh(self) -> bool:
        """Reads the file again if it was changed; whether it was. One that cannot be read changes nothing."""
        version = _version(self.path)
        if version is None or version == self._version:
            return False
        try:
            self.keys = _read(self.path)
        except SecretsError:
            return False
        self._version = version
        return True

    def replace(self, keys: Sequence[bytes]) -> None:
        """Replaces the file by one with other keys; a crash leaves the old one or the new one.

        Raises:
            SecretsError: it cannot be written.
        """
        beside = self.path.with_name(f"{self.path.name}.new")
        try:
            beside.unlink(missing_ok=True)
            _write(beside, keys)
            os.replace(beside, self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise SecretsError(f"{self.path}: {error}") from None
        self.keys = tuple(keys)
        self._version = _version(self.path)


def new_key() -> bytes:
    """A new key."""
    return secrets.token_bytes(_KEY_BYTES)


def _write(path: Path, keys: Sequence[bytes]) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{key.hex()}\n" for key in keys)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> tuple[bytes, ...]:
    """The keys of a file; at least one.

    Raises:
        SecretsError: it is not a key file, or cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split() or [""]
        keys = tuple(map(bytes.fromhex, lines))
    except (OSError, ValueError) as error:
        raise SecretsError(f"{path}: {error}") from None
    for key in keys:
        if len(key) != _KEY_BYTES:
            raise SecretsError(f"{path}: holds {len(key)} bytes; a key has 32, written as 64 hex digits")
    return keys


def _version(path: Path) -> _Version | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _Version(found.st_ino, found.st_size, found.st_mtime_ns)
