"""Enumerations that are hashed and written for every message."""

from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING


class FastEnum(Enum):
    """An enumeration whose members cost no Python function to hash or to write.

    Enum's own hash and `value` are such functions, and run dozens of times for each message.
    """

    # The members are the only instances.
    __hash__ = object.__hash__

    if not TYPE_CHECKING:
        # A type checker knows that of Enum, with the type of each member's value.
        value = property(attrgetter("_value_"))
