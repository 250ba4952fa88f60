"""LINE, by the Messaging API."""
