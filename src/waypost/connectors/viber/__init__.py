"""Viber Business Messages, by the partner API."""
