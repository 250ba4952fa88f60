"""The records of the channels as tables, for tests that walk over all of them."""

from waypost.model.channels import CHANNELS, MESSAGE_CHANNELS
from waypost.model.content.rules import ContentRule

CONTENT: dict[str, dict[str, ContentRule]] = {name: dict(CHANNELS[name].content) for name in MESSAGE_CHANNELS}
"""Channel to MessageType to rule."""

MESSAGE_TYPES = {name: tuple(rules) for name, rules in CONTENT.items()}

OWN_IDS = frozenset(name for name, channel in CHANNELS.items() if channel.own_ids)

FREE_FOR = {
    name: channel.free_window for name, channel in CHANNELS.items() if channel.free_window is not None
}
