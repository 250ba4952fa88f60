"""The code that makes a call of a sandbox again, in each language that has an official client."""

from waypost.api.sdk_code.code_rows import CodeRow, rows_of_code
from waypost.sandbox.calls import Call


def code_rows(call: Call, endpoint: str, protocol: str) -> list[CodeRow]:
    """A call in every language, without what belonged to its signature; empty if it names no operation.

    Args:
        endpoint: `host:port`.
        protocol: `http` or `https`.
    """
    if not call.operation or not call.access_key_id:
        return []
    return rows_of_code(call.operation, call.parameters, endpoint, protocol, call.access_key_id)
