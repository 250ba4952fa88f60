"""On some channels a sender may say what it likes only for a time after the user wrote; templates always may.

Source: send-chatapp-message.md §2 (24-hour rule), WhatsApp's customer service window, Messenger's and
Instagram's standard messaging window.
"""

from waypost.model.codes import WINDOW_CLOSED
from waypost.model.faults import Fault

FREE_FOR = dict.fromkeys(("whatsapp", "messenger", "instagram"), 24 * 3_600_000)
"""Channel to the milliseconds after the user's last message in which a free message is allowed."""


def check_window(channel: str, last_inbound: int | None, now: int) -> list[Fault]:
    """Check whether a free message may be sent now.

    Args:
        last_inbound: when the user last wrote to this sender, in milliseconds UTC; None for never.
    """
    allowed = FREE_FOR[channel]
    if last_inbound is not None and now - last_inbound <= allowed:
        return []
    hours = allowed // 3_600_000
    wrote = (
        "this user has never written to this sender"
        if last_inbound is None
        else f"this user last wrote {(now - last_inbound) / 3_600_000:.1f} hours ago"
    )
    message = (
        f"Type is message; on {channel} it is allowed within {hours} hours after the user's last message, "
        f"and {wrote}. Send a template, or wait until the user writes."
    )
    return [Fault(WINDOW_CLOSED, "Type", message)]
