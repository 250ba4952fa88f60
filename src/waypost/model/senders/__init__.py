"""Senders that customers register."""
