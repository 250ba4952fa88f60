"""QueryChatappPhoneNumbers: lists the account's WhatsApp numbers and where their receipts are pushed."""

from typing import Annotated

from waypost.api.description import Operation, Parameter, Params, without_effect
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result, space_or_account_resource
from waypost.api.operations.ownership import OWNER_PARAMETERS, space_faults
from waypost.api.operations.receipts.settings import SPACE
from waypost.model.channels import channel_named
from waypost.model.configuration import Sender
from waypost.model.identifiers import NO_SPACE, SpaceId
from waypost.model.message.destinations import Subject, destination
from waypost.model.message.statuses import INBOUND_KIND, STATUS_KIND

_CONNECTED = "CONNECTED"


class QueryChatappPhoneNumbersParams(Params, frozen=True):
    """The filters of the numbers, and the space whose receipt settings to show."""

    cust_space_id: Annotated[
        SpaceId,
        SPACE._replace(
            required=False,
            description="The space: its numbers, and those that all spaces share, and where its receipts go.",
            default="all numbers, with the receipt settings of the default space",
        ),
    ] = NO_SPACE
    status: Annotated[str, Parameter("Status", "Lists numbers with that Status.", _CONNECTED)] = ""


class PhoneNumberRow(Answer, frozen=True, kw_only=True):
    """A number, and where its receipts are pushed."""

    phone_number: Annotated[str, member("The number, digits only.", "15550001111")]
    status: Annotated[str, member("Always CONNECTED.", _CONNECTED)] = _CONNECTED
    verified_name: Annotated[str, member("The account's name.", "Acme")]
    name_status: Annotated[str, member("Always APPROVED.", "APPROVED")] = "APPROVED"
    code_verification_status: Annotated[str, member("Always VERIFIED.", "VERIFIED")] = "VERIFIED"
    quality_rating: Annotated[str, member("Always UNKNOWN: only Meta knows it.", "UNKNOWN")] = "UNKNOWN"
    status_callback_url: Annotated[
        str, member("Where statuses are pushed; empty for nowhere.", "https://...")
    ]
    up_callback_url: Annotated[
        str, member("Where messages of users are pushed; empty for nowhere.", "https://...")
    ]
    status_queue: Annotated[
        str, member("The queue statuses are put in; empty for none.", "Alicom-Queue-acme-ChatAppStatus")
    ]
    up_queue: Annotated[
        str,
        member("The queue messages of users are put in; empty for none.", "Alicom-Queue-acme-ChatAppInbound"),
    ]


class QueryChatappPhoneNumbersAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the numbers."""

    phone_numbers: Annotated[list[PhoneNumberRow], member("The numbers, in their order.")]


OPERATION = Operation(
    "QueryChatappPhoneNumbers",
    "Lists the account's WhatsApp numbers and where their receipts go.",
    QueryChatappPhoneNumbersParams,
    QueryChatappPhoneNumbersAnswer,
    ignored=(*OWNER_PARAMETERS, *without_effect("IsvCode")),
)


def handle(request: Request[QueryChatappPhoneNumbersParams]) -> Result[QueryChatappPhoneNumbersAnswer]:
    """Lists the numbers.

    Raises:
        ApiError: a parameter is invalid.
    """
    params, account_id = request.params, request.caller.account_id
    request.refuse(space_faults(request, params.cust_space_id))
    rows = [
        _phone_number_row(request, sender)
        for sender in sorted(request.configuration.senders().values(), key=lambda sender: sender.id)
        if sender.account_id == account_id
        and channel_named(sender.channel).lists_numbers
        and (not params.cust_space_id or sender.is_of(params.cust_space_id))
        and params.status in ("", _CONNECTED)
    ]
    return Result(QueryChatappPhoneNumbersAnswer(phone_numbers=rows))


def _phone_number_row(request: Request[QueryChatappPhoneNumbersParams], sender: Sender) -> PhoneNumberRow:
    subject = Subject(sender.account_id, request.params.cust_space_id, sender.channel, sender.id)
    status = destination(request.configuration, subject, STATUS_KIND)
    inbound = destination(request.configuration, subject, INBOUND_KIND)
    return PhoneNumberRow(
        phone_number=sender.id,
        verified_name=request.configuration.accounts[sender.account_id].name,
        status_callback_url=status.url,
        up_callback_url=inbound.url,
        status_queue=status.queue,
        up_queue=inbound.queue,
    )


ENDPOINT = Endpoint(OPERATION, handle, resources=space_or_account_resource("CustSpaceId"))
