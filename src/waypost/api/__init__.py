"""The HTTP APIs: authentication, rate limits, authorisation, operations, and the queue service."""
