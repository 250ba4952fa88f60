"""The limits of calls: how long, how often, how late; code and reference both have them from here."""

LONGEST_HEAD = 1024 * 1024
"""Bytes of a request's line and headers together. The official Python SDK writes all parameters into the
query: a call to 1,000 recipients has a request line of some 200 KB (other-operations.md)."""

LONGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request's body."""

CLOCK_TOLERANCE_S = 900
"""Seconds that a call's time may be off, either way. Source: help.aliyun.com/document_detail/48054.html"""

CALLS_PER_SECOND = 250
"""Calls a second of one account and operation, where neither the operator nor the operation has a limit of
its own: the default of the setting `limits.calls_per_second`, as in the official service."""

CLIENT_TOKEN_KEPT_MS = 24 * 3_600_000
"""Milliseconds that a ClientToken is known after its first use."""
