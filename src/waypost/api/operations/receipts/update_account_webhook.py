"""UpdateAccountWebhook: sets where the receipts of a space are pushed."""

from waypost.api.description import Operation, Params
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS, space_faults
from waypost.api.operations.receipts.settings import (
    CustSpaceId,
    HttpFlag,
    NothingAnswer,
    QueueFlag,
    StatusCallbackUrl,
    settings_change,
    url_faults,
)
from waypost.model.configuration import ReceiptSettings
from waypost.model.identifiers import NO_SPACE


class UpdateAccountWebhookParams(Params, frozen=True):
    """The space, and the receipt settings to change."""

    cust_space_id: CustSpaceId = NO_SPACE
    http_flag: HttpFlag = None
    queue_flag: QueueFlag = None
    status_callback_url: StatusCallbackUrl = ""


OPERATION = Operation(
    "UpdateAccountWebhook",
    "Sets where the receipts of a space go, of all senders that have no setting of their own.",
    UpdateAccountWebhookParams,
    NothingAnswer,
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[UpdateAccountWebhookParams]) -> Result[NothingAnswer]:
    """Sets where the receipts of a space are pushed.

    Raises:
        ApiError: a parameter is invalid.
    """
    params = request.params
    request.refuse(
        space_faults(request, params.cust_space_id)
        + url_faults("StatusCallbackUrl", params.status_callback_url)
    )
    unset = ReceiptSettings(account_id=request.caller.account_id, space_id=params.cust_space_id)
    space = request.configuration.space(request.caller.account_id, params.cust_space_id)
    return settings_change(
        request, [unset], [space], params.http_flag, params.queue_flag, params.status_callback_url
    )


ENDPOINT = Endpoint(OPERATION, handle)
