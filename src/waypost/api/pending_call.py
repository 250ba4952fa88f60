"""A call that is not answered yet."""

from collections.abc import Mapping

import msgspec

from waypost.api.answers import Format
from waypost.api.authentication import Authenticated
from waypost.api.http_messages import HttpRequest, Reply
from waypost.api.operations.endpoint import Endpoint
from waypost.api.signatures.checks import SigningKey


class PendingCall(msgspec.Struct, eq=False):
    """A call that is not answered yet.

    Attributes:
        request: its HTTP request.
        reply: answers it.
        started: when it arrived, by the monotonic clock, seconds.
        format: the format of the answer.
        action: the name of the operation as it was sent, once it is known.
        endpoint: the operation, once it is known.
        params: the decoded parameters, as far as they are known.
        authenticated: who calls, from the check of the signature until the nonce is stored.
        key: the key that signed it, once the signature is known to be right.
    """

    request: HttpRequest
    reply: Reply
    request_id: str
    started: float
    format: Format = Format.JSON
    action: str = ""
    endpoint: Endpoint | None = None
    params: Mapping[str, str] | None = None
    authenticated: Authenticated | None = None
    key: SigningKey | None = None
