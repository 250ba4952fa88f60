"""Messenger and Instagram, by Meta's Send API."""
