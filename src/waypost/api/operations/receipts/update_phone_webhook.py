"""UpdatePhoneWebhook: sets where the receipts of one sender are pushed."""

from typing import Annotated

from waypost.api.description import Operation, Parameter, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS, not_owned, space_faults
from waypost.api.operations.receipts.settings import (
    LONGEST_URL,
    CustSpaceId,
    HttpFlag,
    NothingAnswer,
    QueueFlag,
    StatusCallbackUrl,
    settings_change,
    url_faults,
)
from waypost.model import codes
from waypost.model.configuration import ReceiptSettings, Sender
from waypost.model.identifiers import NO_SPACE

# SMS senders only send fallbacks, whose receipts follow the settings of the original message's sender.
_FALLBACK_ONLY = "sms"


class UpdatePhoneWebhookParams(Params, frozen=True):
    """The sender, and the receipt settings to change."""

    cust_space_id: CustSpaceId = NO_SPACE
    phone_number: Annotated[
        str,
        Parameter(
            "PhoneNumber",
            "The sender: a WhatsApp number, a Viber service ID, or any other From of the account. A leading "
            "+ is passed over. Where two channels have it, both are meant.",
            "20001",
            required=True,
            invalid=codes.UNKNOWN_RESOURCE_OWNER,
        ),
    ] = ""
    http_flag: HttpFlag = None
    queue_flag: QueueFlag = None
    status_callback_url: StatusCallbackUrl = ""
    up_callback_url: Annotated[
        str,
        Parameter(
            "UpCallbackUrl",
            "Where the messages of users are pushed.",
            "https://shop.example.com/inbound",
            longest=LONGEST_URL,
        ),
    ] = ""


OPERATION = Operation(
    "UpdatePhoneWebhook",
    "Sets where the receipts of one sender go, in whatever space its messages are sent.",
    UpdatePhoneWebhookParams,
    NothingAnswer,
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[UpdatePhoneWebhookParams]) -> Result[NothingAnswer]:
    """Sets where the receipts of a sender are pushed.

    Raises:
        ApiError: a parameter is invalid, or the account has no such sender.
    """
    params = request.params
    request.refuse(
        space_faults(request, params.cust_space_id)
        + url_faults("StatusCallbackUrl", params.status_callback_url)
        + url_faults("UpCallbackUrl", params.up_callback_url)
    )
    senders = _named_senders(request)
    if not senders:
        raise from_faults([not_owned("PhoneNumber", params.phone_number, "a sender")])
    account_id = request.caller.account_id
    return settings_change(
        request,
        [ReceiptSettings(account_id=account_id, channel=one.channel, sender_id=one.id) for one in senders],
        [*senders, request.configuration.space(account_id, params.cust_space_id)],
        params.http_flag,
        params.queue_flag,
        params.status_callback_url,
        params.up_callback_url,
    )


def _named_senders(request: Request[UpdatePhoneWebhookParams]) -> list[Sender]:
    """Each sender of the account that has the number."""
    number = request.params.phone_number.removeprefix("+")
    return [
        sender
        for sender in request.configuration.senders_of(request.caller.account_id)
        if sender.id == number and sender.channel != _FALLBACK_ONLY
    ]


ENDPOINT = Endpoint(OPERATION, handle)
