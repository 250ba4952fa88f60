"""Whether an account has the service: GetChatappOpenStatus and OpenChatappService."""

from waypost.api.description import Member, Operation
from waypost.api.errors.catalogue import ApiError
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.recurring import OWNERS, SOURCE

_STATUS = Member("OpenStatus", "Whether the account has the service.", kind="boolean")
# No Product.Unsubscript: they are there for accounts without the service.
_ERRORS = ("Ram.PermissionDeny", "System.LimitControl")

GET = Operation(
    name="GetChatappOpenStatus",
    summary="Tells whether the account has the service; needs none itself.",
    source=SOURCE + "getchatappopenstatus",
    parameters=OWNERS,
    answer=(_STATUS,),
    errors=_ERRORS,
)

OPEN = Operation(
    name="OpenChatappService",
    summary="Makes sure that the account has the service. Only the operator can give it to an account.",
    source=SOURCE + "openchatappservice",
    parameters=OWNERS,
    answer=(_STATUS,),
    errors=("Authentication.NoAuth", *_ERRORS),
)


def get(request: Request) -> Result:
    """Tells it."""
    return Result({"OpenStatus": _is_open(request)})


def open_(request: Request) -> Result:
    """Succeeds when the account has the service already.

    Raises:
        ApiError: it has not, and who runs this service has to open it.
    """
    if not _is_open(request):
        raise ApiError("Authentication.NoAuth", "The operator of this service opens it for an account.")
    return Result({"OpenStatus": True})


def _is_open(request: Request) -> bool:
    account = request.configuration.accounts.get(request.caller.account_id)
    return account is not None and account.subscribed


ENDPOINTS = (Endpoint(GET, get, unsubscribed=True), Endpoint(OPEN, open_, unsubscribed=True))
