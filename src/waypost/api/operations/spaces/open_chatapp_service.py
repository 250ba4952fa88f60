"""OpenChatappService: confirms that the account is subscribed to the service."""

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import ApiError
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.spaces.subscription import UNSUBSCRIBED_ERRORS, OpenStatusAnswer, has_service
from waypost.model import codes


class OpenChatappServiceParams(Params, frozen=True):
    """No parameters: the access key determines the account."""


OPERATION = Operation(
    "OpenChatappService",
    "Makes sure that the account has the service. Only the operator can give it to an account.",
    OpenChatappServiceParams,
    OpenStatusAnswer,
    errors=(codes.NO_AUTH,),
    ignored=OWNER_PARAMETERS,
    any_call=UNSUBSCRIBED_ERRORS,
)


def handle(request: Request[OpenChatappServiceParams]) -> Result[OpenStatusAnswer]:
    """Succeeds if the account is subscribed already.

    Raises:
        ApiError: it is not; only the operator can subscribe it.
    """
    if not has_service(request):
        raise ApiError(codes.NO_AUTH, "The operator of this service opens it for an account.")
    return Result(OpenStatusAnswer(open_status=True))


ENDPOINT = Endpoint(OPERATION, handle, unsubscribed=True)
