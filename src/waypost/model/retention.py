"""How long what is known of messages is kept."""

import msgspec

from waypost.model.channels import CHANNELS
from waypost.model.identifiers import DAY_MS


class RetentionAges(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[retention]: ages in days; 0 keeps for ever.

    Attributes:
        content: after which content and addresses of messages and callbacks are removed.
        messages: after which messages are removed with all that belongs to them.
        callbacks, events: after which callbacks and timelines are removed.
        inbound: after which what people wrote, and when, is removed.
        calls: after which records of calls are removed that no message has; of the others with it.
        audit: after which it is forgotten who changed what in the configuration.
    """

    content: int = 0
    messages: int = 0
    callbacks: int = 0
    inbound: int = 0
    events: int = 0
    calls: int = 0
    audit: int = 0


KEEP_ALL = RetentionAges()

LONGEST_WINDOW_MS = max(channel.free_window or 0 for channel in CHANNELS.values())
"""When a person last wrote is kept that long in any case: the window for free messages goes by it."""


def cut_of(days: int, now: int) -> int | None:
    """Until when what happened is removed, milliseconds UTC; None for what is kept for ever."""
    return now - days * DAY_MS if days else None
