"""CreateSuppression, Waypost's own: adds a person to the suppression list."""

from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import SuccessAnswer
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS
from waypost.api.operations.suppressions.person import CHANNEL, ERRORS, FROM, TO, checked_person
from waypost.model.message.suppression import OptOutReason, Suppression
from waypost.storage.contract import Transaction


class CreateSuppressionParams(Params, frozen=True):
    """The person to add to the list."""

    to: Annotated[str, TO] = ""
    channel_type: Annotated[str, CHANNEL] = ""
    sender: Annotated[str, FROM] = ""


OPERATION = Operation(
    "CreateSuppression",
    "Puts a person on the suppression list: promotions to them are refused, transactions are not. "
    "One who is there already stays as they are.",
    CreateSuppressionParams,
    SuccessAnswer,
    errors=ERRORS,
    source="",
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[CreateSuppressionParams]) -> Result[SuccessAnswer]:
    """Adds a person to the list.

    Raises:
        ApiError: a parameter is invalid.
    """
    params = request.params
    entry = Suppression(
        account_id=request.caller.account_id,
        channel=params.channel_type,
        sender=params.sender,
        recipient=checked_person(request, params.channel_type, params.sender, params.to),
        reason=OptOutReason.CALL,
        at=request.now,
    )

    def write(transaction: Transaction) -> None:
        transaction.suppressions.add(entry)

    return Result(SuccessAnswer(), write)


ENDPOINT = Endpoint(OPERATION, handle)
