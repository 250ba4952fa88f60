"""Columns that statements and who reads their rows share, each in the order of the rows."""

CALL_RECORD = (
    "request_id",
    "at",
    "account_id",
    "share",
    "access_key_id",
    "operation",
    "code",
    "ms",
    "message_id",
    "peer",
    "parameters",
    "unknown",
    "string_to_sign",
    "signature",
)
"""Those of a call on record."""

PERSONAL_KEYS = {
    "inbound_message": ("id",),
    "inbound": ("route", "provider_id"),
    "conversation": ("channel", "sender", "user"),
    "address": ("channel", "person"),
    "queue_message": ("id",),
    "rejected_webhook": ("id",),
}
"""The primary keys of the tables with rows of people that are removed one by one."""

OPT_OUT = ("account_id", "recipient", "channel", "sender", "reason", "detail", "at")
"""Those of the suppression list."""

CANCEL_FILTERS = ("space_id", "task_id", "group_id", "template_code")
"""Those of messages that narrow a cancellation."""
