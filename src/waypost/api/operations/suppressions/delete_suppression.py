"""DeleteSuppression, Waypost's own: removes a person from the suppression list."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import SuccessAnswer
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.suppressions.person import CHANNEL, ERRORS, FROM, TO, checked_person
from waypost.model import codes
from waypost.model.faults import Fault
from waypost.storage.contract import Transaction


class DeleteSuppressionParams(Params, frozen=True):
    """The person to remove from the list, as ListSuppressions shows the entry."""

    to: Annotated[str, TO] = ""
    channel_type: Annotated[str, CHANNEL] = ""
    sender: Annotated[str, FROM] = ""


OPERATION = Operation(
    "DeleteSuppression",
    "Takes a person off the suppression list: the very entry, as ListSuppressions shows it.",
    DeleteSuppressionParams,
    SuccessAnswer,
    errors=(codes.UNKNOWN_RESOURCE_OWNER, *ERRORS),
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[DeleteSuppressionParams]) -> Result[SuccessAnswer]:
    """Removes a person from the list.

    Raises:
        ApiError: a parameter is invalid; there is no such entry.
    """
    params = request.params
    channel, sender = params.channel_type, params.sender
    recipient = checked_person(request, channel, sender, params.to)

    def write(transaction: Transaction) -> None:
        if not transaction.suppressions.remove(request.caller.account_id, channel, sender, recipient):
            problem = "is not on this account's list with this ChannelType and From"
            raise from_faults([Fault(codes.UNKNOWN_RESOURCE_OWNER, "To", problem, value=recipient)])

    return Result(SuccessAnswer(), write)


ENDPOINT = Endpoint(OPERATION, handle)
