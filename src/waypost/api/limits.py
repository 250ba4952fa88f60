"""The limits of calls: size, rate, clock difference; the code and the reference both read them here."""

LONGEST_HEAD = 1024 * 1024
"""The longest request line and headers together, in bytes. The official Python SDK writes all parameters into
the query: a call to 1,000 recipients has a request line of some 200 KB (other-operations.md)."""

LONGEST_BODY = 4 * 1024 * 1024
"""The longest request body, in bytes."""

CLOCK_TOLERANCE_S = 900
"""Seconds that the timestamp of a call may differ from now. Source:
help.aliyun.com/document_detail/48054.html"""

CALLS_PER_SECOND = 250
"""Calls per second of an account and operation, unless the operator or the operation sets another limit: the
default of the setting `limits.calls_per_second`, as in the official service."""

CLIENT_TOKEN_KEPT_MS = 24 * 3_600_000
"""Milliseconds for which a ClientToken is stored after its first use."""
