"""What becomes of messages that were still to be sent when a backup was made that is restored."""

from enum import Enum


class Waiting(Enum):
    """The operator's choice: only they know whether a service ran on after the backup."""

    SEND = "send"
    """They are sent: none ran on."""
    DROP = "drop"
    """They count as in doubt and are not sent again; neither are their fallbacks."""
