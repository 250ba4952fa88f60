"""GetChatappOpenStatus: shows whether the account is subscribed to the service."""

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.spaces.subscription import UNSUBSCRIBED_ERRORS, OpenStatusAnswer, has_service


class GetChatappOpenStatusParams(Params, frozen=True):
    """No parameters: the access key determines the account."""


OPERATION = Operation(
    "GetChatappOpenStatus",
    "Shows whether the account has the service; needs none itself.",
    GetChatappOpenStatusParams,
    OpenStatusAnswer,
    ignored=OWNER_PARAMETERS,
    any_call=UNSUBSCRIBED_ERRORS,
)


def handle(request: Request[GetChatappOpenStatusParams]) -> Result[OpenStatusAnswer]:
    """Returns whether the account is subscribed."""
    return Result(OpenStatusAnswer(open_status=has_service(request)))


ENDPOINT = Endpoint(OPERATION, handle, unsubscribed=True)
