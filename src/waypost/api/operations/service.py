"""Whether an account has the service: GetChatappOpenStatus and OpenChatappService."""

from waypost.api.describe import Kind, Member, Operation, Parameter
from waypost.api.errors import ApiError
from waypost.api.operations.handling import Handled, Request, Served

_SOURCE = "https://alibabacloud.com/help/en/chatapp/developer-reference/api-cams-2020-06-06-"
_IGNORED = tuple(
    Parameter(name, Kind.STRING, "Taken and without effect.", ignored=True)
    for name in ("OwnerId", "ResourceOwnerId", "ResourceOwnerAccount")
)
_STATUS = Member("OpenStatus", "Whether the account has the service.", kind="boolean")
_ANY_CALL = ("Ram.PermissionDeny", "System.LimitControl")

GET = Operation(
    name="GetChatappOpenStatus",
    summary="Tells whether the account has the service; needs none itself.",
    source=_SOURCE + "getchatappopenstatus",
    parameters=_IGNORED,
    answer=(_STATUS,),
    errors=_ANY_CALL,
)

OPEN = Operation(
    name="OpenChatappService",
    summary="Makes sure that the account has the service. Only the operator can give it to an account.",
    source=_SOURCE + "openchatappservice",
    parameters=_IGNORED,
    answer=(_STATUS,),
    errors=("Authentication.NoAuth", *_ANY_CALL),
)


def get(request: Request) -> Handled:
    """Tells it."""
    return Handled({"OpenStatus": _is_open(request)})


def open_(request: Request) -> Handled:
    """Succeeds when the account has the service already.

    Raises:
        ApiError: it has not, and who runs this service has to open it.
    """
    if not _is_open(request):
        raise ApiError("Authentication.NoAuth", "The operator of this service opens it for an account.")
    return Handled({"OpenStatus": True})


def _is_open(request: Request) -> bool:
    account = request.directory.accounts.get(request.caller.account_id)
    return account is not None and account.subscribed


SERVED = (Served(GET, get, unsubscribed=True), Served(OPEN, open_, unsubscribed=True))
