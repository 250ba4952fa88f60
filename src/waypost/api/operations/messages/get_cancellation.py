"""GetCancellation, Waypost's own: how far a cancellation has come."""

from typing import Annotated

from waypost.api.description import Operation, Parameter, Params
from waypost.api.errors.catalogue import from_faults
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS, not_owned
from waypost.model import codes
from waypost.model.message.cancellation import Cancellation
from waypost.storage.contract import Store

# The highest number that a row can have has 19 digits.
_LONGEST_ID = 18


class GetCancellationParams(Params, frozen=True):
    """The cancellation."""

    cancel_id: Annotated[
        str,
        Parameter(
            "CancelId",
            "The cancellation, as CancelMessages answered it.",
            "170411000000000017",
            required=True,
            invalid=codes.UNKNOWN_RESOURCE_OWNER,
        ),
    ] = ""


class CancellationRow(Answer, frozen=True):
    """How far a cancellation has come."""

    state: Annotated[
        str,
        member(
            "ending while messages end; publishing when all have ended, while their callbacks are published; "
            "done.",
            "done",
        ),
    ]
    cancelled_count: Annotated[int, member("How many messages have ended by it.")]
    with_provider_count: Annotated[
        int, member("How many were left, because a provider had them; known when all others have ended.")
    ]


class GetCancellationAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the cancellation."""

    data: Annotated[CancellationRow, member("The cancellation.")]


OPERATION = Operation(
    "GetCancellation",
    "Returns how far a cancellation has come, for 90 days after it is done.",
    GetCancellationParams,
    GetCancellationAnswer,
    source="",
    ignored=OWNER_PARAMETERS,
)


async def handle(request: Request[GetCancellationParams], store: Store) -> Result[GetCancellationAnswer]:
    """Returns how far a cancellation has come.

    Raises:
        ApiError: the account has no such cancellation.
    """
    request.refuse()
    text = request.params.cancel_id
    found = None
    if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID:
        found = await store.cancellations.find(int(text))
    if found is None or found.filter.account_id != request.caller.account_id:
        raise from_faults([not_owned("CancelId", text, "a cancellation")])
    return Result(GetCancellationAnswer(data=_row(found)))


def _row(cancellation: Cancellation) -> CancellationRow:
    return CancellationRow(
        state=cancellation.state,
        cancelled_count=cancellation.cancelled,
        with_provider_count=cancellation.with_provider,
    )


ENDPOINT = Endpoint(OPERATION, handle)
