"""Whether an account has the service, which the operator alone can give it."""

from typing import Annotated, Any

from waypost.api.members import Answer, member
from waypost.api.operations.endpoint import Request
from waypost.model import codes

UNSUBSCRIBED_ERRORS = (codes.PERMISSION_DENY, codes.LIMIT_CONTROL)
"""What any call can be refused with of an operation that is there for accounts without the service."""


class OpenStatusAnswer(Answer, frozen=True):
    """Whether the account has the service."""

    open_status: Annotated[bool, member("Whether the account has the service.")]


def has_service(request: Request[Any]) -> bool:
    """Whether the caller's account has the service."""
    account = request.configuration.accounts.get(request.caller.account_id)
    return account is not None and account.subscribed
