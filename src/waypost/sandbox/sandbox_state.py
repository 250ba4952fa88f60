"""A sandbox as a value: one JSON that another sandbox, of another process too, goes on from.

The two databases are in it as SQLite's own images, not as rows: whatever a table or column is added for is in
them by itself, and so are the journal, what was claimed in it, and the ids that are used up. They are small
once compressed. Everything else that a sandbox has is in memory, and is here by name.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from waypost.config.settings import AccountSettings
from waypost.model.identifiers import AccountId
from waypost.sandbox.calls import Call
from waypost.sandbox.disruptions import DisruptionState, InvalidDisruptionError
from waypost.sandbox.fixture import SEED
from waypost.sandbox.seed import SandboxKey, Seed
from waypost.storage.database_image import DamagedImageError, check_image, write_image
from waypost.storage.migrations import HEAD
from waypost.storage.private_files import create_private_file

FORMAT = "waypost-sandbox-state"
DATABASE, PHONES, KEY, CLOCK = "waypost.db", "world.db", "secret.key", "clock.json"
"""The files of a sandbox's data folder."""

# What a state may unfold to, so that a small file cannot fill the process.
_LONGEST = 1 << 30
# The last millisecond of the year 9999.
_LATEST = 253_402_300_799_999
_KEYS = re.compile(r"([0-9a-f]{64}\n)+")


class UnusableStateError(Exception):
    """A text is no state that this sandbox can go on from; the text says why, and nothing was changed."""


class SeedState(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A seed of one's own."""

    accounts: dict[str, AccountSettings]
    keys: list[SandboxKey]
    replaced: list[str]


class SandboxState(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A sandbox.

    Attributes:
        format: names the form.
        schema: the migration of the database, which must be that of the Waypost that loads it.
        about: what there is, for people who look at it; it is not read.
        now: the sandbox's time, milliseconds UTC, at which it goes on.
        seed: what it began with, and goes back to by a reset; None for the documented accounts.
        key: of the secrets in the database; it protects nothing beyond this sandbox.
        database, phones, calls: the two databases and the calls, compressed, in base64.
        disruptions: what goes wrong.
        retry_keys: the keys by which providers know a message again, by channel: to its token.
        next_ids: the ids that are chosen for what calls make next, by kind.
    """

    format: str
    schema: str
    about: dict[str, Any]
    now: int
    seed: SeedState | None
    key: str
    database: str
    phones: str
    calls: str
    disruptions: DisruptionState
    retry_keys: dict[str, dict[str, str]]
    next_ids: dict[str, list[str]]

    def check(self) -> None:
        """Checks what a type cannot say.

        Raises:
            UnusableStateError: the clock, the key or what goes wrong cannot be.
        """
        if not 0 <= self.now <= _LATEST:
            raise UnusableStateError("the state is damaged: its clock is not within the years 1970 to 9999")
        if not _KEYS.fullmatch(self.key):
            raise UnusableStateError("the state is damaged: its key is none")
        try:
            for disruption in (
                *self.disruptions.calls,
                *self.disruptions.providers,
                *self.disruptions.callbacks,
            ):
                disruption.check()
        except InvalidDisruptionError as error:
            raise UnusableStateError(f"the state is damaged: of its disruptions, {error}") from None

    def listed_calls(self) -> list[Call]:
        """The calls that it had."""
        return msgspec.json.decode(unpacked(self.calls), type=list[Call])

    def as_seed(self) -> Seed:
        """The seed that it began with."""
        if self.seed is None:
            return SEED
        accounts: Mapping[AccountId, AccountSettings] = {
            AccountId(id_): account for id_, account in self.seed.accounts.items()
        }
        return Seed(accounts, self.seed.keys, replaced=self.seed.replaced)

    def write(self, folder: Path, real_now: int) -> None:
        """Writes the files of a sandbox that goes on from it.

        Args:
            real_now: real time, milliseconds UTC.
        """
        write_image(folder / DATABASE, unpacked(self.database))
        write_image(folder / PHONES, unpacked(self.phones))
        for name, text in ((KEY, self.key), (CLOCK, json.dumps({"offset": self.now - real_now}))):
            (folder / name).unlink(missing_ok=True)
            create_private_file(folder / name)
            (folder / name).write_text(text, encoding="utf-8")


def seed_state(seed: Seed) -> SeedState | None:
    """A seed as a part of a state; None for the documented accounts."""
    if seed is SEED:
        return None
    accounts = {str(id_): account for id_, account in seed.accounts.items()}
    return SeedState(accounts=accounts, keys=list(seed.keys), replaced=list(seed.replaced))


def packed(data: bytes) -> str:
    """Bytes as a compressed text."""
    return base64.b64encode(zlib.compress(data, 6)).decode()


def unpacked(text: str) -> bytes:
    """The bytes of a compressed text.

    Raises:
        UnusableStateError: it is none, or unfolds to more than may be.
    """
    try:
        decompressor = zlib.decompressobj()
        data = decompressor.decompress(base64.b64decode(text, validate=True), _LONGEST)
    except (binascii.Error, zlib.error, ValueError):
        raise UnusableStateError("the state is damaged: a part of it cannot be unfolded") from None
    if not decompressor.eof:
        raise UnusableStateError("the state is damaged: a part of it is cut off, or longer than may be")
    return data


def read_state(text: bytes) -> SandboxState:
    """The state in a text, once it is known that a sandbox can go on from it.

    Raises:
        UnusableStateError: it cannot.
    """
    try:
        head = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        if bytes(head.get("format", b"")) != msgspec.json.encode(FORMAT):
            raise UnusableStateError(f"this is no state of a sandbox: its format is not {FORMAT}")
        schema = msgspec.json.decode(head.get("schema", msgspec.Raw(b'""')), type=str)
        if schema != HEAD:
            raise UnusableStateError(
                f"the state has the schema {schema!r}, this Waypost has {HEAD!r}: load it with the version "
                "that wrote it"
            )
        state = msgspec.json.decode(text, type=SandboxState)
        state.listed_calls()
        state.check()
        if check_image(unpacked(state.database)) != HEAD:
            raise UnusableStateError("the state is damaged: its database is not of the schema that it names")
        check_image(unpacked(state.phones))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnusableStateError(f"this is no state of a sandbox: {error}") from None
    except DamagedImageError:
        raise UnusableStateError("the state is damaged: a database in it cannot be read") from None
    return state
