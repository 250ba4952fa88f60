"""UpdatePhoneWebhook: sets where the receipts of one sender are pushed."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from waypost.api.caller import Caller
from waypost.api.description import Operation, Parameter, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.operations.endpoint import Endpoint, Request, Result, space_arn
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
from waypost.model.configuration import Configuration, ReceiptSettings, Sender
from waypost.model.identifiers import NO_SPACE, AccountId, SpaceId

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
    account_id = request.caller.account_id
    space = request.configuration.space(account_id, params.cust_space_id)
    senders = _named_senders(request.configuration, account_id, params.cust_space_id, params.phone_number)
    if not senders:
        fault = not_owned("PhoneNumber", params.phone_number, "a sender", "this account and space")
        raise from_faults([fault])
    return settings_change(
        request,
        [ReceiptSettings(account_id=account_id, channel=one.channel, sender_id=one.id) for one in senders],
        [*senders, space],
        params.http_flag,
        params.queue_flag,
        params.status_callback_url,
        params.up_callback_url,
    )


def _named_senders(
    configuration: Configuration, account_id: AccountId, space_id: SpaceId, number: str
) -> list[Sender]:
    """Each sender of the account that has the number and may be used by the space."""
    return [
        sender
        for sender in configuration.senders_of(account_id)
        if sender.id == number.removeprefix("+")
        and sender.channel != _FALLBACK_ONLY
        and sender.is_of(space_id)
    ]


def _resources(raw_params: Mapping[str, str], caller: Caller, configuration: Configuration) -> Sequence[str]:
    """The space; but the account as a whole for a sender that all its spaces share, since the receipts of
    every space would move."""
    space_id = SpaceId(raw_params.get("CustSpaceId", ""))
    number = raw_params.get("PhoneNumber", "")
    senders = _named_senders(configuration, caller.account_id, space_id, number)
    if any(not sender.space_id for sender in senders):
        return ()
    return (space_arn(caller, space_id, configuration),)


ENDPOINT = Endpoint(OPERATION, handle, resources=_resources)
