"""Free messages, which some channels allow only for a time after the user wrote, unlike templates.

Source: send-chatapp-message.md §2 (24-hour rule), WhatsApp's customer service window, Messenger's and
Instagram's standard messaging window.
"""

from waypost.model import codes
from waypost.model.channels import CHANNELS
from waypost.model.faults import Fault


def check_window(channel: str, last_inbound: int | None, now: int) -> list[Fault]:
    """Check whether a free message may be sent now.

    Args:
        last_inbound: when the user last wrote to this sender, in milliseconds UTC; None for never.
    """
    window = CHANNELS[channel].free_window
    assert window is not None
    if last_inbound is not None and now - last_inbound <= window:
        return []
    hours = window // 3_600_000
    wrote = (
        "this user has never written to this sender"
        if last_inbound is None
        else f"this user last wrote {(now - last_inbound) / 3_600_000:.1f} hours ago"
    )
    allowed = (
        f"on {channel} it is allowed within {hours} hours after the user's last message, and {wrote}. "
        "Send a template, or wait until the user writes"
    )
    return [Fault(codes.WINDOW_CLOSED, "Type", "Type is message", allowed)]
