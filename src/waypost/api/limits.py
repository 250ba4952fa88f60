"""The limits of calls: size, rate, clock difference; the code and the reference both read them here."""

LONGEST_HEAD = 1024 * 1024
"""The longest request line and headers together, in bytes. The official Python SDK writes all parameters into
the query: a call to 1,000 recipients has a request line of some 200 KB (other-operations.md)."""

LONGEST_BODY = 1024 * 1024
"""The longest request body, in bytes, but for the operations that need a larger one."""

LONGEST_MASS_BODY = 4 * 1024 * 1024
"""The longest body of a V3 call of an operation that takes a list of recipients, in bytes. Only V3 names the
operation before the body, and its signature is checked before the body is."""

LARGE_CALLS = frozenset({"SendChatappMassMessage"})
"""The operations whose V3 calls may have a body of `LONGEST_MASS_BODY`."""

MOST_HEADERS = 100
"""The most headers of a request; official SDKs send up to 20."""

MOST_RECIPIENTS = 1000
"""The most recipients of one SendChatappMassMessage."""

MOST_PARAMETERS = 2 * (8 * MOST_RECIPIENTS + 40)
"""The most parameters of a call: twice those of the largest. Clients of V1 may send a list flat, as
`SenderList.1.To`: To, RecipientType, TemplateParams, FlowAction, ProductAction and three Payload of each
recipient, beside at most 40 of the call and its signature. V3 has SenderList as one."""

CLOCK_TOLERANCE_S = 900
"""Seconds that the timestamp of a call may differ from now. Source:
help.aliyun.com/document_detail/48054.html"""

CALLS_PER_SECOND = 250
"""Calls per second of an account and operation, unless the operator or the operation sets another limit: the
default of the setting `limits.calls_per_second`, as in the official service."""

CLIENT_TOKEN_KEPT_MS = 24 * 3_600_000
"""Milliseconds for which a ClientToken is stored after its first use."""
