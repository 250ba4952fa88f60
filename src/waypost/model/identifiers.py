"""Identifiers in the form of the official service's; a MessageId carries its shard.

A MessageId is 25 decimal digits whose first eight are the date (live-observations.md, section 3):
`yyyyMMdd` + milliseconds of the day (8) + the node (2) + a running number (4) + the shard (3). It sorts by
time. A RequestId is an upper-case UUID that begins with the time; access keys and users
are random.
"""

import random
import secrets
import string
import struct
import uuid
from datetime import UTC, datetime
from functools import lru_cache
from typing import NewType

MessageId = NewType("MessageId", str)
"""25 decimal digits; carries the shard."""
AccountId = NewType("AccountId", str)
SpaceId = NewType("SpaceId", str)
"""A CustSpaceId."""

NO_SPACE = SpaceId("")
"""That no space is named: the account's default one, or any, as the place says."""
NO_MESSAGE = MessageId("")
"""Of what is about no message, or about one that is not known yet."""

DAY_MS = 86_400_000
_RUNNING = 1_000_000
# The first two of the six digits are the node's.
_RUNNING_OF_NODE = 10_000
# Two weeks of attempts, the longest Ttl, are about 4,000.
_ATTEMPTS = 8192
_PLACES = 8 * _ATTEMPTS
_uuid_groups = struct.Struct("8s4s4s4s12s").unpack


def is_message_id(text: str) -> bool:
    """Whether a text has the form of a MessageId."""
    return len(text) == 25 and text.isascii() and text.isdecimal()


# It is asked for some twenty times for each message, in the time that a few hundred are written in.
@lru_cache(4096)
def shard_of(message_id: MessageId) -> int:
    """The shard a MessageId carries.

    Raises:
        ValueError: not a MessageId.
    """
    if not is_message_id(message_id):
        raise ValueError("not a MessageId: 25 decimal digits are needed")
    return int(message_id[-3:])


def first_of(moment: int) -> MessageId:
    """The lowest MessageId that a message accepted at `moment` (milliseconds UTC) can have."""
    day, of_day = divmod(moment, DAY_MS)
    return MessageId(f"{datetime.fromtimestamp(day * 86_400, UTC):%Y%m%d}{of_day:08d}000000000")


def next_to(message_id: MessageId, step: int) -> MessageId:
    """The MessageId so many places behind another one, -1 for the one before it: as an exclusive bound."""
    return MessageId(str(max(int(message_id) + step, 0)).zfill(25))


def last_of_same_moment(message_id: MessageId) -> MessageId:
    """The highest MessageId of the millisecond in which `message_id` was made."""
    return MessageId(message_id[:16] + "9" * 9)


def new_request_id(at: int) -> str:
    """A new RequestId, `019A7C55-E31D-1EB2-8939-A94866411B20`.

    It begins with its time, so that an index over them grows at its end: one over random ids would write a
    page of its own for nearly every message.

    Args:
        at: real time, milliseconds UTC.
    """
    digits = b"%032X" % ((at & 0xFFFFFFFFFFFF) << 80 | random.getrandbits(80))
    return b"-".join(_uuid_groups(digits)).decode()


def new_access_key_id(beginning: str = "WP") -> str:
    """A new AccessKeyId: 18 letters and digits behind its beginning."""
    return beginning + _letters_and_digits(18)


def new_secret() -> str:
    """A new AccessKeySecret: 30 letters and digits, about 178 bits."""
    return _letters_and_digits(30)


def new_entity_id() -> str:
    """A new UserId or RoleId: 18 digits, such as `216959339000654321`."""
    return str(10**17 + secrets.randbelow(9 * 10**17))


def _letters_and_digits(length: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def is_request_id(text: str) -> bool:
    """Whether `text` has the form of a RequestId."""
    try:
        return str(uuid.UUID(text)).upper() == text
    except ValueError:
        return False


class MessageIds:
    """Generates the MessageIds of one process: unique, and never going back in time.

    Args:
        shards: how many shards the store spreads messages over, 1 to 1000.
        node: the number of this process among those on the store, 0 to 99; the running number begins with it.
        seed: where the running number starts; random, so that a restart within a millisecond is safe.
        latest: the latest MessageId of the store, so that a clock that went back makes none twice.
    """

    def __init__(
        self, shards: int, *, node: int = 0, seed: int | None = None, latest: MessageId = NO_MESSAGE
    ) -> None:
        self._shards = shards
        self._first = node * _RUNNING_OF_NODE
        self._running = random.randrange(_RUNNING_OF_NODE) if seed is None else seed % _RUNNING_OF_NODE
        self._latest = time_of(latest) + 1 if latest else 0
        self._day = -1
        self._date = ""

    def next(self, now: int) -> MessageId:
        """A new MessageId for a message accepted at `now` (milliseconds UTC)."""
        running = self._running = (self._running + 1) % _RUNNING_OF_NODE
        if now > self._latest:
            self._latest = now
        elif not running:
            # It starts again: in the same millisecond the id would be below the one before.
            self._latest += 1
        day, of_day = divmod(self._latest, DAY_MS)
        if day != self._day:
            self._day = day
            self._date = datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y%m%d")
        running += self._first
        return MessageId(f"{self._date}{of_day:08d}{running:06d}{running % self._shards:03d}")


def time_of(message_id: MessageId) -> int:
    """The moment in which a MessageId was made, milliseconds UTC."""
    day = datetime.strptime(message_id[:8], "%Y%m%d").replace(tzinfo=UTC)
    return int(day.timestamp()) * 1000 + int(message_id[8:16])


def attempt_reference(message_id: MessageId, leg: int, attempt: int) -> str:
    """The permanent reference of an attempt, safe in URLs: `<MessageId>-<leg>-<attempt>`."""
    return f"{message_id}-{leg}-{attempt}"


def parse_reference(reference: str) -> tuple[MessageId, int, int]:
    """The MessageId, leg and attempt of a reference.

    Raises:
        ValueError: not a reference.
    """
    named, leg, attempt = reference.split("-")
    message_id = MessageId(named)
    shard_of(message_id)
    return message_id, int(leg), int(attempt)


def attempt_number(message_id: MessageId, leg: int, attempt: int) -> int:
    """A positive integer below 2**53 for providers that echo only numbers.

    It is the day's second, the running number and the attempt's place, of which 8 legs have 8,191 each. Two
    attempts of one number are of different days, or a million messages apart: enough to tell answers and
    logs apart, not an identity.
    """
    place = (leg * _ATTEMPTS + attempt) % _PLACES
    return (int(message_id[8:16]) // 1000 * _RUNNING + int(message_id[16:22])) * _PLACES + place
