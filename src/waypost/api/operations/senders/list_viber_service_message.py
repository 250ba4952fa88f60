"""ListViberServiceMessage: lists the Viber senders of a space."""

from collections.abc import Mapping
from typing import Annotated, Any

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS, space_faults
from waypost.api.operations.senders.parameters import CustSpaceId
from waypost.model.channels import VIBER
from waypost.model.identifiers import NO_SPACE
from waypost.model.senders.viber_records import INTERNATIONAL, LOCAL, country_ids
from waypost.model.senders.viber_senders import NORMAL


class ListViberServiceMessageParams(Params, frozen=True):
    """The space of the senders."""

    cust_space_id: CustSpaceId = NO_SPACE


class SenderRow(Answer, frozen=True):
    """A Viber sender."""

    service_id: Annotated[str, member("The From.", "25644")]
    business_account_name: Annotated[
        str, member("As it was registered; the account's name for a declared one.")
    ]
    state: Annotated[str, member("normal, or stop while it is suspended.", "normal")]
    industry_involved: Annotated[str, member("As it was registered.", "Retail")]
    message_destination_country: Annotated[list[str], member("As it was registered.")]
    message_destination_international_country: Annotated[list[str], member("As it was registered.")]
    destination_country_id: Annotated[list[str], member("The same with calling codes: 49|DE.")]
    destination_international_country_id: Annotated[list[str], member("The same with calling codes.")]


class ListViberServiceMessageAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the senders."""

    data: Annotated[list[SenderRow], member("The senders, by their service IDs.")]


OPERATION = Operation(
    "ListViberServiceMessage",
    "Lists the Viber senders: those that the operator declares, and the one registered in the space.",
    ListViberServiceMessageParams,
    ListViberServiceMessageAnswer,
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[ListViberServiceMessageParams]) -> Result[ListViberServiceMessageAnswer]:
    """Lists the senders.

    Raises:
        ApiError: a parameter is invalid.
    """
    space_id = request.params.cust_space_id
    request.refuse(space_faults(request, space_id))
    configuration, account_id = request.configuration, request.caller.account_id
    name = configuration.accounts[account_id].name
    rows = []
    for (channel, sender_id), sender in sorted(configuration.senders().items()):
        if channel != VIBER.name or sender.account_id != account_id or not sender.is_of(space_id):
            continue
        service = configuration.viber_senders.service(account_id, sender_id)
        if service is None:
            rows.append(_sender_row(sender_id, NORMAL, {"BusinessAccountName": name}))
        elif service.space_id == space_id:
            rows.append(_sender_row(sender_id, service.state(request.now), service.record))
    return Result(ListViberServiceMessageAnswer(data=rows))


def _sender_row(service_id: str, state: str, record: Mapping[str, Any]) -> SenderRow:
    local, international = record.get(LOCAL, []), record.get(INTERNATIONAL, [])
    return SenderRow(
        service_id=service_id,
        business_account_name=record.get("BusinessAccountName", ""),
        state=state,
        industry_involved=record.get("IndustryInvolved", ""),
        message_destination_country=local,
        message_destination_international_country=international,
        destination_country_id=country_ids(local),
        destination_international_country_id=country_ids(international),
    )


ENDPOINT = Endpoint(OPERATION, handle)
