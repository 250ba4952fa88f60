"""Waypost: a self-hosted chat-app message service that speaks the wire contract of SendChatappMessage."""

__version__ = "0.1.0"
