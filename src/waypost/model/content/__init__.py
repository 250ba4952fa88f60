"""The content of messages, channel by channel: fields, types and limits."""
