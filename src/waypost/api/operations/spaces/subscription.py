"""Whether an account is subscribed to the service, which only the operator can change."""

from typing import Annotated, Any

from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request
from waypost.model import codes

UNSUBSCRIBED_ERRORS = (codes.PERMISSION_DENY, codes.LIMIT_CONTROL)
"""The error codes of any call of an operation that unsubscribed accounts may call."""


class OpenStatusAnswer(Answer, frozen=True):
    """The answer whether the account is subscribed."""

    open_status: Annotated[bool, member("Whether the account has the service.")]


def has_service(request: Request[Any]) -> bool:
    """Whether the caller's account is subscribed to the service."""
    account = request.configuration.accounts.get(request.caller.account_id)
    return account is not None and account.subscribed
