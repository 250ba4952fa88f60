"""The suppression list: people who get no promotions, and the reasons for being on it."""

import hashlib
import unicodedata
from collections.abc import Iterable
from enum import Enum

import msgspec

from waypost.model.identifiers import AccountId

ERASED = "erased:"
"""What the hash of an erased person on the list begins with."""
_HASH_BYTES = 16

ANY = ""
"""Every sender of a channel, or every channel on which a person has the same address."""


class OptOutReason(Enum):
    """Why a person is on the list."""

    STOP_WORD = "stop_word"
    """They wrote it to the sender."""
    PROVIDER = "provider"
    """The provider says that they blocked the sender or stopped its promotions: by refusing a message, or by
    webhook."""
    CALL = "call"
    """The customer put them there."""


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """One person who gets no promotions.

    Attributes:
        channel: the channel; `ANY` for all whose addresses are phone numbers.
        sender: the sender of it that they do not want to hear of; `ANY` for all of the account's.
        recipient: their address.
        detail: the word they wrote, or the provider's code.
        at: since when, milliseconds UTC.
    """

    account_id: AccountId
    channel: str
    sender: str
    recipient: str
    reason: OptOutReason
    detail: str = ""
    at: int


def erased_person(key: bytes, account_id: AccountId, person: str) -> str:
    """What stands in place of a person's address on the list once they are erased: a hash under a key of the
    installation, which refuses them as before and names nobody.

    Args:
        key: at most 64 bytes.
        person: the canonical form of the address.
    """
    digest = hashlib.blake2b(f"{account_id}\0{person}".encode(), key=key, digest_size=_HASH_BYTES)
    return ERASED + digest.hexdigest()


def is_erased(recipient: str) -> bool:
    """Whether a recipient of the list is the hash of an erased person."""
    return recipient.startswith(ERASED)


def matched_stop_word(text: str, words: Iterable[str]) -> str:
    """The word of `words` that is the whole text, ignoring case and outer punctuation; empty for none."""
    bare = _bare(text)
    return next((word for word in words if _bare(word) == bare), "") if bare else ""


def first_stop_word(texts: Iterable[str], words: Iterable[str]) -> str:
    """The word of `words` that one of `texts` is, as `matched_stop_word`; empty for none."""
    return next(filter(None, (matched_stop_word(text, words) for text in texts)), "")


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum() or char.isspace()).strip()
