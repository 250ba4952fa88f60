"""GetViberPauseTimes: lists the periods for which a space's Viber sender is suspended."""

from datetime import UTC, datetime
from typing import Annotated

from waypost.api.description import Operation, Params
from waypost.api.members import Answer, SuccessAnswer, member
from waypost.api.operations.endpoint import Endpoint, Request, Result
from waypost.api.operations.ownership import OWNER_PARAMETERS, space_faults
from waypost.api.operations.senders.parameters import CustSpaceId
from waypost.api.operations.senders.requests import service_of_space
from waypost.model.identifiers import NO_SPACE
from waypost.model.senders.viber_senders import NORMAL, ViberService


class GetViberPauseTimesParams(Params, frozen=True):
    """The space of the sender."""

    cust_space_id: CustSpaceId = NO_SPACE


class PauseRow(Answer, frozen=True):
    """A period for which the sender is suspended."""

    suspension_date: Annotated[str, member("From then on, GMT.", "2027-02-01 00:00:00")]
    recovery_date: Annotated[str, member("Until then, GMT; empty for no end.")]


class SenderPauses(Answer, frozen=True):
    """The sender, and the periods for which it is suspended."""

    service_id: Annotated[str, member("The sender; empty for none.", "25644")] = ""
    state: Annotated[str, member("normal or stop.", "normal")] = NORMAL
    pause_times: Annotated[list[PauseRow], member("Oldest first.")] = []


class GetViberPauseTimesAnswer(SuccessAnswer, frozen=True, kw_only=True):
    """The answer with the periods."""

    data: Annotated[SenderPauses, member("The times.")]


OPERATION = Operation(
    "GetViberPauseTimes",
    "Shows when the space's sender was, is or will be suspended.",
    GetViberPauseTimesParams,
    GetViberPauseTimesAnswer,
    ignored=OWNER_PARAMETERS,
)


def handle(request: Request[GetViberPauseTimesParams]) -> Result[GetViberPauseTimesAnswer]:
    """Returns the periods for which the sender is suspended.

    Raises:
        ApiError: a parameter is invalid.
    """
    space_id = request.params.cust_space_id
    request.refuse(space_faults(request, space_id))
    service = service_of_space(request, space_id)
    pauses = SenderPauses() if service is None else _sender_pauses(service, request.now)
    return Result(GetViberPauseTimesAnswer(data=pauses))


def _sender_pauses(service: ViberService, now: int) -> SenderPauses:
    times = [
        PauseRow(suspension_date=_gmt(pause.start), recovery_date=_gmt(pause.end)) for pause in service.pauses
    ]
    return SenderPauses(service_id=service.id, state=service.state(now), pause_times=times)


def _gmt(at: int | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


ENDPOINT = Endpoint(OPERATION, handle)
